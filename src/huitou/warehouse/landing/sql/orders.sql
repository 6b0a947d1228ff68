-- grain: one row per accepted order document; its page and row are those of its first line
-- inputs: accepted (kind order), store_ids
-- dialect: duckdb
-- owner: warehouse.landing
with
headers as (
    select *
    from accepted
    qualify row_number() over (partition by document_id order by row_no, n) = 1
)
select
    a.document_id as order_id,
    a.order_no,
    case when a.kind_code = 'sale' then a.document_id else a.original_id end as net_order_id,
    case a.kind_code when 'sale' then 0 when 'return' then 1 else 2 end as kind,
    a.record_id,
    s.store_id,
    case a.channel_code when 'store' then 0 else 1 end as channel,
    a.sold_at,
    cast(a.sold_at + interval 8 hours as date) as business_date,
    a.page_no,
    a.row_no
from headers as a
inner join store_ids as s
    on a.store_code = s.store_code

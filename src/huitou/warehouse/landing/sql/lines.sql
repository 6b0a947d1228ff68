-- grain: one row per accepted order line
-- inputs: accepted (kind order), store_ids, product_ids
-- dialect: duckdb
-- owner: warehouse.landing
select
    a.document_id as order_id,
    a.line_no,
    case when a.kind_code = 'sale' then a.document_id else a.original_id end as net_order_id,
    case a.kind_code when 'sale' then 0 when 'return' then 1 else 2 end as kind,
    a.record_id,
    s.store_id,
    case a.channel_code when 'store' then 0 else 1 end as channel,
    a.sold_at,
    cast(a.sold_at + interval 8 hours as date) as business_date,
    p.product_id,
    a.qty_milli,
    a.amount_fen,
    a.discount_fen,
    a.page_no,
    a.row_no
from accepted as a
inner join store_ids as s
    on a.store_code = s.store_code
inner join product_ids as p
    on a.product_code = p.product_code

-- grain: one row per accepted event
-- inputs: accepted (kind event), store_ids, product_ids
-- dialect: duckdb
-- owner: warehouse.landing
select
    a.document_id as event_id,
    a.event_no,
    a.type_code,
    a.record_id,
    a.occurred_at,
    cast(a.occurred_at + interval 8 hours as date) as business_date,
    s.store_id,
    p.product_id,
    a.rating,
    a.page_no,
    a.row_no
from accepted as a
left join store_ids as s
    on a.store_code = s.store_code
left join product_ids as p
    on a.product_code = p.product_code

-- grain: one row per accepted ticket version
-- inputs: accepted (kind ticket), store_ids, product_ids
-- dialect: duckdb
-- owner: warehouse.landing
select
    a.document_id as ticket_id,
    a.ticket_no,
    a.version_at,
    a.record_id,
    a.order_no,
    s.store_id,
    p.product_id,
    a.type_code,
    a.status_code,
    a.opened_at,
    a.page_no,
    a.row_no
from accepted as a
left join store_ids as s
    on a.store_code = s.store_code
left join product_ids as p
    on a.product_code = p.product_code

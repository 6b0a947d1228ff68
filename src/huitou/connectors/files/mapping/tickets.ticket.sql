-- grain: one row per ticket
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
select
    page_no,
    row_no,
    case when coalesce(bad_phone, false) then 'bad_phone' end as refuse_reason,
    case when coalesce(bad_phone, false) then 'phone' end as refuse_column,
    ticket_no,
    updated_at,
    who as customer_source_id,
    order_no,
    store_code,
    product_code,
    coalesce(nullif(trim(type_code), ''), 'other') as type_code,
    coalesce(nullif(trim(status_code), ''), 'open') as status_code,
    opened_at,
    subject,
    body
from named

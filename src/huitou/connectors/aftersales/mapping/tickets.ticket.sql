-- grain: one row per ticket
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.aftersales
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as ticket_no,
    item->>'updated_at' as updated_at,
    item->>'$.contact.id' as customer_source_id,
    item->>'order_no' as order_no,
    item->>'store_code' as store_code,
    item->>'sku' as product_code,
    item->>'category' as type_code,
    item->>'status' as status_code,
    item->>'created_at' as opened_at,
    item->>'subject' as subject,
    item->>'body' as body
from raw

-- grain: one row per enquiry of the feed
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.mall
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as event_no,
    'enquiry' as type_code,
    item->>'customer_id' as customer_source_id,
    item->>'created_at' as occurred_at,
    item->>'store_id' as store_code,
    item->>'sku' as product_code,
    item->>'question' as text
from raw

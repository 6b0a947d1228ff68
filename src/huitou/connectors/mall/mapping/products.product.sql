-- grain: one row per product of the feed
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.mall
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as product_code,
    item->>'updated_at' as updated_at,
    item->>'title' as name,
    nullif(array_to_string(json_extract_string(item, '$.categories[*]'), '/'), '') as category_path,
    item->>'brand' as brand,
    item->>'unit' as unit,
    item->>'list_price' as price
from raw

-- grain: one row per product
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
select
    page_no,
    row_no,
    product_code,
    updated_at,
    name,
    regexp_replace(category_path, ' *[>|、\\] *', '/', 'g') as category_path,
    brand,
    unit,
    price,
    cost
from raw

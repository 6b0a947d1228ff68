-- grain: one row per product of the master file
-- inputs: raw (page_no, row_no, columns of products.csv)
-- owner: connectors.pos
-- dialect: duckdb
select
    page_no,
    row_no,
    sku as product_code,
    replace(updated_at, ' ', 'T') as updated_at,
    name,
    nullif(concat_ws('/', nullif(department, ''), nullif(category, ''), nullif(subcategory, '')), '') as category_path,
    brand,
    unit,
    price,
    cost
from raw

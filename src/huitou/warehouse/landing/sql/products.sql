-- grain: one row per accepted product version
-- inputs: accepted (kind product), product_ids
-- dialect: duckdb
-- owner: warehouse.landing
select
    p.product_id,
    a.product_code,
    a.version_at,
    a.name,
    a.category_path,
    a.brand,
    a.unit,
    a.price_fen,
    a.cost_fen,
    a.page_no,
    a.row_no
from accepted as a
inner join product_ids as p
    on a.product_code = p.product_code

-- grain: one row per accepted store version
-- inputs: accepted (kind store), store_ids
-- dialect: duckdb
-- owner: warehouse.landing
select
    s.store_id,
    a.store_code,
    a.version_at,
    a.name,
    a.region_code,
    a.region_name,
    a.city,
    a.address,
    a.latitude,
    a.longitude,
    a.opened_on,
    a.area_m2,
    a.page_no,
    a.row_no
from accepted as a
inner join store_ids as s
    on a.store_code = s.store_code

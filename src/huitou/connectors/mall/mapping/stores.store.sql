-- grain: one row per store of the feed
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.mall
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as store_code,
    item->>'updated_at' as updated_at,
    item->>'name' as name,
    item->>'$.region.code' as region_code,
    item->>'$.region.name' as region_name,
    item->>'city' as city,
    item->>'address' as address,
    item->>'$.location.lat' as latitude,
    item->>'$.location.lng' as longitude,
    item->>'opened_on' as opened_on,
    item->>'area_m2' as area_m2
from raw

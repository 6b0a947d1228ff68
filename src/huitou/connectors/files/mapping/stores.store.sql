-- grain: one row per store
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
select
    page_no,
    row_no,
    store_code,
    updated_at,
    name,
    coalesce(nullif(trim(region_code), ''), region_name) as region_code,
    region_name,
    city,
    address,
    latitude,
    longitude,
    opened_on,
    area_m2
from raw

-- grain: one row per store of the master file
-- inputs: raw (page_no, row_no, columns of stores.csv)
-- owner: connectors.pos
-- dialect: duckdb
select
    page_no,
    row_no,
    store_code,
    replace(updated_at, ' ', 'T') as updated_at,
    name,
    region_code,
    region_name,
    city,
    address,
    latitude,
    longitude,
    opened_on,
    area_m2
from raw

-- grain: one row per accepted identifier version
-- inputs: accepted (kind identifier)
-- dialect: duckdb
-- owner: warehouse.landing
select
    record_id,
    kind_code,
    value,
    version_at,
    valid_from,
    valid_to,
    verified,
    page_no,
    row_no
from accepted

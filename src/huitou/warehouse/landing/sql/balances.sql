-- grain: one row per accepted balance version
-- inputs: accepted (kind balance)
-- dialect: duckdb
-- owner: warehouse.landing
select
    record_id,
    version_at,
    balance_points,
    page_no,
    row_no
from accepted

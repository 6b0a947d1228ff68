-- grain: one row per row that may land
-- inputs: typed
-- dialect: duckdb
-- owner: warehouse.landing
select
    n,
    n as instance
from typed
where problem_code is null and skip_reason is null

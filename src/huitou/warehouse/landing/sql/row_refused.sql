-- grain: one row per refused row of a kind whose rows are documents of their own
-- inputs: typed
-- dialect: duckdb
-- owner: warehouse.landing
select
    n,
    problem_code as reason_code,
    problem_column as column_name
from typed
where problem_code is not null

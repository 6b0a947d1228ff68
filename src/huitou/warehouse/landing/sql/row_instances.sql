-- grain: one row per row that may land, as a candidate
-- inputs: typed
-- dialect: duckdb
-- owner: warehouse.landing
select
    n as instance,
    page_no,
    row_no,
    document_key,
    version_at,
    md5(content) as digest
from typed
where problem_code is null and skip_reason is null

-- grain: one row per accepted entry of a points ledger
-- inputs: accepted (kind points)
-- dialect: duckdb
-- owner: warehouse.landing
select
    document_id as entry_id,
    entry_no,
    record_id,
    occurred_at,
    cast(occurred_at + interval 8 hours as date) as business_date,
    delta_points,
    reason_code,
    page_no,
    row_no
from accepted

-- grain: one row per entry of the points ledger
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.membership
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'entry_id' as entry_no,
    item->>'member_no' as customer_source_id,
    replace(item->>'occurred_at', ' ', 'T') as occurred_at,
    item->>'delta' as delta_points,
    item->>'reason' as reason_code
from raw

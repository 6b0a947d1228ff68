-- grain: one row per status event
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.aftersales
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'ticket_id' as ticket_no,
    item->>'id' as event_no,
    item->>'status' as status_code,
    item->>'occurred_at' as occurred_at
from raw

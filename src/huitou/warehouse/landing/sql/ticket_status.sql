-- grain: one row per accepted status event of a ticket
-- inputs: accepted (kind ticket_status)
-- dialect: duckdb
-- owner: warehouse.landing
select
    ticket_id,
    event_no,
    status_code,
    occurred_at,
    page_no,
    row_no
from accepted

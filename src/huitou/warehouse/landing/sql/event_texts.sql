-- grain: one row per accepted event with a text
-- inputs: accepted (kind event)
-- dialect: duckdb
-- owner: warehouse.landing
select
    'event' as subject_kind,
    document_id as subject_id,
    'text' as field,
    text,
    page_no,
    row_no
from accepted
where text is not null

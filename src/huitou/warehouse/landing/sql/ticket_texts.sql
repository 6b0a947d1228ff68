-- grain: one row per filled text of an accepted ticket version
-- inputs: accepted (kind ticket)
-- dialect: duckdb
-- owner: warehouse.landing
select
    'ticket' as subject_kind,
    document_id as subject_id,
    'subject' as field,
    subject as text,
    page_no,
    row_no
from accepted
where subject is not null
union all
select
    'ticket' as subject_kind,
    document_id as subject_id,
    'body' as field,
    body as text,
    page_no,
    row_no
from accepted
where body is not null

-- grain: one row per customer that the page names by card or phone, and moment
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
select
    page_no,
    row_no,
    who as source_id,
    occurred_at as updated_at,
    name,
    member_card,
    phone
from named
where nullif(trim(source_id), '') is null and who is not null and not coalesce(bad_phone, false)
qualify row_number() over (partition by who, occurred_at order by phone_digits desc nulls last, page_no, row_no) = 1

-- grain: one row per customer that the page names by card or phone; so old that any other word on the customer is newer
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
select
    page_no,
    row_no,
    who as source_id,
    '2000-01-02 00:00:00' as updated_at,
    member_card,
    phone
from named
where nullif(trim(source_id), '') is null and who is not null and not coalesce(bad_phone, false)
qualify row_number() over (partition by who order by phone_digits is null, sold_at desc, page_no desc, row_no desc) = 1

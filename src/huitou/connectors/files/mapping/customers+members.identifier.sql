-- grain: one row per referrer whom the page names by phone or card, so that the referrer is found by it
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: referrals
select
    page_no,
    row_no,
    by_who as customer_source_id,
    by_kind as kind_code,
    by_value as value,
    '2000-01-02 00:00:00' as updated_at
from referrals
where by_kind is not null
qualify row_number() over (partition by by_who order by page_no, row_no) = 1

-- grain: two rows per line that names a referrer: one of whoever was referred, one of whoever referred them
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: referrals
with
halves as (
    select
        *,
        unnest([
        {'type_code': 'rel:referred', 'who': who, 'mark': ''},
        {'type_code': 'rel:referrer', 'who': by_who, 'mark': ':by'}
        ]) as half
    from referrals
)
select
    page_no,
    row_no,
    md5(concat_ws('|', pair_no, registered_at)) || half.mark as event_no,
    half.type_code as type_code,
    half.who as customer_source_id,
    coalesce(registered_at, '2000-01-02 00:00:00') as occurred_at,
    pair_no as text
from halves
qualify row_number() over (partition by event_no order by page_no, row_no) = 1

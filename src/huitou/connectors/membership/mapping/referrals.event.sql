-- grain: two rows per referral: one of whoever was referred, one of whoever referred them
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.membership
-- dialect: duckdb
with
halves as (
    select
        *,
        unnest([
        {'type_code': 'rel:referred', 'who': item->>'member_no', 'mark': ''},
        {'type_code': 'rel:referrer', 'who': item->>'referrer_no', 'mark': ':by'}
        ]) as half
    from raw
)
select
    page_no,
    row_no,
    (item->>'referral_no') || half.mark as event_no,
    half.type_code as type_code,
    half.who as customer_source_id,
    replace(item->>'referred_at', ' ', 'T') as occurred_at,
    item->>'referral_no' as text
from halves

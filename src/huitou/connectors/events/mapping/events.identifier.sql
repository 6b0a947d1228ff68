-- grain: one row per referrer whom an event names by card, openid or phone, so that the referrer is found by it
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
with
named as (
    select
        page_no,
        row_no,
        unnest([
            {'kind': 'card', 'value': nullif(trim(item->>'$.referrer.card'), '')},
            {'kind': 'openid', 'value': nullif(trim(item->>'$.referrer.openid'), '')},
            {'kind': 'phone', 'value': nullif(trim(item->>'$.referrer.phone'), '')}
        ]) as said
    from raw
    where (item->>'type') = 'referral' and nullif(trim(item->>'$.referrer.id'), '') is null
)
select
    page_no,
    row_no,
    said.kind || ':' || said.value as customer_source_id,
    said.kind as kind_code,
    said.value as value,
    '2000-01-02 00:00:00' as updated_at
from named
where said.value is not null
qualify row_number() over (partition by said.kind, said.value order by page_no, row_no) = 1

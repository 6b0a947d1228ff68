-- grain: one row per step of a member into a group, and one per step out of it
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.membership
-- dialect: duckdb
with
steps as (
    select
        *,
        unnest(
            list_filter([
                {'type_code': 'rel:group_join', 'at': item->>'joined_at', 'mark': ''},
                {'type_code': 'rel:group_leave', 'at': item->>'left_at', 'mark': ':out'}
            ], lambda step: step.type_code = 'rel:group_join' or step.at is not null)
        ) as step
    from raw
)
select
    page_no,
    row_no,
    (item->>'entry_no') || step.mark as event_no,
    step.type_code as type_code,
    item->>'member_no' as customer_source_id,
    replace(step.at, ' ', 'T') as occurred_at,
    item->>'store_code' as store_code,
    concat(
        replace(item->>'group_code', '|', ' '), '|', replace(coalesce(item->>'group_name', ''), '|', ' '), '|',
        replace(coalesce(item->>'guide', ''), '|', ' ')
    ) as text
from steps

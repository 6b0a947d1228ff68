-- grain: one row per step of a customer into a group, and one per step out of it
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
with
steps as (
    select
        *,
        unnest(
            list_filter([
                {'type_code': 'rel:group_join', 'at': occurred_at},
                {'type_code': 'rel:group_leave', 'at': nullif(trim(left_at), '')}
            ], lambda step: step.type_code = 'rel:group_join' or step.at is not null)
        ) as step
    from named
)
select
    page_no,
    row_no,
    case
        when who is null then 'no_key'
        when coalesce(bad_phone, false) then 'bad_phone'
        when nullif(trim(group_code), '') is null then 'missing'
    end as refuse_reason,
    case
        when who is null then 'source_id, member_card, phone'
        when coalesce(bad_phone, false) then 'phone'
        when nullif(trim(group_code), '') is null then 'group_code'
    end as refuse_column,
    md5(concat_ws('|', who, group_code, step.type_code, step.at)) as event_no,
    step.type_code as type_code,
    who as customer_source_id,
    step.at as occurred_at,
    store_code,
    concat(
        replace(trim(group_code), '|', ' '), '|', replace(coalesce(group_name, ''), '|', ' '), '|',
        replace(coalesce(guide, ''), '|', ' ')
    ) as text
from steps

-- grain: one row per filled attribute of a line: an observation; a line without any stands alone, to be refused or counted
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
with
filled_slots as (
    select
        *,
        list_filter(
            [
            {'code': trim(code_1), 'value': trim(value_1)},
            {'code': trim(code_2), 'value': trim(value_2)},
            {'code': trim(code_3), 'value': trim(value_3)},
            {'code': trim(code_4), 'value': trim(value_4)},
            {'code': trim(code_5), 'value': trim(value_5)},
            {'code': trim(code_6), 'value': trim(value_6)},
            {'code': trim(code_7), 'value': trim(value_7)},
            {'code': trim(code_8), 'value': trim(value_8)},
            {'code': trim(code_9), 'value': trim(value_9)},
            {'code': trim(code_10), 'value': trim(value_10)},
            {'code': trim(code_11), 'value': trim(value_11)},
            {'code': trim(code_12), 'value': trim(value_12)}
            ],
            lambda slot: slot.code <> '' and slot.value <> ''
        ) as slots
    from named
),
slotted as (
    select
        * exclude (slots),
        unnest(slots) as slot
    from filled_slots
)
select
    page_no,
    row_no,
    case when who is null then 'no_key' when coalesce(bad_phone, false) then 'bad_phone' end as refuse_reason,
    case
        when who is null then 'source_id, member_card, phone'
        when coalesce(bad_phone, false) then 'phone'
    end as refuse_column,
    md5(concat_ws('|', who, slot.code, occurred_at, slot.value)) as event_no,
    'attr:' || slot.code as type_code,
    who as customer_source_id,
    occurred_at,
    slot.value as text
from slotted

-- grain: one row per message sent, and one per answer to it
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.mall
-- dialect: duckdb
with
moments as (
    select
        *,
        'touch' as kind,
        item->>'sent_at' as moment
    from raw
    union all
    select
        *,
        'response' as kind,
        item->>'answered_at' as moment
    from raw
    where item->>'answered_at' is not null
)
select
    page_no,
    row_no,
    case when (item->>'channel') not in ('sms', 'phone', 'wecom', 'email') then 'unknown_code' end as refuse_reason,
    case when (item->>'channel') not in ('sms', 'phone', 'wecom', 'email') then 'channel' end as refuse_column,
    case when kind = 'response' then 'response:' || (item->>'id') else item->>'id' end as event_no,
    kind || ':' || (item->>'channel') as type_code,
    item->>'customer_id' as customer_source_id,
    moment as occurred_at
from moments

-- grain: one row per event of a customer besides trade and tickets; two per referral, one of each of the two customers
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
with
sided as (
    select
        *,
        item->>'type' as type,
        (item->>'type') in ('touch', 'response') as is_contact,
        unnest(
            case
                when (item->>'type') = 'referral'
                    then [
                        {'side': 'rel:referred', 'who': item->'customer', 'mark': ''},
                        {'side': 'rel:referrer', 'who': item->'referrer', 'mark': ':by'}
                    ]
                else [{'side': null, 'who': item->'customer', 'mark': ''}]
            end
        ) as half
    from raw
    where (item->>'type') not in ('customer', 'order', 'line', 'refund', 'ticket')
)
select
    page_no,
    row_no,
    case when is_contact and (item->>'channel') not in ('sms', 'phone', 'wecom', 'email') then 'unknown_code' end as refuse_reason,
    case when is_contact and (item->>'channel') not in ('sms', 'phone', 'wecom', 'email') then 'channel' end as refuse_column,
    case when type = 'response' then 'response:' else '' end || (item->>'id') || half.mark as event_no,
    case
        when type = 'referral' then half.side
        when type in ('group_join', 'group_leave') then 'rel:' || type
        when type = 'attribute' then 'attr:' || (item->>'attribute')
        when is_contact then type || ':' || (item->>'channel')
        else type
    end as type_code,
    coalesce(
        nullif(trim(half.who->>'id'), ''), 'card:' || nullif(trim(half.who->>'card'), ''),
        'openid:' || nullif(trim(half.who->>'openid'), ''), 'phone:' || nullif(trim(half.who->>'phone'), '')
    ) as customer_source_id,
    item->>'occurred_at' as occurred_at,
    item->>'store' as store_code,
    item->>'product' as product_code,
    item->>'rating' as rating,
    case
        when type = 'referral' then item->>'id'
        when type in ('group_join', 'group_leave')
            then concat(item->>'group', '|', replace(coalesce(item->>'group_name', ''), '|', ' '), '|',
                replace(coalesce(item->>'guide', ''), '|', ' '))
        else coalesce(item->>'value', item->>'text')
    end as text
from sided

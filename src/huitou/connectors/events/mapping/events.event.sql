-- grain: one row per behaviour, review or community event, custom event, or observation of an attribute
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as event_no,
    case when (item->>'type') = 'attribute' then 'attr:' || (item->>'attribute') else item->>'type' end as type_code,
    coalesce(
        nullif(trim(item->>'$.customer.id'), ''), 'card:' || nullif(trim(item->>'$.customer.card'), ''),
        'openid:' || nullif(trim(item->>'$.customer.openid'), ''), 'phone:' || nullif(trim(item->>'$.customer.phone'), '')
    ) as customer_source_id,
    item->>'occurred_at' as occurred_at,
    item->>'store' as store_code,
    item->>'product' as product_code,
    item->>'rating' as rating,
    coalesce(item->>'value', item->>'text') as text
from raw
where (item->>'type') not in ('customer', 'order', 'line', 'refund', 'ticket')

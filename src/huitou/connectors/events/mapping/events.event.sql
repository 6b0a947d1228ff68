-- grain: one row per behaviour, review or community event
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as event_no,
    item->>'type' as type_code,
    coalesce(
        nullif(trim(item->>'$.customer.id'), ''), 'card:' || nullif(trim(item->>'$.customer.card'), ''),
        'openid:' || nullif(trim(item->>'$.customer.openid'), ''), 'phone:' || nullif(trim(item->>'$.customer.phone'), '')
    ) as customer_source_id,
    item->>'occurred_at' as occurred_at,
    item->>'store' as store_code,
    item->>'product' as product_code,
    item->>'rating' as rating,
    item->>'text' as text
from raw
where (item->>'type') in ('view', 'search', 'add_to_cart', 'pay', 'review', 'community')

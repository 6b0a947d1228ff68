-- grain: one row per version of a ticket
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as ticket_no,
    coalesce(item->>'version', item->>'occurred_at') as updated_at,
    coalesce(
        nullif(trim(item->>'$.customer.id'), ''), 'card:' || nullif(trim(item->>'$.customer.card'), ''),
        'openid:' || nullif(trim(item->>'$.customer.openid'), ''), 'phone:' || nullif(trim(item->>'$.customer.phone'), '')
    ) as customer_source_id,
    item->>'order' as order_no,
    item->>'store' as store_code,
    item->>'product' as product_code,
    coalesce(item->>'category', 'other') as type_code,
    coalesce(item->>'status', 'open') as status_code,
    item->>'occurred_at' as opened_at,
    item->>'subject' as subject,
    item->>'text' as body
from raw
where (item->>'type') = 'ticket'

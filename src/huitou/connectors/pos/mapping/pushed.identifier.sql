-- grain: one row per pushed receipt with a card and a phone
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.pos
-- dialect: duckdb
with
typed as (
    select
        page_no,
        row_no,
        replace(item->>'sold_at', ' ', 'T') as sold_at,
        nullif(trim(item->>'member_card'), '') as member_card,
        nullif(trim(item->>'phone'), '') as phone
    from raw
)
select
    page_no,
    row_no,
    'card:' || member_card as customer_source_id,
    'phone' as kind_code,
    phone as value,
    sold_at as updated_at
from typed
where member_card is not null and phone is not null

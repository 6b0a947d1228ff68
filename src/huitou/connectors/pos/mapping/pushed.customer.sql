-- grain: one row per pushed receipt with a card or a phone
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
    coalesce('card:' || member_card, 'phone:' || phone) as source_id,
    sold_at as updated_at,
    member_card,
    phone
from typed
where member_card is not null or phone is not null

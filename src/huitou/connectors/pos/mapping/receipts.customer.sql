-- grain: one row per customer (card, else phone) and moment of sale
-- inputs: raw (page_no, row_no, columns of receipts-YYYY-MM-DD.csv)
-- owner: connectors.pos
-- dialect: duckdb
with
typed as (
    select
        page_no,
        row_no,
        replace(sold_at, ' ', 'T') as sold_at,
        nullif(trim(member_card), '') as member_card,
        nullif(trim(phone), '') as phone,
        coalesce('card:' || nullif(trim(member_card), ''), 'phone:' || nullif(trim(phone), '')) as source_id
    from raw
)
select
    page_no,
    row_no,
    source_id,
    sold_at as updated_at,
    member_card,
    phone
from typed
where source_id is not null
qualify row_number() over (partition by source_id, sold_at order by phone desc nulls last, page_no, row_no) = 1

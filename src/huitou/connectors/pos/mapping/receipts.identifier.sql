-- grain: one row per card, phone typed beside it and moment of sale
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
        nullif(trim(phone), '') as phone
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
qualify row_number() over (partition by member_card, phone, sold_at order by page_no, row_no) = 1

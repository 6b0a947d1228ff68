-- grain: one row per receipt line
-- inputs: raw (page_no, row_no, columns of receipts-YYYY-MM-DD.csv)
-- owner: connectors.pos
-- dialect: duckdb
select
    page_no,
    row_no,
    receipt_no as order_no,
    case kind when 'S' then 'sale' when 'R' then 'return' when 'V' then 'void' else kind end as kind_code,
    nullif(original_receipt_no, '') as original_order_no,
    coalesce('card:' || nullif(trim(member_card), ''), 'phone:' || nullif(trim(phone), '')) as customer_source_id,
    store_code,
    'store' as channel_code,
    replace(sold_at, ' ', 'T') as sold_at,
    line_no,
    sku as product_code,
    qty,
    amount,
    nullif(discount, '') as discount
from raw

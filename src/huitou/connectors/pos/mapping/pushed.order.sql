-- grain: one row per line of a pushed receipt; a receipt without lines gives one row, so that it is refused with a reason
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.pos
-- dialect: duckdb
with
lines as (
    select
        page_no,
        row_no,
        item,
        item->>'kind' as kind,
        nullif(trim(item->>'member_card'), '') as member_card,
        nullif(trim(item->>'phone'), '') as phone,
        unnest(coalesce(nullif(json_extract(item, '$.lines[*]'), []), [null])) as line
    from raw
)
select
    page_no,
    row_no,
    item->>'receipt_no' as order_no,
    case kind when 'S' then 'sale' when 'R' then 'return' when 'V' then 'void' else kind end as kind_code,
    nullif(item->>'original_receipt_no', '') as original_order_no,
    coalesce('card:' || member_card, 'phone:' || phone) as customer_source_id,
    item->>'store_code' as store_code,
    'store' as channel_code,
    replace(item->>'sold_at', ' ', 'T') as sold_at,
    line->>'line_no' as line_no,
    line->>'sku' as product_code,
    line->>'qty' as qty,
    line->>'amount' as amount,
    nullif(line->>'discount', '') as discount
from lines

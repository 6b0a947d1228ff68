-- grain: one row per line of a paid order and per line of each refund; one row with skip_reason per order never paid
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.mall
-- dialect: duckdb
-- A paid order or a refund without lines still gives one row, so that it is refused with a reason and not lost.
with
orders as (
    select
        page_no,
        row_no,
        item,
        item->>'id' as order_no,
        item->>'customer_id' as customer_source_id,
        item->>'store_id' as store_code,
        item->>'$.payment.paid_at' as paid_at,
        item->>'status' as status
    from raw
),
sale_lines as (
    select
        *,
        unnest(coalesce(nullif(json_extract(item, '$.items[*]'), []), [null])) as line
    from orders
    where paid_at is not null
),
refunds as (
    select
        *,
        unnest(json_extract(item, '$.refunds[*]')) as refund
    from orders
    where paid_at is not null
),
refund_lines as (
    select
        *,
        unnest(coalesce(nullif(json_extract(refund, '$.lines[*]'), []), [null])) as line
    from refunds
)
select
    page_no,
    row_no,
    null as skip_reason,
    order_no,
    'sale' as kind_code,
    null as original_order_no,
    customer_source_id,
    store_code,
    'online' as channel_code,
    paid_at as sold_at,
    line->>'line_no' as line_no,
    line->>'sku' as product_code,
    line->>'qty' as qty,
    line->>'amount' as amount,
    line->>'discount' as discount
from sale_lines
union all
select
    page_no,
    row_no,
    null as skip_reason,
    refund->>'id' as order_no,
    'return' as kind_code,
    order_no as original_order_no,
    customer_source_id,
    store_code,
    'online' as channel_code,
    refund->>'refunded_at' as sold_at,
    line->>'line_no' as line_no,
    line->>'sku' as product_code,
    '-' || (line->>'qty') as qty,
    '-' || (line->>'amount') as amount,
    '-' || (line->>'discount') as discount
from refund_lines
union all
select
    page_no,
    row_no,
    case when status = 'cancelled' then 'cancelled_unpaid' else 'unpaid' end as skip_reason,
    order_no,
    null as kind_code,
    null as original_order_no,
    null as customer_source_id,
    null as store_code,
    null as channel_code,
    null as sold_at,
    null as line_no,
    null as product_code,
    null as qty,
    null as amount,
    null as discount
from orders
where paid_at is null

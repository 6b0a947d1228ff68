-- grain: one row per line of an order or refund; an order without lines gives one row, so that it is refused with a reason
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
with
documents as (
    select
        page_no,
        row_no,
        item,
        item->>'type' as type,
        coalesce(
            nullif(trim(item->>'$.customer.id'), ''), 'card:' || nullif(trim(item->>'$.customer.card'), ''),
            'openid:' || nullif(trim(item->>'$.customer.openid'), ''), 'phone:' || nullif(trim(item->>'$.customer.phone'), '')
        ) as who,
        case
            when (item->>'type') = 'line' then [item]
            else coalesce(nullif(json_extract(item, '$.lines[*]'), []), [null])
        end as lines
    from raw
    where (item->>'type') in ('order', 'refund', 'line')
),
split as (
    select
        * exclude (lines),
        unnest(lines) as line,
        generate_subscripts(lines, 1) as place
    from documents
)
select
    page_no,
    row_no,
    case when type = 'line' then item->>'order' else item->>'id' end as order_no,
    case when type = 'refund' then 'return' else 'sale' end as kind_code,
    case when type = 'refund' then item->>'original' end as original_order_no,
    who as customer_source_id,
    item->>'store' as store_code,
    coalesce(item->>'channel', 'online') as channel_code,
    item->>'occurred_at' as sold_at,
    coalesce(line->>'line_no', case when type <> 'line' then cast(place as varchar) end) as line_no,
    line->>'product' as product_code,
    case
        when type = 'refund' and not starts_with(line->>'qty', '-') then '-' || (line->>'qty')
        else line->>'qty'
    end as qty,
    case
        when type = 'refund' and not starts_with(line->>'amount', '-') then '-' || (line->>'amount')
        else line->>'amount'
    end as amount,
    line->>'discount' as discount
from split

-- grain: net order of a known record x category
-- inputs: category_part
-- owner: warehouse
-- The packed group key halves the grouping time; category ids stay below a million.
select
    min(record_id) as record_id,
    (order_and_category // 1000000)::bigint as net_order_id,
    (order_and_category % 1000000)::integer as category_id,
    min(d) as d,
    sum(net_fen)::bigint as net_fen,
    sum(items_milli)::bigint as items_milli
from (
    select
        net_order_id * 1000000 + category_id as order_and_category,
        record_id,
        d,
        net_fen,
        items_milli
    from category_part
) as packed
group by order_and_category

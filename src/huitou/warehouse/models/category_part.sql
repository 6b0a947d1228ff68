-- grain: source line of a known record, as its share of an order and category
-- inputs: line_slice, product_category
-- owner: warehouse
select
    l.record_id,
    l.net_order_id,
    coalesce(p.category_id, 0) as category_id,
    l.d,
    l.amount_fen as net_fen,
    l.qty_milli as items_milli
from line_slice as l
left join product_category as p on l.product_id = p.product_id
where l.record_id is not null

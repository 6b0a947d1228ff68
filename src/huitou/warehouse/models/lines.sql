-- grain: source line (order, line number)
-- inputs: landed_line, header
-- owner: warehouse
-- A sale line speaks for itself; a return or void line takes record and day from the order it nets.
select
    record_id,
    net_order_id,
    order_id,
    line_no,
    kind,
    business_date as d,
    sold_at,
    store_id,
    channel,
    product_id,
    qty_milli,
    amount_fen,
    discount_fen,
    batch_id
from landed_line
where kind = 0
union all
select
    h.record_id,
    l.net_order_id,
    l.order_id,
    l.line_no,
    l.kind,
    h.d,
    l.sold_at,
    l.store_id,
    l.channel,
    l.product_id,
    l.qty_milli,
    l.amount_fen,
    l.discount_fen,
    l.batch_id
from landed_line as l
inner join header as h on l.net_order_id = h.net_order_id
where l.kind <> 0

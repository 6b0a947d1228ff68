-- grain: store of sale x channel x business date of the sale
-- inputs: store_part
-- owner: warehouse
select
    store_id,
    channel,
    d,
    sum(gross_fen)::bigint as gross_fen,
    sum(refund_fen)::bigint as refund_fen,
    sum(net_fen)::bigint as net_fen,
    sum(discount_fen)::bigint as discount_fen,
    sum(items_milli)::bigint as items_milli,
    sum(orders)::bigint as orders,
    sum(identified_net_fen)::bigint as identified_net_fen,
    sum(identified_orders)::bigint as identified_orders,
    sum(order_rows)::bigint as order_rows
from store_part
group by store_id, channel, d
having sum(order_rows) > 0

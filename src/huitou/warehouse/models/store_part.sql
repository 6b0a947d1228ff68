-- grain: net order, as its share of a store day
-- inputs: day_order, map
-- owner: warehouse
-- Identified: the order's record belongs to a person.
select
    o.store_id,
    o.channel,
    o.d,
    o.gross_fen,
    o.refund_fen,
    o.net_fen,
    o.discount_fen,
    o.items_milli,
    case when o.net_fen > 0 then 1 else 0 end as orders,
    case when m.person_id is not null then o.net_fen else 0 end as identified_net_fen,
    case when m.person_id is not null and o.net_fen > 0 then 1 else 0 end as identified_orders,
    1 as order_rows
from day_order as o
left join map as m on o.record_id = m.record_id

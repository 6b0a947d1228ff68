-- grain: net order of a person
-- inputs: orders, map
-- owner: warehouse
select
    m.person_id,
    o.d,
    o.store_id,
    o.channel,
    o.gross_fen,
    o.refund_fen,
    o.net_fen,
    o.discount_fen,
    o.items_milli,
    o.lines_count,
    o.discounted_lines,
    o.return_lines
from orders as o
inner join map as m on o.record_id = m.record_id

-- grain: category x business date of the sale
-- inputs: category_day_part
-- owner: warehouse
select
    category_id,
    d,
    sum(qty_milli)::bigint as qty_milli,
    sum(gross_fen)::bigint as gross_fen,
    (sum(gross_fen) - sum(net_fen))::bigint as refund_fen,
    sum(net_fen)::bigint as net_fen,
    sum(anonymous_net_fen)::bigint as anonymous_net_fen,
    sum(line_rows)::bigint as line_rows,
    sum(member_orders)::bigint as member_orders
from category_day_part
group by category_id, d
having sum(line_rows) > 0

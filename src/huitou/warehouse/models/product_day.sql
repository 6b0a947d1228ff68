-- grain: product x business date of the sale
-- inputs: product_part
-- owner: warehouse
select
    product_id,
    d,
    sum(qty_milli)::bigint as qty_milli,
    sum(gross_fen)::bigint as gross_fen,
    (sum(gross_fen) - sum(net_fen))::bigint as refund_fen,
    sum(net_fen)::bigint as net_fen,
    sum(anonymous_net_fen)::bigint as anonymous_net_fen,
    sum(line_rows)::bigint as line_rows
from product_part
group by product_id, d
having sum(line_rows) > 0

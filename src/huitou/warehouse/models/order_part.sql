-- grain: source line, as its share of an order
-- inputs: line_slice
-- owner: warehouse
select
    net_order_id,
    case when kind = 0 then amount_fen else 0 end as gross_fen,
    case when kind = 0 then 0 else -amount_fen end as refund_fen,
    case when kind = 0 then discount_fen else 0 end as discount_fen,
    qty_milli as items_milli,
    case when kind = 0 then 1 else 0 end as lines_count,
    case when kind = 0 and discount_fen > 0 then 1 else 0 end as discounted_lines,
    case when kind = 1 then 1 else 0 end as return_lines,
    case when kind = 2 then 1 else 0 end as void_lines
from line_slice

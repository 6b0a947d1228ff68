-- grain: product day or order x category, as its share of a category day
-- inputs: product_day, product_category, order_category
-- owner: warehouse
select
    coalesce(c.category_id, 0) as category_id,
    p.d,
    p.qty_milli,
    p.gross_fen,
    p.net_fen,
    p.anonymous_net_fen,
    p.line_rows,
    0 as member_orders
from product_day as p
left join product_category as c on p.product_id = c.product_id
union all
select
    category_id,
    d,
    0 as qty_milli,
    0 as gross_fen,
    0 as net_fen,
    0 as anonymous_net_fen,
    0 as line_rows,
    case when net_fen > 0 then 1 else 0 end as member_orders
from order_category

-- grain: net order: a sale with its returns and voids netted in
-- inputs: order_part, header
-- owner: warehouse
select
    h.record_id,
    h.net_order_id,
    h.header_order_id,
    h.has_sale,
    h.order_no,
    h.d,
    h.sold_at,
    h.store_id,
    h.channel,
    p.gross_fen,
    p.refund_fen,
    p.gross_fen - p.refund_fen as net_fen,
    p.discount_fen,
    p.items_milli,
    p.lines_count,
    p.discounted_lines,
    p.return_lines,
    p.void_lines
from (
    select
        net_order_id,
        sum(gross_fen)::bigint as gross_fen,
        sum(refund_fen)::bigint as refund_fen,
        sum(discount_fen)::bigint as discount_fen,
        sum(items_milli)::bigint as items_milli,
        sum(lines_count)::bigint as lines_count,
        sum(discounted_lines)::bigint as discounted_lines,
        sum(return_lines)::bigint as return_lines,
        sum(void_lines)::bigint as void_lines
    from order_part
    group by net_order_id
) as p
inner join header as h on p.net_order_id = h.net_order_id

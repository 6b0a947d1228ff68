-- grain: person with at least one order
-- inputs: person_order
-- owner: warehouse
-- A purchase is an order with something left after returns. Windows end with $as_of, included.
select
    person_id,
    min(d) filter (where net_fen > 0) as first_date,
    max(d) filter (where net_fen > 0) as last_date,
    count(*) filter (where net_fen > 0)::bigint as orders_count,
    sum(net_fen)::bigint as net_fen,
    sum(gross_fen)::bigint as gross_fen,
    sum(refund_fen)::bigint as refund_fen,
    sum(discount_fen)::bigint as discount_fen,
    sum(items_milli)::bigint as items_milli,
    count(*) filter (where net_fen > 0 and d > $as_of - 30 and d <= $as_of)::bigint as orders_30d,
    count(*) filter (where net_fen > 0 and d > $as_of - 90 and d <= $as_of)::bigint as orders_90d,
    count(*) filter (where net_fen > 0 and d > $as_of - 365 and d <= $as_of)::bigint as orders_365d,
    coalesce(sum(net_fen) filter (where d > $as_of - 30 and d <= $as_of), 0)::bigint as net_30d_fen,
    coalesce(sum(net_fen) filter (where d > $as_of - 90 and d <= $as_of), 0)::bigint as net_90d_fen,
    coalesce(sum(net_fen) filter (where d > $as_of - 365 and d <= $as_of), 0)::bigint as net_365d_fen,
    count(*) filter (where net_fen > 0 and channel = 1)::bigint as online_orders,
    count(*) filter (where net_fen > 0 and channel = 0)::bigint as store_orders,
    sum(lines_count)::bigint as lines_count,
    sum(discounted_lines)::bigint as discounted_lines,
    count(*) filter (where return_lines > 0)::bigint as return_orders,
    coalesce(max(net_fen) filter (where net_fen > 0), 0)::bigint as max_order_fen
from person_order
group by person_id

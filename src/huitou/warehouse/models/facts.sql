-- grain: person with at least one record
-- inputs: map, facts_orders, facts_days, facts_stores, facts_categories, facts_points, score_cut
-- owner: warehouse
select
    p.person_id,
    o.first_date,
    o.last_date,
    coalesce(o.orders_count, 0)::bigint as orders_count,
    coalesce(y.order_days, 0)::bigint as order_days,
    coalesce(o.net_fen, 0)::bigint as net_fen,
    coalesce(o.gross_fen, 0)::bigint as gross_fen,
    coalesce(o.refund_fen, 0)::bigint as refund_fen,
    coalesce(o.discount_fen, 0)::bigint as discount_fen,
    coalesce(o.items_milli, 0)::bigint as items_milli,
    coalesce(o.orders_30d, 0)::bigint as orders_30d,
    coalesce(o.orders_90d, 0)::bigint as orders_90d,
    coalesce(o.orders_365d, 0)::bigint as orders_365d,
    coalesce(o.net_30d_fen, 0)::bigint as net_30d_fen,
    coalesce(o.net_90d_fen, 0)::bigint as net_90d_fen,
    coalesce(o.net_365d_fen, 0)::bigint as net_365d_fen,
    coalesce(o.online_orders, 0)::bigint as online_orders,
    coalesce(o.store_orders, 0)::bigint as store_orders,
    s.main_store_id,
    coalesce(o.lines_count, 0)::bigint as lines_count,
    coalesce(o.discounted_lines, 0)::bigint as discounted_lines,
    case
        when o.lines_count >= 5 then (
            1
            + case when o.discounted_lines * 10000 // o.lines_count >= k.cut_2 then 1 else 0 end
            + case when o.discounted_lines * 10000 // o.lines_count >= k.cut_3 then 1 else 0 end
            + case when o.discounted_lines * 10000 // o.lines_count >= k.cut_4 then 1 else 0 end
            + case when o.discounted_lines * 10000 // o.lines_count >= k.cut_5 then 1 else 0 end
        )::integer
    end as price_sensitivity,
    c.top_category_id,
    c.second_category_id,
    c.third_category_id,
    coalesce(c.top_category_fen, 0)::bigint as top_category_fen,
    coalesce(o.return_orders, 0)::bigint as return_orders,
    coalesce(o.max_order_fen, 0)::bigint as max_order_fen,
    coalesce(b.points_balance, 0)::bigint as points_balance
from (select person_id from map group by person_id) as p
cross join score_cut as k
left join facts_orders as o on p.person_id = o.person_id
left join facts_days as y on p.person_id = y.person_id
left join facts_stores as s on p.person_id = s.person_id
left join facts_categories as c on p.person_id = c.person_id
left join facts_points as b on p.person_id = b.person_id

-- The baseline that `huitou bench warehouse` is compared with: the same results by straightforward group-bys, written before
-- the build was tuned. Inputs: the views landed_line, landed_order, the tables products and record_map, the parameter as_of.

create table lines as select * from landed_line;

create table orders as
select
    l.net_order_id,
    coalesce(min(l.record_id) filter (where l.kind = 0), min(l.record_id)) as record_id,
    coalesce(min(l.business_date) filter (where l.kind = 0), min(l.business_date)) as d,
    coalesce(min(l.store_id) filter (where l.kind = 0), min(l.store_id)) as store_id,
    coalesce(min(l.channel) filter (where l.kind = 0), min(l.channel)) as channel,
    min(o.order_no) as order_no,
    coalesce(sum(l.amount_fen) filter (where l.kind = 0), 0) as gross_fen,
    -coalesce(sum(l.amount_fen) filter (where l.kind <> 0), 0) as refund_fen,
    sum(l.amount_fen) as net_fen,
    sum(l.discount_fen) filter (where l.kind = 0) as discount_fen,
    sum(l.qty_milli) as items_milli,
    count(*) filter (where l.kind = 0) as lines_count,
    count(*) filter (where l.kind = 0 and l.discount_fen > 0) as discounted_lines,
    count(*) filter (where l.kind = 1) as return_lines
from lines as l
left join landed_order as o on l.net_order_id = o.order_id
group by l.net_order_id;

create table order_category as
select o.record_id, l.net_order_id, p.category_id, o.d, sum(l.amount_fen) as net_fen, sum(l.qty_milli) as items_milli
from lines as l
inner join orders as o on l.net_order_id = o.net_order_id
left join products as p on l.product_id = p.product_id
where o.record_id is not null
group by o.record_id, l.net_order_id, p.category_id, o.d;

create table facts as
with person_order as (
    select m.person_id, o.* from orders as o inner join record_map as m on o.record_id = m.record_id
),
store_rank as (
    select person_id, store_id, row_number() over (partition by person_id order by count(*) desc, store_id) as place
    from person_order
    where net_fen > 0
    group by person_id, store_id
),
category_rank as (
    select
        m.person_id, c.category_id, sum(c.net_fen) as net_fen,
        row_number() over (partition by m.person_id order by sum(c.net_fen) desc, c.category_id) as place
    from order_category as c inner join record_map as m on c.record_id = m.record_id
    group by m.person_id, c.category_id
    having sum(c.net_fen) > 0
),
totals as (
    select
        person_id,
        min(d) filter (where net_fen > 0) as first_date,
        max(d) filter (where net_fen > 0) as last_date,
        count(*) filter (where net_fen > 0) as orders_count,
        count(distinct d) filter (where net_fen > 0) as order_days,
        sum(net_fen) as net_fen,
        sum(gross_fen) as gross_fen,
        sum(refund_fen) as refund_fen,
        sum(discount_fen) as discount_fen,
        sum(items_milli) as items_milli,
        count(*) filter (where net_fen > 0 and d > getvariable('as_of') - 30 and d <= getvariable('as_of')) as orders_30d,
        count(*) filter (where net_fen > 0 and d > getvariable('as_of') - 90 and d <= getvariable('as_of')) as orders_90d,
        count(*) filter (where net_fen > 0 and d > getvariable('as_of') - 365 and d <= getvariable('as_of')) as orders_365d,
        sum(net_fen) filter (where d > getvariable('as_of') - 30 and d <= getvariable('as_of')) as net_30d_fen,
        sum(net_fen) filter (where d > getvariable('as_of') - 90 and d <= getvariable('as_of')) as net_90d_fen,
        sum(net_fen) filter (where d > getvariable('as_of') - 365 and d <= getvariable('as_of')) as net_365d_fen,
        count(*) filter (where net_fen > 0 and channel = 1) as online_orders,
        count(*) filter (where net_fen > 0 and channel = 0) as store_orders,
        sum(lines_count) as lines_count,
        sum(discounted_lines) as discounted_lines,
        count(*) filter (where return_lines > 0) as return_orders,
        max(net_fen) as max_order_fen
    from person_order
    group by person_id
)
select
    t.*,
    s.store_id as main_store_id,
    c.category_id as top_category_id,
    c.net_fen as top_category_fen,
    c2.category_id as second_category_id,
    c3.category_id as third_category_id,
    ntile(5) over (order by t.discounted_lines / t.lines_count) as price_sensitivity
from totals as t
left join store_rank as s on t.person_id = s.person_id and s.place = 1
left join category_rank as c on t.person_id = c.person_id and c.place = 1
left join category_rank as c2 on t.person_id = c2.person_id and c2.place = 2
left join category_rank as c3 on t.person_id = c3.person_id and c3.place = 3;

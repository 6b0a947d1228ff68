-- grain: net order
-- inputs: header_candidate
-- owner: warehouse
-- Who, where and when of an order come from its sale; while the sale has not landed, from the return with the lowest id.
select
    net_order_id,
    order_id as header_order_id,
    true as has_sale,
    order_no,
    record_id,
    store_id,
    channel,
    sold_at,
    business_date as d
from header_candidate
where kind = 0
union all
select
    net_order_id,
    order_id as header_order_id,
    false as has_sale,
    order_no,
    record_id,
    store_id,
    channel,
    sold_at,
    business_date as d
from (
    select
        r.*,
        row_number() over (partition by r.net_order_id order by r.order_id) as place
    from header_candidate as r
    where
        r.kind <> 0
        and not exists (
            select 1 from header_candidate as s
            where s.kind = 0 and s.net_order_id = r.net_order_id
        )
) as orphan
where place = 1

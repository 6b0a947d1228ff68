-- grain: person with at least one purchase
-- inputs: person_order
-- owner: warehouse
select
    person_id,
    count(*)::bigint as order_days
from (
    select
        person_id,
        d
    from person_order
    where net_fen > 0
    group by person_id, d
) as person_day
group by person_id

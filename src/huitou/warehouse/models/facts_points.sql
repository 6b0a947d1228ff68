-- grain: person with at least one points entry
-- inputs: points, map
-- owner: warehouse
select
    m.person_id,
    sum(p.delta_points)::bigint as points_balance
from points as p
inner join map as m on p.record_id = m.record_id
group by m.person_id

-- grain: person x category
-- inputs: fact_category, map
-- owner: warehouse
select
    (person_and_category // 1000000)::bigint as person_id,
    (person_and_category % 1000000)::integer as category_id,
    sum(net_fen)::bigint as net_fen
from (
    select
        m.person_id * 1000000 + c.category_id as person_and_category,
        c.net_fen
    from fact_category as c
    inner join map as m on c.record_id = m.record_id
) as packed
group by person_and_category

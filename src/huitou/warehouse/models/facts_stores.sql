-- grain: person with at least one purchase
-- inputs: person_order
-- owner: warehouse
-- Most purchases wins, ties go to the lower store id: both packed into one number, so that a plain max decides.
select
    person_id,
    (4294967295 - max(purchases * 4294967296 + 4294967295 - store_id) % 4294967296)::integer as main_store_id
from (
    select
        person_id,
        store_id,
        count(*) as purchases
    from person_order
    where net_fen > 0
    group by person_id, store_id
) as person_store
group by person_id

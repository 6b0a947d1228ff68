-- grain: known record x category
-- inputs: category_slice
-- owner: warehouse
-- Half the rows of order_category and sorted by record: a fold finds the history of its persons here.
select
    (record_and_category // 1000000)::bigint as record_id,
    (record_and_category % 1000000)::integer as category_id,
    sum(net_fen)::bigint as net_fen
from (
    select
        record_id * 1000000 + category_id as record_and_category,
        net_fen
    from category_slice
) as packed
group by record_and_category

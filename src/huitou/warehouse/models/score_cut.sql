-- grain: one row: the lowest discounted share (in 1/10000) of each price-sensitivity score
-- inputs: facts_orders
-- owner: warehouse
-- Mid-rank quintiles: equal shares always get the same score; a score that nobody reaches has no cut.
select
    min(case when score >= 2 then share end)::bigint as cut_2,
    min(case when score >= 3 then share end)::bigint as cut_3,
    min(case when score >= 4 then share end)::bigint as cut_4,
    min(case when score >= 5 then share end)::bigint as cut_5
from (
    select
        share,
        (2 * up_to - persons) * 5 // (2 * everyone) + 1 as score
    from (
        select
            share,
            persons,
            (sum(persons) over (order by share))::bigint as up_to,
            (sum(persons) over ())::bigint as everyone
        from (
            select
                discounted_lines * 10000 // lines_count as share,
                count(*)::bigint as persons
            from facts_orders
            where lines_count >= 5
            group by discounted_lines * 10000 // lines_count
        ) as counted
    ) as cumulated
) as scored

-- grain: one row per order, page and line number that stands there more than once
-- inputs: typed (rows of kind order), order_groups
-- dialect: duckdb
-- owner: warehouse.landing
select
    t.page_no,
    t.document_key,
    t.line_no,
    min(t.n) as first_n,
    min(t.content) <> max(t.content) as differs
from typed as t
inner join order_groups as g
    on t.page_no = g.page_no and t.document_key = g.document_key
where g.row_count <> g.line_count and t.skip_reason is null and t.problem_code is null
group by t.page_no, t.document_key, t.line_no
having count(*) > 1

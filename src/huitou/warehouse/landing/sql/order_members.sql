-- grain: one row per line that may land: the lines of sound orders, a line that stands twice only once
-- inputs: typed (rows of kind order), order_groups, order_repeats, refused
-- dialect: duckdb
-- owner: warehouse.landing
select
    t.n,
    g.instance
from typed as t
inner join order_groups as g
    on t.page_no = g.page_no and t.document_key = g.document_key
left join order_repeats as r
    on t.page_no = r.page_no and t.document_key = r.document_key and t.line_no = r.line_no
where
    t.skip_reason is null
    and (r.first_n is null or r.first_n = t.n)
    and t.n not in (select n from refused)

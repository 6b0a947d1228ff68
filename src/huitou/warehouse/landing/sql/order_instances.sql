-- grain: one row per order and page, as a candidate for landing
-- inputs: typed (rows of kind order), members
-- dialect: duckdb
-- owner: warehouse.landing
select
    m.instance,
    min(t.page_no) as page_no,
    min(t.row_no) as row_no,
    min(t.document_key) as document_key,
    null::timestamp as version_at,
    md5(string_agg(t.content, chr(10) order by t.line_no)) as digest
from members as m
inner join typed as t
    on m.n = t.n
group by m.instance

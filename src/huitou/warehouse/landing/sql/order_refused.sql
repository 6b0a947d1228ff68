-- grain: one row per refused line
-- inputs: typed (rows of kind order), order_groups, order_repeats
-- dialect: duckdb
-- owner: warehouse.landing
with
header as (
    select
        page_no,
        document_key,
        case
            when differs_kind then 'kind_code'
            when differs_original then 'original_order_no'
            when differs_customer then 'customer_source_id'
            when differs_store then 'store_code'
            when differs_channel then 'channel_code'
            when differs_sold_at then 'sold_at'
        end as differing
    from order_groups
),
clashes as (
    select distinct page_no, document_key
    from order_repeats
    where differs
)
select
    t.n,
    case
        when t.problem_code is not null then t.problem_code
        when g.problem_row_no is not null then 'order_refused'
        when h.differing is not null then 'inconsistent_order'
        else 'conflict'
    end as reason_code,
    case
        when t.problem_code is not null then t.problem_column
        when g.problem_row_no is not null then 'row ' || g.problem_row_no || ': ' || g.problem_column
        when h.differing is not null then h.differing
        else 'line_no'
    end as column_name
from typed as t
left join order_groups as g
    on t.page_no = g.page_no and t.document_key = g.document_key
left join header as h
    on t.page_no = h.page_no and t.document_key = h.document_key
left join clashes as c
    on t.page_no = c.page_no and t.document_key = c.document_key
where
    t.skip_reason is null
    and (
        t.problem_code is not null
        or g.problem_row_no is not null
        or h.differing is not null
        or c.document_key is not null
    )

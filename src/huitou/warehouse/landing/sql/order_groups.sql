-- grain: one row per order number and page
-- inputs: typed (rows of kind order, one per line, from typing.py)
-- owner: warehouse.landing
-- dialect: duckdb
-- Money must not land in halves: what is wrong with one line is wrong with the document.
select
    page_no,
    document_key,
    min(n) as instance,
    min(row_no) as row_no,
    min_by(problem_column, n) filter (where problem_code is not null) as problem_column,
    min_by(row_no, n) filter (where problem_code is not null) as problem_row_no,
    count(*) as row_count,
    count(distinct line_no) as line_count,
    min(coalesce(kind_code, '')) <> max(coalesce(kind_code, '')) as differs_kind,
    min(coalesce(original_order_no, '')) <> max(coalesce(original_order_no, '')) as differs_original,
    min(coalesce(customer_source_id, '')) <> max(coalesce(customer_source_id, '')) as differs_customer,
    min(coalesce(store_code, '')) <> max(coalesce(store_code, '')) as differs_store,
    min(coalesce(channel_code, '')) <> max(coalesce(channel_code, '')) as differs_channel,
    min(sold_at) <> max(sold_at) as differs_sold_at
from typed
where skip_reason is null and document_key is not null
group by page_no, document_key

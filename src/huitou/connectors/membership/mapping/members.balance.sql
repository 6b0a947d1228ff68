-- grain: one row per member
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.membership
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'member_no' as customer_source_id,
    replace(item->>'updated_at', ' ', 'T') as updated_at,
    item->>'points_balance' as balance_points
from raw
where (item->>'points_balance') is not null

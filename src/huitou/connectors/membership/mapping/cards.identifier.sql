-- grain: one row per card
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.membership
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'member_no' as customer_source_id,
    'card' as kind_code,
    item->>'card_no' as value,
    replace(item->>'updated_at', ' ', 'T') as updated_at,
    replace(item->>'issued_at', ' ', 'T') as valid_from,
    case when (item->>'status') <> 'active' then replace(item->>'updated_at', ' ', 'T') end as valid_to,
    '1' as verified
from raw

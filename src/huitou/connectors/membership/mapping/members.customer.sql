-- grain: one row per member
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.membership
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'member_no' as source_id,
    replace(item->>'updated_at', ' ', 'T') as updated_at,
    item->>'name' as name,
    item->>'mobile' as phone,
    item->>'mobile_verified' as phone_verified,
    item->>'wx_unionid' as wx_unionid,
    item->>'email' as email,
    item->>'sex' as gender,
    item->>'birthday' as birthday,
    item->>'address' as address,
    item->>'store_code' as store_code,
    replace(item->>'joined_at', ' ', 'T') as registered_at
from raw

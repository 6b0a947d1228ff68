-- grain: one row per customer of the feed
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.mall
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'id' as source_id,
    item->>'updated_at' as updated_at,
    item->>'name' as name,
    item->>'mobile' as phone,
    item->>'mobile_verified' as phone_verified,
    item->>'wx_openid' as wx_openid,
    item->>'wx_unionid' as wx_unionid,
    item->>'email' as email,
    item->>'gender' as gender,
    item->>'birthday' as birthday,
    nullif(
        concat(
            item->>'$.address.province', item->>'$.address.city', item->>'$.address.district', item->>'$.address.detail'
        ),
        ''
    ) as address,
    item->>'store_id' as store_code,
    item->>'registered_at' as registered_at
from raw

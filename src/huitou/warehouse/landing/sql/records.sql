-- grain: one row per accepted customer version
-- inputs: accepted (kind customer), store_ids
-- dialect: duckdb
-- owner: warehouse.landing
select
    a.document_id as record_id,
    a.source_id,
    a.version_at,
    a.name,
    a.phone,
    a.member_card,
    a.wx_openid,
    a.wx_unionid,
    a.email,
    a.gender,
    a.birthday,
    a.address,
    a.phone_verified,
    s.store_id,
    a.registered_at,
    a.page_no,
    a.row_no
from accepted as a
left join store_ids as s
    on a.store_code = s.store_code

-- grain: one row per ticket with a contact; a contact without an id is refused with a reason
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.aftersales
-- dialect: duckdb
select
    page_no,
    row_no,
    item->>'$.contact.id' as source_id,
    item->>'updated_at' as updated_at,
    item->>'$.contact.name' as name,
    item->>'$.contact.phone' as phone,
    item->>'$.contact.wx_openid' as wx_openid,
    item->>'$.contact.email' as email
from raw
where json_type(item, '$.contact') = 'OBJECT'

-- grain: one row per customer that the page tells of, and moment
-- inputs: raw (page_no, row_no, item)
-- owner: connectors.events
-- dialect: duckdb
with
told as (
    select
        page_no,
        row_no,
        item,
        (item->>'type') = 'customer' as is_own,
        case
            when (item->>'type') = 'customer' then coalesce(item->>'version', item->>'occurred_at')
            else item->>'occurred_at'
        end as updated_at,
        coalesce(
            nullif(trim(item->>'$.customer.id'), ''), 'card:' || nullif(trim(item->>'$.customer.card'), ''),
            'openid:' || nullif(trim(item->>'$.customer.openid'), ''), 'phone:' || nullif(trim(item->>'$.customer.phone'), '')
        ) as who
    from raw
)
select
    page_no,
    row_no,
    who as source_id,
    updated_at,
    item->>'$.customer.name' as name,
    item->>'$.customer.phone' as phone,
    item->>'$.customer.card' as member_card,
    item->>'$.customer.openid' as wx_openid,
    item->>'$.customer.unionid' as wx_unionid,
    item->>'$.customer.email' as email,
    item->>'$.customer.gender' as gender,
    item->>'$.customer.birthday' as birthday,
    item->>'$.customer.address' as address,
    item->>'store' as store_code,
    item->>'$.customer.registered_at' as registered_at
from told
where
    is_own
    or (
        who is not null
        and nullif(trim(item->>'$.customer.id'), '') is null
    )
qualify row_number() over (partition by is_own, who, updated_at, case when is_own then row_no end order by page_no, row_no) = 1

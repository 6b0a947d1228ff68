-- grain: one row per row of raw: the customer it describes, or why it is refused
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
with
dated as (
    select
        *,
        try_cast(
            regexp_replace(regexp_replace(trim(birthday), '^(\d{4})(\d{2})(\d{2})$', '\1-\2-\3'),
                '^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?.*$', '\1-\2-\3') as date
        ) as born_on
    from named
),
judged as (
    select
        *,
        coalesce(regexp_matches(trim(birthday), '^(19|20)\d{2}[-/.年]?\d{1,2}[-/.月]?\d{1,2}'), false)
        and coalesce(born_on is null or born_on > try_cast(left(updated_at, 10) as date), false) as bad_birthday
    from dated
)
select
    page_no,
    row_no,
    case
        when who is null then 'no_key'
        when coalesce(bad_phone, false) then 'bad_phone'
        when bad_birthday then 'bad_birthday'
    end as refuse_reason,
    case
        when who is null then 'source_id, member_card, phone'
        when coalesce(bad_phone, false) then 'phone'
        when bad_birthday then 'birthday'
    end as refuse_column,
    who as source_id,
    updated_at,
    name,
    phone,
    member_card,
    wx_openid,
    wx_unionid,
    email,
    gender,
    coalesce(cast(born_on as varchar), birthday) as birthday,
    address,
    store_code,
    registered_at
from judged

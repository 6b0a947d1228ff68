-- grain: one row per event; without a number the line's content is its number
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
with
filled as (
    select
        * replace (
            case when trim(phone) in ('无', '暂无', '没有', '-', '/', 'null', 'NULL', 'N/A', '0') then null else phone end as phone
        )
    from raw
),
numbered as (
    select
        *,
        nullif(regexp_replace(translate(trim(phone), '０１２３４５６７８９－＋　', '0123456789-+ '), '[ ()-]', '', 'g'), '')
            as phone_digits
    from filled
),
named as (
    select
        *,
        coalesce(nullif(trim(source_id), ''), 'card:' || nullif(trim(member_card), ''), 'phone:' || phone_digits) as who,
        not regexp_full_match(phone_digits, '(\+?86)?1[3-9]\d{9}|0\d{9,11}|\+(?:[1-79]\d|8[0-57-9])\d{5,12}|[2-9]\d{6,7}|[48]00\d{7}') as bad_phone
    from numbered
)
select
    page_no,
    row_no,
    case when who is null then 'no_key' when coalesce(bad_phone, false) then 'bad_phone' end as refuse_reason,
    case
        when who is null then 'source_id, member_card, phone'
        when coalesce(bad_phone, false) then 'phone'
    end as refuse_column,
    coalesce(nullif(trim(event_no), ''), md5(concat_ws('|', who, type_code, occurred_at, text))) as event_no,
    lower(trim(type_code)) as type_code,
    who as customer_source_id,
    occurred_at,
    store_code,
    product_code,
    rating,
    text
from named

-- grain: one row per customer that the page names by card or phone; so old that any other word on the customer is newer
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
    who as source_id,
    '2000-01-02 00:00:00' as updated_at,
    name,
    case when who like 'card:%' then member_card end as member_card,
    case when who like 'phone:%' then phone end as phone
from named
where nullif(trim(source_id), '') is null and who is not null and not coalesce(bad_phone, false)
qualify row_number() over (partition by who order by page_no, row_no) = 1

-- grain: one row per row of raw, with whom it names: `who` (source id, else card, else phone; null: nobody) and `bad_phone`
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
)
select
    *,
    coalesce(nullif(trim(source_id), ''), 'card:' || nullif(trim(member_card), ''), 'phone:' || phone_digits) as who,
    not regexp_full_match(phone_digits, '(\+?86)?1[3-9]\d{9}|0\d{9,11}|\+(?:[1-79]\d|8[0-57-9])\d{5,12}|[2-9]\d{6,7}|[48]00\d{7}') as bad_phone
from numbered

-- grain: one row per event; without a number the line's content is its number
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
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

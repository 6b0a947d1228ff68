-- grain: one row per points entry; without a number the line's content is its number
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
    coalesce(nullif(trim(entry_no), ''), md5(concat_ws('|', who, occurred_at, delta_points, reason_code))) as entry_no,
    who as customer_source_id,
    occurred_at,
    replace(delta_points, ',', '') as delta_points,
    coalesce(nullif(trim(reason_code), ''), 'import') as reason_code
from named

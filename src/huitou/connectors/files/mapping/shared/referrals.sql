-- grain: one row per row of raw that names who referred the customer: `who` by `by_who` (card, phone or number of the referrer)
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
with
told as (
    select
        page_no,
        row_no,
        who,
        nullif(trim(source_id), '') is null as by_card,
        trim(referrer) as named,
        regexp_replace(translate(trim(referrer), '０１２３４５６７８９－＋　', '0123456789-+ '), '[ ()-]', '', 'g') as digits,
        nullif(trim(registered_at), '') as registered_at
    from named
    where who is not null and not coalesce(bad_phone, false) and nullif(trim(referrer), '') is not null
),
spelled as (
    select
        *,
        case
            when regexp_full_match(digits, '(\+?86)?1[3-9]\d{9}') then 'phone'
            when by_card then 'card'
        end as by_kind
    from told
)
select
    page_no,
    row_no,
    who,
    by_kind,
    case when by_kind = 'phone' then digits else named end as by_value,
    concat_ws(':', by_kind, case when by_kind = 'phone' then digits else named end) as by_who,
    registered_at,
    md5(concat_ws('|', who, by_who)) as pair_no
from spelled
where by_who <> who

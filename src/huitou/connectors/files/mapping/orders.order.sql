-- grain: one row per line of an order
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
    case when coalesce(bad_phone, false) then 'bad_phone' end as refuse_reason,
    case when coalesce(bad_phone, false) then 'phone' end as refuse_column,
    order_no,
    case
        when kind_code is null or trim(kind_code) in ('', '销售', '正常', '订单', 'S', 'sale') then 'sale'
        when trim(kind_code) in ('退货', '退款', '退单', 'R', 'return', 'refund') then 'return'
        when trim(kind_code) in ('作废', '撤销', 'V', 'void') then 'void'
        else kind_code
    end as kind_code,
    original_order_no,
    who as customer_source_id,
    store_code,
    case
        when channel_code is null or trim(channel_code) in ('', '门店', '线下', 'store', 'offline') then 'store'
        when trim(channel_code) in ('线上', '网店', '商城', '小程序', 'online') then 'online'
        else channel_code
    end as channel_code,
    sold_at,
    coalesce(
        nullif(trim(line_no), ''), cast(row_number() over (partition by page_no, order_no order by row_no) as varchar)
    ) as line_no,
    product_code,
    qty,
    amount,
    discount
from named

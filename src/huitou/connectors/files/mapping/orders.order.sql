-- grain: one row per line of an order
-- inputs: raw (page_no, row_no, the fields of connectors/files/fields.py)
-- owner: connectors.files
-- dialect: duckdb
-- uses: named
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

-- grain: one row per receipt line as the tills write it: sales, then returns and voids with negative amounts
-- inputs: baskets, lines, items, returns, return_lines
-- dialect: duckdb
-- owner: demo
create table till_rows as
with
named as (
    select
        *,
        lpad((1 + basket_id % 6)::varchar, 2, '0') as till_no,
        '收银' || (1 + basket_id % 9) as cashier
    from baskets
    where not is_online
)
select
    b.export_day,
    b.document_no as receipt_no,
    'S' as kind,
    '' as original_receipt_no,
    store_code(b.store_no) as store_code,
    b.till_no,
    b.cashier,
    strftime(b.sold_at, '%Y-%m-%d %H:%M:%S') as sold_at,
    l.line_no::varchar as line_no,
    i.code as sku,
    l.qty::varchar as qty,
    yuan(l.amount_fen) as amount,
    yuan(l.discount_fen) as discount,
    coalesce(b.card, '') as member_card,
    coalesce(b.phone, '') as phone
from named b
join lines l using (basket_id)
join items i using (product_id)
union all
select
    r.export_day,
    r.document_no,
    r.kind,
    b.document_no,
    store_code(b.store_no),
    b.till_no,
    b.cashier,
    strftime(r.back_at, '%Y-%m-%d %H:%M:%S'),
    l.line_no::varchar,
    i.code,
    (-l.qty)::varchar,
    yuan(-l.amount_fen),
    yuan(-l.discount_fen),
    coalesce(b.card, ''),
    coalesce(b.phone, '')
from returns r
join named b using (basket_id)
join return_lines using (basket_id)
join lines l using (basket_id, line_no)
join items i using (product_id)

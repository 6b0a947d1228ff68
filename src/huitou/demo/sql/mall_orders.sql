-- grain: one row per mall order: paid ones with their refunds, and some never paid (copies of paid ones, a day before)
-- inputs: baskets, lines, items, products, returns, return_lines, mall_customer; $anchor, $unpaid_share
-- dialect: duckdb
-- owner: demo
-- One statement, so that the JSON of an order is made where its lines are.
with
online as (
    from baskets where is_online
),
items_of as (
    select
        basket_id,
        list(
            {
                line_no: l.line_no, sku: i.code, title: coalesce(p.name, i.code), qty: l.qty,
                amount: yuan(l.amount_fen), discount: yuan(l.discount_fen)
            }
            order by l.line_no
        ) as items
    from lines l
    semi join online using (basket_id)
    join items i using (product_id)
    left join products p using (product_id)
    group by basket_id
),
refunds_of as (
    select
        basket_id,
        list(
            {line_no: l.line_no, sku: i.code, qty: l.qty, amount: yuan(l.amount_fen), discount: yuan(l.discount_fen)}
            order by l.line_no
        ) as refund_lines
    from return_lines
    join lines l using (basket_id, line_no)
    join items i using (product_id)
    group by basket_id
),
whole as (
    select
        b.*,
        c.customer_id,
        n.items,
        r.back_at,
        f.refund_lines,
        r.document_no as refund_no,
        store_code(b.store_no) as store_id,
        coalesce(r.back_at, least(b.sold_at + interval 3 day, $anchor::date + interval 1439 minute)) as changed_at,
        case
            when len(f.refund_lines) = len(n.items) then 'refunded'
            when day >= $anchor::date then 'paid'
            when day >= $anchor::date - 2 then 'shipped'
            else 'completed'
        end as status,
        ['wechat', 'alipay', 'card'][1 + basket_id % 3] as method
    from online b
    join items_of n using (basket_id)
    join mall_customer c using (person_id)
    left join returns r using (basket_id)
    left join refunds_of f using (basket_id)
),
told as (
    select
        document_no as id,
        changed_at,
        to_json({
            id: document_no, customer_id: customer_id, store_id: store_id, status: status,
            created_at: utc_text(sold_at - interval 3 minute), updated_at: utc_text(changed_at),
            payment: {method: method, paid_at: utc_text(sold_at)},
            items: items,
            status_history: [
                {status: 'created', 'at': utc_text(sold_at - interval 3 minute)},
                {status: 'paid', 'at': utc_text(sold_at)},
                {status: status, 'at': utc_text(changed_at)}
            ],
            refunds: case when refund_no is null then [] else
                [{id: 'RF' || refund_no, refunded_at: utc_text(back_at), reason: '顾客退货', lines: refund_lines}]
            end
        }) as payload
    from whole
    union all
    select
        'MX' || document_no,
        sold_at - interval 1 day,
        to_json({
            id: 'MX' || document_no, customer_id: customer_id, store_id: store_id, status: 'cancelled',
            created_at: utc_text(sold_at - interval 1 day), updated_at: utc_text(sold_at - interval 1 day),
            payment: null, items: items, status_history: [], refunds: []
        })
    from whole
    where draw('unpaid', basket_id) < $unpaid_share
)
select id, utc_text(changed_at), payload::varchar
from told
order by changed_at, id

-- grain: source line, as its share of a product day
-- inputs: line_slice
-- owner: warehouse
select
    product_id,
    d,
    qty_milli,
    case when kind = 0 then amount_fen else 0 end as gross_fen,
    amount_fen as net_fen,
    case when record_id is null then amount_fen else 0 end as anonymous_net_fen,
    1 as line_rows
from line_slice

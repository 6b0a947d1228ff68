"""
The typed tables of a landing batch. The record part (PERSONAL) is written as encrypted files; the line part holds no
identifier, only surrogate ids.

Moments are UTC without a zone, money whole fen, quantities thousandths. Every row names the page and row it came from.
Surrogates: `record_id`, `order_id`, `entry_id`, `ticket_id`, `event_id` come from one sequence (intake.Document) and never
change for a (source, kind, key); `store_id`, `product_id`, `category_id` are rows of the products app.
"""

import pyarrow as pa

_ORIGIN = [("page_no", pa.int32()), ("row_no", pa.int32())]
_MOMENT = pa.timestamp("us")

RECORD_TEXT = ("name", "phone", "member_card", "wx_openid", "wx_unionid", "email", "gender", "birthday", "address")

PERSONAL: dict[str, pa.Schema] = {
    "records": pa.schema([
        ("record_id", pa.int64()), ("source_id", pa.string()), ("version_at", _MOMENT),
        *[(name, pa.string()) for name in RECORD_TEXT],  # as the source wrote them
        ("phone_verified", pa.bool_()), ("store_id", pa.int32()), ("registered_at", _MOMENT), *_ORIGIN,
    ]),
    "identifiers": pa.schema([
        ("record_id", pa.int64()), ("kind_code", pa.string()), ("value", pa.string()), ("version_at", _MOMENT),
        ("valid_from", _MOMENT), ("valid_to", _MOMENT), ("verified", pa.bool_()), *_ORIGIN,
    ]),
    "texts": pa.schema([
        ("subject_kind", pa.string()), ("subject_id", pa.int64()), ("field", pa.string()), ("text", pa.string()), *_ORIGIN,
    ]),
    # What intake.Document knew of each document this batch brought or first named; the keyed hashes need the key file.
    "documents": pa.schema([
        ("document_id", pa.int64()), ("key_hash", pa.int64()), ("content_hash", pa.int64()), ("version_at", _MOMENT),
    ]),
    "quarantine": pa.schema([
        ("kind", pa.string()), ("page_name", pa.string()), ("page_no", pa.int32()), ("row_no", pa.int32()),
        ("column", pa.string()), ("reason_code", pa.string()), ("reason", pa.string()), ("raw", pa.string()),
    ]),
}  # fmt: skip

# codes: what store_id and product_id stand for where no master data has come yet, and the id of every category path of the
# batch's products (noun: "store", "product" or "category").
# kind: 0 sale, 1 return, 2 void. channel: 0 store, 1 online. record_id null: anonymous.
LINE_PART: dict[str, pa.Schema] = {
    "lines": pa.schema([
        ("order_id", pa.int64()), ("line_no", pa.int32()), ("net_order_id", pa.int64()), ("kind", pa.int8()),
        ("record_id", pa.int64()), ("store_id", pa.int32()), ("channel", pa.int8()), ("sold_at", _MOMENT),
        ("business_date", pa.date32()), ("product_id", pa.int32()), ("qty_milli", pa.int64()),
        ("amount_fen", pa.int64()), ("discount_fen", pa.int64()), *_ORIGIN,
    ]),
    "orders": pa.schema([
        ("order_id", pa.int64()), ("order_no", pa.string()), ("net_order_id", pa.int64()), ("kind", pa.int8()),
        ("record_id", pa.int64()), ("store_id", pa.int32()), ("channel", pa.int8()), ("sold_at", _MOMENT),
        ("business_date", pa.date32()), *_ORIGIN,
    ]),
    "points": pa.schema([
        ("entry_id", pa.int64()), ("entry_no", pa.string()), ("record_id", pa.int64()),
        ("occurred_at", _MOMENT), ("business_date", pa.date32()),
        ("delta_points", pa.int64()), ("reason_code", pa.string()), *_ORIGIN,
    ]),
    "balances": pa.schema([
        ("record_id", pa.int64()), ("version_at", _MOMENT), ("balance_points", pa.int64()), *_ORIGIN,
    ]),
    "tickets": pa.schema([
        ("ticket_id", pa.int64()), ("ticket_no", pa.string()), ("version_at", _MOMENT), ("record_id", pa.int64()),
        ("order_no", pa.string()), ("store_id", pa.int32()), ("product_id", pa.int32()), ("type_code", pa.string()),
        ("status_code", pa.string()), ("opened_at", _MOMENT), *_ORIGIN,
    ]),
    "ticket_status": pa.schema([
        ("ticket_id", pa.int64()), ("event_no", pa.string()), ("status_code", pa.string()), ("occurred_at", _MOMENT), *_ORIGIN,
    ]),
    "events": pa.schema([
        ("event_id", pa.int64()), ("event_no", pa.string()), ("type_code", pa.string()), ("record_id", pa.int64()),
        ("occurred_at", _MOMENT), ("business_date", pa.date32()), ("store_id", pa.int32()), ("product_id", pa.int32()),
        ("rating", pa.int8()), *_ORIGIN,
    ]),
    "products": pa.schema([
        ("product_id", pa.int32()), ("product_code", pa.string()), ("version_at", _MOMENT), ("name", pa.string()),
        ("category_path", pa.string()), ("brand", pa.string()), ("unit", pa.string()),
        ("price_fen", pa.int64()), ("cost_fen", pa.int64()), *_ORIGIN,
    ]),
    "stores": pa.schema([
        ("store_id", pa.int32()), ("store_code", pa.string()), ("version_at", _MOMENT), ("name", pa.string()),
        ("region_code", pa.string()), ("region_name", pa.string()), ("city", pa.string()), ("address", pa.string()),
        ("latitude", pa.float64()), ("longitude", pa.float64()), ("opened_on", pa.date32()), ("area_m2", pa.int32()), *_ORIGIN,
    ]),
    "codes": pa.schema([("noun", pa.string()), ("code", pa.string()), ("id", pa.int32())]),
}  # fmt: skip

TABLES: dict[str, pa.Schema] = {**PERSONAL, **LINE_PART}

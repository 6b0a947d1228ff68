"""Write what the online mall serves: stores, products, customers, orders with refunds, enquiries, messages."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from huitou.connectors.mall import fake_store
from huitou.demo.records import Record
from huitou.demo.tables import read_table

MASTER_UPDATED_AT = "2025-10-01T02:00:00Z"  # older than the tills' master data, which wins
_ORDERS_SQL = (Path(__file__).parent / "sql" / "mall_orders.sql").read_text(encoding="utf-8")
UNPAID_SHARE = 0.02  # of the orders, on top of them
ENQUIRIES_PER_ORDER = 0.08
ANSWERED = {"sms": 0.12, "email": 0.08, "wecom": 0.20}  # share of messages; on the channel that somebody likes far more
LIKED = 2.5
MESSAGES = 4  # per person and channel


def write_mall(
    workshop: duckdb.DuckDBPyConnection, path: Path, records: Sequence[Record], *, anchor: date, seed: int
) -> dict[str, int]:
    """Fill the mall's store; returns how many of each resource. Needs the workshop's `baskets`, `lines`, `items`, `products`."""
    fake_store.create(path)
    customers = {record.person.person_id: record.source_id for record in records if record.system == "mall"}
    workshop.execute("create temp table mall_customer (person_id bigint, customer_id varchar)")
    workshop.execute(
        "insert into mall_customer select unnest(?::bigint[]), unnest(?::varchar[])", [list(customers), list(customers.values())]
    )
    return {
        "stores": fake_store.put(path, "stores", (_store(row) for row in read_table("stores"))),
        "products": fake_store.put_rows(path, "products", _products(workshop)),
        "customers": fake_store.put(path, "customers", sorted(
            (_customer(record, anchor) for record in records if record.system == "mall"), key=_by_time
        )),
        "orders": fake_store.put_rows(path, "orders", _orders(workshop, anchor)),
        "enquiries": fake_store.put(path, "enquiries", _enquiries(workshop, seed)),
        "messages": fake_store.put(path, "messages", sorted(_messages(records, anchor, seed), key=_by_time)),
    }  # fmt: skip


def _by_time(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item["updated_at"]), str(item["id"])


def _store(row: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row["code"], "name": row["name"], "region": {"code": row["region_code"], "name": row["region_name"]},
        "city": row["city"], "address": row["address"],
        "location": {"lat": float(row["latitude"]), "lng": float(row["longitude"])},
        "opened_on": row["opened_on"], "area_m2": int(row["area_m2"]), "updated_at": MASTER_UPDATED_AT,
    }  # fmt: skip


def _customer(record: Record, anchor: date) -> dict[str, Any]:
    person = record.person
    registered = utc_text(datetime.combine(record.registered_on, time(9 + person.person_id % 12, person.person_id % 60)))
    city = person.city + "市"
    detail = record.address.removeprefix(city)
    return {
        "id": record.source_id, "name": record.name or None, "mobile": record.phone or None,
        "mobile_verified": record.phone_verified, "email": record.email or None, "wx_openid": record.openid or None,
        "wx_unionid": record.unionid or None, "gender": record.gender or None, "birthday": record.birthday or None,
        "address": {"province": "浙江省", "city": city, "district": detail[:3], "detail": detail[3:]} if record.address else None,
        "store_id": record.store_code or None, "registered_at": registered, "updated_at": registered,
    }  # fmt: skip


def _products(workshop: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """The articles that the mall sells often; the tills' master data know all."""
    rows: list[tuple[str, str, str]] = workshop.execute(
        "select sku, ?, to_json({id: sku, title: name, categories: split(path, '/'), brand: brand, unit: unit,"
        "  list_price: yuan(price_fen), updated_at: ?})::varchar from products"
        " semi join (select product_id from lines semi join (from baskets where is_online) using (basket_id)"
        "   group by 1 having count(*) >= 4) using (product_id)"
        " order by sku",
        [MASTER_UPDATED_AT, MASTER_UPDATED_AT],
    ).fetchall()
    return rows


def _orders(workshop: duckdb.DuckDBPyConnection, anchor: date) -> list[tuple[str, str, str]]:
    """Paid orders with their refunds, and orders never paid (copies of some paid ones a day before)."""
    rows: list[tuple[str, str, str]] = workshop.execute(_ORDERS_SQL, {"anchor": anchor, "unpaid_share": UNPAID_SHARE}).fetchall()
    return rows


def _enquiries(workshop: duckdb.DuckDBPyConnection, seed: int) -> list[dict[str, Any]]:
    """Questions of mall customers about an article they later bought."""
    questions = read_table("enquiries")
    rng = np.random.default_rng([seed, 6])
    rows = workshop.execute(
        "select b.document_no, c.customer_id, b.store_no, b.sold_at, i.code, i.noun from baskets b"
        " join mall_customer c using (person_id) join lines l using (basket_id) join items i using (product_id)"
        " where b.is_online and l.line_no = 1 and draw('enquiry', b.basket_id) < ? order by b.document_no",
        [ENQUIRIES_PER_ORDER],
    ).fetchall()
    told = []
    for document_no, customer_id, store_no, sold_at, sku, noun in rows:
        asked = utc_text(sold_at - timedelta(minutes=int(rng.integers(30, 2_000))))
        told.append({
            "id": f"Q{document_no}", "customer_id": customer_id, "store_id": f"S{store_no:03d}", "sku": sku,
            "channel": ("app", "mini_program", "web")[int(rng.integers(3))],
            "question": questions[int(rng.integers(len(questions)))]["question"].format(noun=noun),
            "created_at": asked, "updated_at": asked,
        })  # fmt: skip
    return sorted(told, key=_by_time)


def _messages(records: Sequence[Record], anchor: date, seed: int) -> Iterator[dict[str, Any]]:
    """Yield what the mall sent to half of its customers in half a year; each answers one channel better than the others."""
    rng = np.random.default_rng([seed, 9])
    for record in records:
        if record.system != "mall" or rng.random() < 0.5:
            continue
        has = {"sms": record.phone, "email": record.email, "wecom": record.openid}
        liked = list(has)[int(rng.integers(len(has)))]
        for channel in (name for name, value in has.items() if value):
            share = ANSWERED[channel] * (LIKED if channel == liked else 1)
            for number in range(int(rng.poisson(MESSAGES))):
                sent = datetime.combine(anchor, time(10)) - timedelta(
                    days=int(rng.integers(1, 180)), minutes=int(rng.integers(500))
                )
                answered = sent + timedelta(minutes=int(rng.integers(1, 900))) if rng.random() < share else None
                yield {
                    "id": f"M{record.source_id}-{channel}-{number}", "customer_id": record.source_id, "channel": channel,
                    "sent_at": utc_text(sent), "answered_at": None if answered is None else utc_text(answered),
                    "updated_at": utc_text(answered or sent),
                }  # fmt: skip


def utc_text(local: datetime) -> str:
    """Return a wall time of Asia/Shanghai (no summer time since 1991) as UTC text."""
    return (local - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")

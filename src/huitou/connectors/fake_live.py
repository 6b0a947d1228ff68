"""What happens at the fake systems while they run: a purchase, a refund, a receipt, a ticket, made of what a chain holds."""

import csv
import json
import random
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from huitou.connectors.feed_store import feed_open
from huitou.connectors.pos.client import RECEIPT_COLUMNS, utf8_content
from huitou.connectors.pos.fake_store import receipt_file_name, receipts_write
from huitou.core.periods import BUSINESS_ZONE


class ChainIsEmpty(Exception):
    """The chain folder holds no store, product, customer or contact that something could happen to."""


def local(moment: datetime) -> datetime:
    """Return an aware moment as the stores' clocks show it."""
    return moment.astimezone(BUSINESS_ZONE)


def order_new(mall: Path, *, now: datetime, rng: random.Random, customer_id: str | None) -> dict[str, Any]:
    """Return a paid order of one to four products of the mall. Raises ChainIsEmpty."""
    customer = customer_id or _any(mall, "customers", rng)["id"]
    products = [_any(mall, "products", rng) for _ in range(rng.randint(1, 4))]
    stamp = _utc_text(now)
    return {
        "id": f"L{now.astimezone(UTC):%Y%m%d%H%M%S}{_next_number(mall, 'orders'):07d}",
        "customer_id": customer,
        "store_id": _any(mall, "stores", rng)["id"],
        "status": "paid",
        "created_at": _utc_text(now - timedelta(minutes=2)),
        "updated_at": stamp,
        "payment": {"method": "wechat", "paid_at": stamp},
        "items": [
            {
                "line_no": number,
                "sku": product["id"],
                "title": product["title"],
                "qty": 1,
                "amount": product.get("list_price") or "9.90",
                "discount": "0.00",
            }
            for number, product in enumerate(products, start=1)
        ],
        "status_history": [{"status": "paid", "at": stamp}],
        "refunds": [],
    }


def order_refunded(mall: Path, order_id: str, *, now: datetime) -> dict[str, Any]:
    """Return a stored order with one refund of all its lines added. Raises KeyError when there is no such order."""
    with closing(feed_open(mall)) as store:
        row = store.execute("select payload from orders where id = ?", (order_id,)).fetchone()
    if row is None:
        raise KeyError(f"no order {order_id}")
    order: dict[str, Any] = json.loads(row[0])
    stamp = _utc_text(now)
    lines = [{name: line[name] for name in ("line_no", "sku", "qty", "amount", "discount")} for line in order["items"]]
    refunds = order["refunds"]
    refund = {"id": f"{order_id}-R{len(refunds) + 1}", "refunded_at": stamp, "reason": "不想要了", "lines": lines}
    history = [*order["status_history"], {"status": "refunded", "at": stamp}]
    return {**order, "status": "refunded", "updated_at": stamp, "refunds": [*refunds, refund], "status_history": history}


def receipt_new(outbox: Path, *, now: datetime, rng: random.Random, member_card: str, phone: str) -> dict[str, Any]:
    """Return a receipt of one to four products of the master files, as it is pushed. Raises ChainIsEmpty."""
    store = rng.choice(_master(outbox, "stores.csv"))
    products = _master(outbox, "products.csv")
    chosen = [rng.choice(products) for _ in range(rng.randint(1, 4))]
    sold_at = local(now)
    return {
        "receipt_no": f"{store['store_code']}-{sold_at:%Y%m%d%H%M%S}-{rng.randrange(10_000):04d}",
        "kind": "S",
        "original_receipt_no": "",
        "store_code": store["store_code"],
        "till_no": "01",
        "cashier": "1001",
        "sold_at": f"{sold_at:%Y-%m-%d %H:%M:%S}",
        "member_card": member_card,
        "phone": phone,
        "lines": [
            {"line_no": number, "sku": product["sku"], "qty": "1", "amount": str(Decimal(product["price"])), "discount": "0.00"}
            for number, product in enumerate(chosen, start=1)
        ],
    }


def receipt_append(outbox: Path, receipt: Mapping[str, Any], *, export_day: date) -> None:
    """Write the export of a day again with one more receipt."""
    path = outbox / receipt_file_name(export_day)
    rows: list[Mapping[str, Any]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    head = {name: receipt[name] for name in RECEIPT_COLUMNS if name in receipt}
    receipts_write(outbox, export_day, [*rows, *({**head, **line} for line in receipt["lines"])])


def ticket_new(
    desk: Path, *, now: datetime, contact: Mapping[str, Any] | None, order_no: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a new complaint and its first status event; without a contact, of somebody known to the desk."""
    person = contact or _any(desk, "tickets", random.Random(now.timestamp()))["contact"]
    stamp = local(now).isoformat(timespec="seconds")
    number = _next_number(desk, "tickets")
    ticket = {
        "id": f"TL{local(now):%Y%m%d}{number:07d}",
        "contact": person,
        "order_no": order_no,
        "store_code": None,
        "sku": None,
        "category": "complaint",
        "status": "open",
        "subject": "商品有问题",
        "body": "收到的商品和描述不一样，请尽快处理。",
        "created_at": stamp,
        "updated_at": stamp,
    }
    event = {
        "id": f"EL{local(now):%Y%m%d}{_next_number(desk, 'events'):07d}",
        "ticket_id": ticket["id"],
        "status": "open",
        "occurred_at": stamp,
        "recorded_at": stamp,
    }
    return ticket, event


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _any(store_path: Path, resource: str, rng: random.Random) -> dict[str, Any]:
    """Return one resource, each alike likely. Raises ChainIsEmpty."""
    with closing(feed_open(store_path)) as store:
        (count,) = store.execute(f"select count(*) from {resource}").fetchone()  # noqa: S608
        if count == 0:
            raise ChainIsEmpty(f"{store_path} holds no {resource}")
        offset = rng.randrange(count)
        (payload,) = store.execute(f"select payload from {resource} order by id limit 1 offset ?", (offset,)).fetchone()  # noqa: S608
    found: dict[str, Any] = json.loads(payload)
    return found


def _next_number(store_path: Path, resource: str) -> int:
    with closing(feed_open(store_path)) as store:
        (newest,) = store.execute(f"select coalesce(max(seq), 0) from {resource}").fetchone()  # noqa: S608
    return int(newest) + 1


def _master(outbox: Path, name: str) -> list[dict[str, str]]:
    """Read a master file in any encoding that the client reads. Raises ChainIsEmpty."""
    path = outbox / name
    rows: list[dict[str, str]] = []
    if path.exists():
        text = utf8_content(path.read_bytes())[0].decode("utf-8")
        rows = list(csv.DictReader(text.splitlines()))
    if not rows:
        raise ChainIsEmpty(f"{path} holds no rows")
    return rows

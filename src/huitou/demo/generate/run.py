"""Generate a chain into this installation: dimensions and records first, then one batch of order lines per day."""

import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.documents import document_ids_take, document_keys_write
from huitou.apps.intake.services import batch_register, batches_apply, next_batch_id
from huitou.apps.products.services import product_ids_ensure, store_ids_ensure
from huitou.demo.generate.days import Day, landing_of, make_day, named_buyers, order_id_count, tables_of
from huitou.demo.generate.plan import LONGEST_DELAY_DAYS, Plan
from huitou.demo.generate.records import record_parts
from huitou.demo.products import brand_name
from huitou.demo.tables import read_table
from huitou.warehouse.landing.batch import write_batch
from huitou.warehouse.landing.manifest import KindCounts, Manifest
from huitou.warehouse.landing.schema import TABLES

LINE_SOURCE = "pos"  # the batches of order lines, store and online alike, go under the tills
DORMANT_DAYS = 90
PRODUCTS = 20_000
_SEPARATOR = "\x1f"  # between the parts of a document key, as the landing writes it

Progress = Callable[[str, int, int], None]  # step, done, total


class GenerateRefused(Exception):
    """The installation already holds data, or holds none to add a day to."""


@dataclass(frozen=True, slots=True)
class GenerateSummary:
    """What was written. dormant_share: of the persons named on a sale; by sales, returns left aside."""

    members: int
    records: int
    lines: int
    orders: int
    batches: int
    buyers: int
    dormant_share: float


def generate(
    *,
    members: int,
    days: int,
    lines_per_member: float,
    anchor: date,
    seed: int,
    now: datetime,
    progress: Progress,
    product_count: int = PRODUCTS,
) -> GenerateSummary:
    """
    Write a chain whose last business day is `anchor`. Dimensions are applied at once; batches of records stay sealed until
    they are applied (identity); ids of records and orders are reserved, key rows are written for records only.

    Raises GenerateRefused when the landing is not empty, ValueError on sizes below 20 members or one day.
    """
    if members < 20 or days < 1 or lines_per_member <= 0:
        raise ValueError(f"need at least 20 members, one day and some lines: {members=} {days=} {lines_per_member=}")
    if next_batch_id() != 1 or any(layout().landing.glob("*/[0-9]*")):
        raise GenerateRefused("this installation already holds batches: generate into a new one (set HUITOU_HOME)")
    products, stores = _dimensions(anchor - timedelta(days=days), product_count, now)
    plan = Plan(
        members=members, days=days, lines_per_day=max(1, round(members * lines_per_member / days)), anchor=anchor, seed=seed,
        first_record_id=0, product_ids=products, store_ids=stores,
    )  # fmt: skip
    plan = replace(plan, first_record_id=document_ids_take(plan.records)[0])
    _records(plan, now, progress)
    first_order_ids: list[int] = []
    last_seen = np.full(members, -1, dtype=np.int64)
    recent: deque[Day] = deque(maxlen=LONGEST_DELAY_DAYS + 1)
    lines = orders = 0
    for index in range(days):
        first_order_ids.append(document_ids_take(order_id_count(plan, index))[0])
        recent.append(make_day(plan, index, first_order_id=first_order_ids[-1]))
        named_buyers([recent[-1]], last_seen)
        manifest = _write_day(plan, list(recent), index, now)
        lines, orders = lines + manifest.rows("lines"), orders + manifest.rows("orders")
        progress("lines", index + 1, days)
    seen = last_seen[last_seen >= 0]
    dormant = float((days - 1 - seen >= DORMANT_DAYS).mean()) if seen.size else 0.0
    summary = GenerateSummary(members, plan.records, lines, orders, next_batch_id() - 1, int(seen.size), dormant)
    _save(plan, first_order_ids, summary)
    return summary


def add_day(*, lines: int | None, now: datetime, progress: Progress) -> GenerateSummary:
    """
    Write one more day behind the last one; lines: about how many, a fifth of the members when None.

    Late receipts and returns of the days before land in it too. Raises GenerateRefused without a generated chain.
    """
    path = _truth_folder() / "generated.json"
    if not path.exists():
        raise GenerateRefused("this installation holds no generated chain: run huitou generate --members N first")
    stored = json.loads(path.read_text())
    old = Plan.from_json(stored["plan"])
    first_order_ids: list[int] = stored["first_order_ids"]
    index = len(first_order_ids)
    wanted = lines or max(1, old.members // 5)
    first_order_ids.append(document_ids_take(wanted * 2 + 100)[0])
    added: dict[str, int] = {**stored["added"], str(index): wanted}
    start = max(0, index - LONGEST_DELAY_DAYS)
    recent = [
        make_day(old, day, first_order_id=first_order_ids[day], lines=added.get(str(day))) for day in range(start, index + 1)
    ]
    manifest = _write_day(old, recent, index, now)
    progress("lines", 1, 1)
    summary = GenerateSummary(
        old.members, old.records, manifest.rows("lines"), manifest.rows("orders"), 1, int(recent[-1].buyers.size), 0.0
    )
    stored |= {"first_order_ids": first_order_ids, "added": added}
    _replace(path, stored)
    return summary


def _truth_folder() -> Path:
    folder = layout().root / "generated" / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _dimensions(day: date, product_count: int, now: datetime) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Write 36 stores and the products as the first batch and apply it; return product and store ids by position."""
    stores = read_table("stores")
    categories = [row for row in read_table("categories") if row["path"]]
    codes = [f"G{number:06d}" for number in range(1, product_count + 1)]
    store_ids = store_ids_ensure([row["code"] for row in stores], now=now)
    product_ids = product_ids_ensure(codes, now=now)
    version_at = datetime.combine(day, time(0))
    store_rows = [
        {
            "store_id": store_ids[row["code"]], "store_code": row["code"], "version_at": version_at, "name": row["name"],
            "region_code": row["region_code"], "region_name": row["region_name"], "city": row["city"], "address": row["address"],
            "latitude": float(row["latitude"]), "longitude": float(row["longitude"]),
            "opened_on": date.fromisoformat(row["opened_on"]), "area_m2": int(row["area_m2"]), "page_no": 1, "row_no": number,
        }
        for number, row in enumerate(stores, start=1)
    ]  # fmt: skip
    product_rows = [
        {
            "product_id": product_ids[code], "product_code": code, "version_at": version_at,
            "name": f"{brand_name('National', number)}{category['noun']} {number}", "category_path": category["path"],
            "brand": brand_name("National", number), "unit": "件", "price_fen": None, "cost_fen": None,
            "page_no": 2, "row_no": number,
        }
        for number, code in enumerate(codes, start=1)
        for category in [categories[number % len(categories)]]
    ]  # fmt: skip
    counts = {"store": KindCounts(len(stores), len(stores)), "product": KindCounts(product_count, product_count)}
    tables = {
        "stores": pa.Table.from_pylist(store_rows, TABLES["stores"]),
        "products": pa.Table.from_pylist(product_rows, TABLES["products"]),
    }
    _write(LINE_SOURCE, tables, counts, now, is_applied=False)
    batches_apply(now=now)
    return tuple(product_ids[code] for code in codes), tuple(store_ids[row["code"]] for row in stores)


def _records(plan: Plan, now: datetime, progress: Progress) -> None:
    """Write the record batches (sealed, not applied), the key rows of their documents, and who is who."""
    truth, done = [], 0
    for part in record_parts(plan):
        count = part.records.num_rows
        tables = {"records": part.records} | ({"identifiers": part.identifiers} if part.identifiers is not None else {})
        counts = {"customer": KindCounts(count, count)}
        if part.identifiers is not None:
            counts["identifier"] = KindCounts(count, count)
        _write(part.source_code, tables, counts, now, is_applied=False)
        prefix = f"{part.source_code}{_SEPARATOR}customer{_SEPARATOR}"
        hashes = keyring().hash_all("document", [prefix + source_id for source_id in part.records["source_id"].to_pylist()])
        document_keys_write(part.records["record_id"].to_pylist(), hashes)
        truth.append(part.truth.append_column("source_code", pa.array([part.source_code] * count)))
        done += count
        progress("records", done, plan.records)
    pq.write_table(pa.concat_tables(truth), _truth_folder() / "records.parquet")


def _write_day(plan: Plan, recent: list[Day], index: int, now: datetime) -> Manifest:
    tables = tables_of(plan, landing_of(recent, index))
    rows = tables["lines"].num_rows
    return _write(LINE_SOURCE, tables, {"order": KindCounts(rows, rows)}, now, is_applied=True)


def _write(
    source_code: str, tables: Mapping[str, pa.Table], counts: Mapping[str, KindCounts], now: datetime, *, is_applied: bool
) -> Manifest:
    manifest = write_batch(
        layout(), batch_id=next_batch_id(), source_code=source_code, tables=tables, counts=counts, keyring=keyring(),
        sealed_at=now.astimezone(UTC),
    )  # fmt: skip
    batch_register(manifest, is_applied=is_applied, now=now)
    return manifest


def _save(plan: Plan, first_order_ids: list[int], summary: GenerateSummary) -> None:
    content = {
        "plan": plan.as_json(), "first_order_ids": first_order_ids, "added": {},
        "duplicate_share": (plan.records - plan.members) / plan.records, "lines": summary.lines, "orders": summary.orders,
        "buyers": summary.buyers, "dormant_share_by_sales": summary.dormant_share,
        "not_written": "key rows of orders: their ids are reserved only",
    }  # fmt: skip
    _replace(_truth_folder() / "generated.json", content)


def _replace(path: Path, content: Mapping[str, object]) -> None:
    half = path.with_suffix(".tmp")
    half.write_text(json.dumps(content, ensure_ascii=False))
    os.replace(half, path)

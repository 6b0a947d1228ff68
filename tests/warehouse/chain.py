"""A small chain written straight into the landing: documents by hand, one batch after the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from huitou.warehouse.base.build import build_base
from huitou.warehouse.dimensions import CATEGORIES, PRODUCTS, RECORD_MAP, STORES, Dims
from huitou.warehouse.landing.schema import LINE_PART
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.result import BuildResult
from huitou.warehouse.switch import switch

AS_OF = date(2026, 6, 30)
SMALL = Limits(memory_mb=400, threads=2)
SALE, RETURN, VOID = 0, 1, 2


@dataclass(frozen=True)
class Line:
    """One line: a product, fen after discount, the discount, and a quantity of pieces."""

    product_id: int
    amount_fen: int
    discount_fen: int = 0
    pieces: int = 1


@dataclass(frozen=True)
class Document:
    """A sale, return or void as it lands."""

    order_id: int
    d: date
    lines: tuple[Line, ...]
    record_id: int | None = None
    store_id: int = 1
    channel: int = 0
    kind: int = SALE
    net_order_id: int | None = None
    hour: int = 4


@dataclass
class Chain:
    """Lands batches and builds versions; store s has region r<s % 2>, product p category 10 + p % 4."""

    layout: Layout
    batch_ids: list[int] = field(default_factory=list)

    def land(
        self,
        documents: Iterable[Document],
        *,
        points: Iterable[tuple[int, int, date, int]] = (),
        balances: Iterable[tuple[int, int, date]] = (),
        batch_id: int | None = None,
    ) -> int:
        """Write one batch. points: (entry, record, day, delta); balances: (record, balance, day of the version)."""
        number = batch_id or len(self.batch_ids) + 1
        folder = self.layout.batch("till", number)
        folder.mkdir(parents=True)
        documents = list(documents)
        write(folder, "orders", [order_row(document) for document in documents])
        write(folder, "lines", [row for document in documents for row in line_rows(document)])
        write(folder, "points", [
            {"entry_id": entry, "record_id": record, "occurred_at": moment(day), "business_date": day, "delta_points": delta,
             "reason_code": "purchase"} for entry, record, day, delta in points])  # fmt: skip
        write(folder, "balances", [
            {"record_id": record, "balance_points": balance, "version_at": moment(day)}
            for record, balance, day in balances])  # fmt: skip
        self.batch_ids.append(number)
        return number

    def base(self, number: int, people: Mapping[int, int], **options: Any) -> BuildResult:
        arguments = {
            "batch_ids": self.batch_ids, "record_map": record_map(people), "dims": dims(), "as_of": AS_OF, "map_seq": 0,
            "limits": SMALL, **options,
        }  # fmt: skip
        return build_base(self.layout, number=number, **arguments)

    def publish(self, number: int, people: Mapping[int, int], **options: Any) -> BuildResult:
        result = self.base(number, people, **options)
        switch(self.layout, base=number, tail=None)
        return result


def moment(day: date, hour: int = 4) -> datetime:
    return datetime.combine(day, time(hour))


def order_row(document: Document) -> dict[str, Any]:
    return {
        "order_id": document.order_id, "order_no": f"NO{document.order_id}",
        "net_order_id": document.net_order_id or document.order_id, "kind": document.kind, "record_id": document.record_id,
        "store_id": document.store_id, "channel": document.channel, "sold_at": moment(document.d, document.hour),
        "business_date": document.d,
    }  # fmt: skip


def line_rows(document: Document) -> list[dict[str, Any]]:
    head = {name: value for name, value in order_row(document).items() if name != "order_no"}
    sign = 1 if document.kind == SALE else -1
    return [
        {**head, "line_no": number, "product_id": line.product_id, "qty_milli": sign * line.pieces * 1000,
         "amount_fen": sign * line.amount_fen, "discount_fen": line.discount_fen}
        for number, line in enumerate(document.lines, 1)
    ]  # fmt: skip


def write(folder: Path, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        rows = [{"page_no": 1, "row_no": number, **row} for number, row in enumerate(rows, 1)]
        pq.write_table(pa.Table.from_pylist(rows, schema=LINE_PART[table]), folder / f"{table}.parquet")


def record_map(people: Mapping[int, int | None]) -> pa.Table:
    return pa.table({"record_id": list(people), "person_id": list(people.values())}, schema=RECORD_MAP)


def dims(stores: int = 4, products: int = 8) -> Dims:
    return Dims(
        stores=pa.Table.from_pylist(
            [{"store_id": s, "code": f"S{s}", "name": f"门店{s}", "region_code": f"r{s % 2}", "region_name": f"大区{s % 2}",
              "city": "城"} for s in range(1, stores + 1)], schema=STORES),
        products=pa.Table.from_pylist(
            [{"product_id": p, "code": f"P{p}", "name": f"商品{p}", "category_id": 10 + p % 4, "brand": ""}
             for p in range(1, products + 1)], schema=PRODUCTS),
        categories=pa.Table.from_pylist(
            [{"category_id": 10 + c, "parent_id": None, "name": f"品类{c}", "path": f"品类{c}", "level": 1} for c in range(4)],
            schema=CATEGORIES),
    )  # fmt: skip


def days_before(days: int) -> date:
    return AS_OF - timedelta(days=days)

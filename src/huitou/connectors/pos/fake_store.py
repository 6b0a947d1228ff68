"""Writes files as the tills' back office exports them: `<chain>/pos/outbox/`. Columns and formats: README.md beside this file."""

import csv
import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from huitou.connectors.pos.client import PRODUCT_COLUMNS, RECEIPT_COLUMNS, STORE_COLUMNS


def receipt_file_name(export_day: date) -> str:
    """Return the name of one day's export."""
    return f"receipts-{export_day.isoformat()}.csv"


def receipts_write(outbox: Path, export_day: date, rows: Iterable[Mapping[str, Any]], *, encoding: str = "utf-8") -> Path:
    """Write one day's export, one mapping per receipt line; it becomes visible only when it is whole."""
    return _csv_write(outbox / receipt_file_name(export_day), RECEIPT_COLUMNS, rows, encoding)


def stores_write(outbox: Path, rows: Iterable[Mapping[str, Any]], *, encoding: str = "utf-8") -> Path:
    """Replace the store master file."""
    return _csv_write(outbox / "stores.csv", STORE_COLUMNS, rows, encoding)


def products_write(outbox: Path, rows: Iterable[Mapping[str, Any]], *, encoding: str = "utf-8") -> Path:
    """Replace the product master file."""
    return _csv_write(outbox / "products.csv", PRODUCT_COLUMNS, rows, encoding)


def _csv_write(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]], encoding: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".tmp")
    with half.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(half, path)
    return path

"""A till export folder as a connected source: real connector, real mapping, rows written by the test."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from huitou.apps.intake.services import source_configure
from huitou.connectors.pos.client import RECEIPT_COLUMNS

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TILL_KEY = "till-key-for-tests"


def receipt_line(receipt_no: str, **changes: object) -> dict[str, object]:
    """Return one line of a receipts file: a sale of 12.50 yuan, anonymous, unless changed."""
    line = {
        "receipt_no": receipt_no, "kind": "S", "original_receipt_no": "", "store_code": "S01", "till_no": "1", "cashier": "c",
        "sold_at": "2026-11-20 18:03:22", "line_no": "1", "sku": "P1", "qty": "1.000", "amount": "12.50", "discount": "0.00",
        "member_card": "", "phone": "",
    }  # fmt: skip
    return line | changes


class Tills:
    """The drop folder; `write` makes one day's file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def write(self, day: str, lines: Iterable[dict[str, object] | str]) -> None:
        """Write receipts-<day>.csv; a text stands as a raw line."""
        rows = [line if isinstance(line, str) else ",".join(str(line[name]) for name in RECEIPT_COLUMNS) for line in lines]
        text = "\n".join([",".join(RECEIPT_COLUMNS), *rows, ""])
        (self.folder / f"receipts-{day}.csv").write_text(text, encoding="utf-8")


@pytest.fixture
def tills(tmp_path: Path) -> Tills:
    return Tills(tmp_path / "tills")


@pytest.fixture
def pos(tills: Tills) -> Tills:
    """The tills, connected as the source "pos"."""
    settings = {"folder": str(tills.folder), "till_key": TILL_KEY}
    source_configure(code="pos", kind_code="pos", settings=settings, now=NOW)
    return tills


@pytest.fixture
def line() -> Callable[..., dict[str, object]]:
    return receipt_line

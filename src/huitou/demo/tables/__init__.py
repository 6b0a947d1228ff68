"""The demo's own small tables: categories, stores and words, kept as CSV beside this module."""

import csv
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CATEGORIES_CSV = HERE / "categories.csv"  # department, product_category, product_type_part -> path, noun; empty means any
STORES_CSV = HERE / "stores.csv"


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one CSV file of this folder as dictionaries."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))

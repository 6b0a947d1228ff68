"""
The named SQL models, one file and one grain each, and their loader.

A model is one SELECT over the relations its header names as inputs; who runs it binds those names (a table, a slice, the
touched part of a fold). So base, fold, Spark and PostgreSQL run the same text. `$as_of` is the only parameter.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Declared order: a model reads only typed input relations and the models before it.
ORDER: tuple[str, ...] = (
    "header", "lines", "order_part", "orders", "category_part", "order_category", "record_category",
    "store_part", "store_day", "product_part", "product_day", "category_day_part", "category_day",
    "person_order", "facts_orders", "facts_days", "facts_stores", "person_category", "facts_categories",
    "facts_points", "score_cut", "facts",
)  # fmt: skip

# Relations that come from outside: typed landing rows, dimensions, the record map.
TYPED_INPUTS: frozenset[str] = frozenset({"header_candidate", "landed_line", "product_category", "map", "points"})

# Inputs that whole-chain runs bind to the full model of the other name; base slices and folds bind a part of it.
ALIASES: dict[str, str] = {
    "line_slice": "lines", "day_order": "orders", "category_slice": "order_category", "fact_category": "record_category",
}  # fmt: skip

HEADER_FIELDS = ("grain", "inputs", "owner")


class BadModel(Exception):
    """A model file without a proper header, or with inputs that no earlier model or typed table offers."""


@dataclass(frozen=True, slots=True)
class Model:
    """One SQL file: its SELECT and what its header says."""

    name: str
    sql: str
    grain: str
    inputs: tuple[str, ...]
    owner: str

    @property
    def takes_as_of(self) -> bool:
        return "$as_of" in self.sql


def read_model(path: Path) -> Model:
    """Read one file. Raises BadModel naming the missing header field."""
    text = path.read_text(encoding="utf-8")
    fields = dict(re.findall(r"^-- (\w+): (.+)$", text, flags=re.MULTILINE))
    for field in HEADER_FIELDS:
        if not fields.get(field, "").strip():
            raise BadModel(f"{path.name}: the header has no line '-- {field}: ...'")
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().rstrip(";")
    inputs = tuple(name.strip() for name in fields["inputs"].split(","))
    return Model(path.stem, sql, fields["grain"].strip(), inputs, fields["owner"].strip())


def check_models(models: dict[str, Model]) -> None:
    """Raise BadModel unless every input of every model is typed, an alias, or the output of an earlier model."""
    known = set(TYPED_INPUTS)
    for name in ORDER:
        if name not in models:
            raise BadModel(f"{name}.sql is missing")
        for source in models[name].inputs:
            if ALIASES.get(source, source) not in known:
                raise BadModel(f"{name}.sql reads {source}, which no earlier model makes")
        known.add(name)
    for name in models:
        if name not in ORDER:
            raise BadModel(f"{name}.sql has no place in the declared order")


@cache
def load_models() -> dict[str, Model]:
    """Return every model by name, in declared order. Raises BadModel."""
    found = {path.stem: read_model(path) for path in sorted(Path(__file__).parent.glob("*.sql"))}
    check_models(found)
    return {name: found[name] for name in ORDER}

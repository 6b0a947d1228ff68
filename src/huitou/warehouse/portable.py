"""The portable dialect: models read the same on DuckDB, Spark and PostgreSQL, or they are refused."""

from datetime import date
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError

Engine = Literal["spark", "postgres"]

# Constructs that engines answer differently or refuse; tried on DuckDB 2.0, Spark 4.3 and PostgreSQL 18.
_BANNED_NODES: dict[type[exp.Expr], str] = {
    exp.DayOfWeek: "dayofweek counts from another day on Spark",
    exp.DayOfWeekIso: "isodow counts from another day on Spark",
    exp.ArrayAgg: "array_agg and list lose their order on Spark",
    exp.TryCast: "try_cast becomes a failing cast on PostgreSQL",
    exp.Div: "/ divides integers to a fraction or a whole number; use //",
    exp.ArgMax: "arg_max is missing on PostgreSQL; use row_number() = 1",
    exp.ArgMin: "arg_min is missing on PostgreSQL; use row_number() = 1",
    exp.AnyValue: "any_value depends on row order; use min",
    exp.First: "first depends on row order; use min",
    exp.Last: "last depends on row order; use max",
    exp.Struct: "struct is missing on PostgreSQL",
    exp.Split: "string_split is missing on PostgreSQL",
    exp.PercentileCont: "quantile_cont is missing on Spark",
    exp.Quantile: "quantile is missing on PostgreSQL",
    exp.Columns: "columns() exists on DuckDB only",
    exp.Pivot: "pivot exists on DuckDB only",
    exp.Ntile: "ntile depends on row order; score by cut values",
    exp.CurrentDate: "the day is an argument ($as_of)",
    exp.CurrentTimestamp: "the moment is an argument",
    exp.Rand: "no randomness in a model",
}
_BANNED_FUNCTIONS = {
    "hash": "hash differs between engines",
    "list": "list loses its order on Spark",
    "now": "the moment is an argument",
}
_BANNED_JOINS = {"SEMI": "semi join; use exists", "ANTI": "anti join; use not exists", "ASOF": "asof join"}
_FLOATS = {exp.DataType.Type.FLOAT, exp.DataType.Type.DOUBLE}


def banned_constructs(sql: str) -> list[str]:
    """Return one sentence per construct that does not mean the same on every engine; empty when the text is portable."""
    try:
        trees = sqlglot.parse(sql, read="duckdb")
    except ParseError as error:
        return [f"does not parse: {error}"]
    found: list[str] = []
    for tree in trees:
        if tree is not None:
            found += [reason for node in tree.walk() for reason in [_reason(node)] if reason]
    return sorted(set(found))


def _reason(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Join):
        return _BANNED_JOINS.get((node.kind or "").upper()) or _BANNED_JOINS.get((node.args.get("method") or "").upper())
    if isinstance(node, exp.Group) and node.args.get("all"):
        return "group by all; name the columns"
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) and node.to.this in _FLOATS:
        return "a floating number; sums then depend on row order"
    if isinstance(node, exp.Sub | exp.Add) and node.find(exp.Interval) and not isinstance(node.parent, exp.Cast | exp.Paren):
        return "date and interval without a cast to date"
    if isinstance(node, exp.Anonymous):
        return _BANNED_FUNCTIONS.get(node.name.lower())
    return next((reason for kind, reason in _BANNED_NODES.items() if type(node) is kind), None)


def transpile(sql: str, engine: Engine, *, as_of: date) -> str:
    """
    Return a model's SELECT in another engine's dialect, $as_of written into it as a date.

    Raises sqlglot.errors.UnsupportedError on anything the engine cannot say.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    day = exp.cast(exp.Literal.string(as_of.isoformat()), exp.DataType.Type.DATE)
    bound = tree.transform(
        lambda node: day.copy() if isinstance(node, exp.Placeholder | exp.Parameter) and node.name == "as_of" else node
    )
    return bound.sql(dialect=engine, unsupported_level=ErrorLevel.RAISE)

"""The steps that base and fold share: models as views and step tables, and the chain of person facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from huitou.warehouse.models import load_models
from huitou.warehouse.tables import STEP_COLUMNS, insert


@dataclass(frozen=True, slots=True)
class ScoreCuts:
    """The lowest discounted share (1/10000) of price-sensitivity scores 2..5; None: nobody reaches that score."""

    cut_2: int | None
    cut_3: int | None
    cut_4: int | None
    cut_5: int | None


def model_parameters(name: str, as_of: date) -> dict[str, object]:
    return {"as_of": as_of} if load_models()[name].takes_as_of else {}


def bind_view(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make a parameterless model a temporary view under its own name."""
    connection.execute(f"create or replace temp view {name} as {load_models()[name].sql}")


def run_step(connection: duckdb.DuckDBPyConnection, name: str, as_of: date) -> None:
    """Run a model into a temporary table under its own name; types are pinned where STEP_COLUMNS names them."""
    sql, parameters = load_models()[name].sql, model_parameters(name, as_of)
    if name in STEP_COLUMNS:
        connection.execute(f"create temp table {name} ({STEP_COLUMNS[name]})")
        connection.execute(f"insert into {name} by name {sql}", parameters)
    else:
        connection.execute(f"create temp table {name} as {sql}", parameters)


def run_model(connection: duckdb.DuckDBPyConnection, name: str, as_of: date, *, prefix: str = "") -> None:
    """Run a model into its curated table."""
    insert(connection, name, load_models()[name].sql, model_parameters(name, as_of), prefix=prefix)


def drop_steps(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        connection.execute(f"drop table temp.{name}")


def run_facts(
    connection: duckdb.DuckDBPyConnection, as_of: date, *, cuts: ScoreCuts | None, few: bool = False, prefix: str = ""
) -> ScoreCuts:
    """
    Compute person facts from the relations orders, fact_category, points and map that are bound now.

    cuts: None takes new cut values from these very facts (a base build); otherwise the given ones score them (a fold).
    few: the orders are a small part of the chain, so they are looked up once and kept. Returns the cuts used.
    """
    if few:
        run_step(connection, "person_order", as_of)
    else:
        bind_view(connection, "person_order")
    for name in ("facts_orders", "facts_days", "facts_stores", "person_category", "facts_categories"):
        run_step(connection, name, as_of)
    drop_steps(connection, "person_category")
    run_step(connection, "facts_points", as_of)
    if cuts is None:
        run_step(connection, "score_cut", as_of)
    else:
        connection.execute(
            """create temp table score_cut as
               select $cut_2::bigint as cut_2, $cut_3::bigint as cut_3, $cut_4::bigint as cut_4, $cut_5::bigint as cut_5""",
            {"cut_2": cuts.cut_2, "cut_3": cuts.cut_3, "cut_4": cuts.cut_4, "cut_5": cuts.cut_5},
        )
    used = connection.execute("select cut_2, cut_3, cut_4, cut_5 from score_cut").fetchone()
    if used is None:
        raise ValueError("score_cut gave no row")
    run_model(connection, "facts", as_of, prefix=prefix)
    drop_steps(connection, "facts_orders", "facts_days", "facts_stores", "facts_categories", "facts_points", "score_cut")
    return ScoreCuts(*used)


def write_meta(connection: duckdb.DuckDBPyConnection, values: Mapping[str, object], cuts: ScoreCuts) -> None:
    """Write the one row that says what this version is: number, base_number, as_of, map_seq, batch_ids and the cuts."""
    connection.execute(
        """insert into meta values ($number, $base_number, $as_of, $map_seq, $batch_ids, $cut_2, $cut_3, $cut_4, $cut_5)""",
        {**values, "cut_2": cuts.cut_2, "cut_3": cuts.cut_3, "cut_4": cuts.cut_4, "cut_5": cuts.cut_5},
    )

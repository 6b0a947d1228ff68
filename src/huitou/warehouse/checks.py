"""
The checks between a build and its switch: money is conserved to the fen from the landed rows to every table.

A check is one SELECT of a difference; 0 passes. A blocking check that fails stops the switch; the others are reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: `difference` in `unit`, 0 when it passed."""

    name: str
    blocking: bool
    difference: int
    unit: str

    @property
    def passed(self) -> bool:
        return self.difference == 0


class ChecksFailed(Exception):
    """A blocking check failed: the version is thrown away and the old one stays. The message says which and by how much."""

    def __init__(self, version: str, failed: tuple[CheckResult, ...]) -> None:
        self.failed = failed
        found = "; ".join(f"{check.name} is off by {check.difference} {check.unit}" for check in failed)
        super().__init__(f"{version} is not published: {found}")


@dataclass(frozen=True, slots=True)
class Check:
    """One SELECT that returns the difference."""

    name: str
    unit: str
    sql: str
    blocking: bool = True


def _sums(left: str, right: str) -> str:
    return f"select coalesce(({left}), 0) - coalesce(({right}), 0)"


BASE_CHECKS: tuple[Check, ...] = (
    Check("landed lines = lines (rows)", "rows", _sums("select count(*) from landed_line", "select count(*) from lines")),
    Check(
        "landed lines = lines (net)",
        "fen",
        _sums("select sum(amount_fen) from landed_line", "select sum(amount_fen) from lines"),
    ),
    Check("lines = orders", "fen", _sums("select sum(amount_fen) from lines", "select sum(net_fen) from orders")),
    Check(
        "orders = facts + anonymous + orders without a person",
        "fen",
        _sums(
            "select sum(net_fen) from orders",
            """select coalesce((select sum(net_fen) from facts), 0)
                    + coalesce((select sum(net_fen) from orders where record_id is null), 0)
                    + coalesce((select sum(o.net_fen) from orders as o anti join map as m on o.record_id = m.record_id
                                where o.record_id is not null), 0)""",
        ),
    ),
    Check(
        "lines = order categories + anonymous",
        "fen",
        _sums(
            "select sum(net_fen) from orders",
            """select coalesce((select sum(net_fen) from order_category), 0)
                    + coalesce((select sum(net_fen) from orders where record_id is null), 0)""",
        ),
    ),
    Check("stores = headquarters", "fen", _sums("select sum(net_fen) from store_day", "select sum(net_fen) from orders")),
    Check(
        "regions = headquarters",
        "fen",
        _sums(
            "select sum(t.net_fen) from store_day as t inner join stores as s on t.store_id = s.store_id",
            "select sum(net_fen) from orders",
        ),
    ),
    Check("products = headquarters", "fen", _sums("select sum(net_fen) from product_day", "select sum(net_fen) from orders")),
    Check("categories = headquarters", "fen", _sums("select sum(net_fen) from category_day", "select sum(net_fen) from orders")),
    Check(
        "identified revenue = facts",
        "fen",
        _sums("select sum(identified_net_fen) from store_day", "select sum(net_fen) from facts"),
    ),
    Check(
        "points entries = points in facts + entries without a person",
        "points",
        _sums(
            "select sum(delta_points) from landed_point",
            """select coalesce((select sum(points_balance) from facts), 0)
                    + coalesce((select sum(p.delta_points) from points as p anti join map as m
                                on p.record_id = m.record_id), 0)""",
        ),
    ),
    Check(
        "persons in facts = persons in the record map",
        "persons",
        _sums("select count(*) from facts", "select count(distinct person_id) from map"),
    ),
    Check(
        "records of orders without a person",
        "records",
        "select count(distinct o.record_id) from orders as o anti join map as m on o.record_id = m.record_id "
        "where o.record_id is not null",
        blocking=False,  # an order may land before its customer
    ),
)


def _moved(table: str, column: str, mask: str, keys: str) -> str:
    """Return the SELECT of how much a tail adds to a base table's sum."""
    return (
        f"select coalesce((select sum({column}) from t_{table}), 0)"
        f" - coalesce((select sum({column}) from base.{table} semi join {mask} using ({keys})), 0)"
    )


_LANDED_FEN = "select sum(amount_fen) from new_line"
_STORE_KEYS = "store_id, channel, d"

# A tail is checked by what it adds: base and landed rows were checked before.
TAIL_CHECKS: tuple[Check, ...] = (
    Check(
        "landed lines = lines (rows)",
        "rows",
        _sums("select count(*) from new_line", "select (select count(*) from t_lines) - (select count(*) from left_line)"),
    ),
    Check(
        "landed lines = lines (net)",
        "fen",
        _sums(
            _LANDED_FEN,
            "select coalesce((select sum(amount_fen) from t_lines), 0) - coalesce((select sum(amount_fen) from left_line), 0)",
        ),
    ),
    Check("landed lines = orders", "fen", _sums(_LANDED_FEN, _moved("orders", "net_fen", "touched_order", "net_order_id"))),
    Check(
        "orders = order categories + anonymous",
        "fen",
        _sums("select sum(net_fen) from t_orders where record_id is not null", "select sum(net_fen) from t_order_category"),
    ),
    Check(
        "landed lines = store days", "fen", _sums(_LANDED_FEN, _moved("store_day", "net_fen", "touched_store_day", _STORE_KEYS))
    ),
    Check(
        "store days = regions",
        "fen",
        _sums(
            "select sum(net_fen) from t_store_day",
            "select sum(t.net_fen) from t_store_day as t inner join stores as s on t.store_id = s.store_id",
        ),
    ),
    Check(
        "landed lines = product days",
        "fen",
        _sums(_LANDED_FEN, _moved("product_day", "net_fen", "touched_product_day", "product_id, d")),
    ),
    Check(
        "landed lines = category days",
        "fen",
        _sums(_LANDED_FEN, _moved("category_day", "net_fen", "touched_category_day", "category_id, d")),
    ),
    Check(
        "identified revenue = facts",
        "fen",
        _sums(
            _moved("store_day", "identified_net_fen", "touched_store_day", _STORE_KEYS),
            _moved("facts", "net_fen", "touched_person", "person_id"),
        ),
    ),
    Check(
        "landed points = points",
        "points",
        _sums("select sum(delta_points) from landed_point", "select sum(delta_points) from t_points"),
    ),
    Check(
        "touched persons with records = their facts",
        "persons",
        _sums("select count(distinct person_id) from person_record", "select count(*) from t_facts"),
    ),
    Check(
        "records of orders without a person",
        "records",
        "select count(distinct o.record_id) from t_orders as o "
        "where o.record_id is not null "
        "and o.record_id not in (select record_id from person_record)",
        blocking=False,
    ),
)


def run_checks(connection: duckdb.DuckDBPyConnection, checks: tuple[Check, ...], version: str) -> tuple[CheckResult, ...]:
    """Run every check, store the results in the version's table `checks`; raise ChecksFailed when a blocking one failed."""
    results = []
    for check in checks:
        row = connection.execute(check.sql).fetchone()
        results.append(CheckResult(check.name, check.blocking, int(row[0]) if row else 0, check.unit))
    connection.executemany(
        "insert into checks values ($name, $blocking, $difference, $unit)",
        [_row(result) for result in results],
    )
    failed = tuple(result for result in results if result.blocking and not result.passed)
    if failed:
        raise ChecksFailed(version, failed)
    return tuple(results)


def _row(result: CheckResult) -> Mapping[str, object]:
    return {"name": result.name, "blocking": result.blocking, "difference": result.difference, "unit": result.unit}

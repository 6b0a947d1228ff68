"""
Live counts of segments at full size: nested rules with an event window over arrays, beside one SQL statement each.

    huitou bench segments [--members 1000000] [--lines 50000000] [--folder FOLDER] [--rules 40]

FOLDER is that of `huitou bench warehouse` (a base and a day's tail are built when they are not there). Every state runs in a
process of its own: cold (a new process, each rule the first to touch what it needs), warm (the categories were touched, the
rule was not), tail (the same through a day's tail), SQL (the whole rule as one statement). Every count is compared with SQL.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._landing import DAYS, Size, generate
from benchmarks.warehouse import BASE, DAY, build, fold_day
from huitou.core.filters.catalogue import Catalogue, Event, Field, FieldType
from huitou.core.filters.plan import Leaf, Step, plan
from huitou.core.filters.tree import All, Condition, Measure, Not, Operator, Recent, Window
from huitou.core.filters.tree import Any as AnyOf
from huitou.core.labels import Label
from huitou.warehouse.filters import step_sql
from huitou.warehouse.layout import Layout
from huitou.warehouse.population import Populations
from huitou.warehouse.reader import Reading, Warehouse
from huitou.warehouse.switch import base_path, pointer_path, switch, tail_path

NAME = Label("x", "x")


def _field(name: str, type_: FieldType, column: str) -> Field:
    return Field(name, NAME, type_, sql_column=column)


CATALOGUE = Catalogue(
    NAME,
    (
        _field("net", FieldType.FEN, "net_365d_fen"),
        _field("last", FieldType.DAYS_AGO, "last_date"),
        _field("orders", FieldType.INTEGER, "orders_count"),
    ),
    (
        Event(
            "purchase",
            NAME,
            tuple(Measure),
            (_field("category", FieldType.REFERENCE, "category_id"), _field("store", FieldType.REFERENCE, "store_id")),
        ),
    ),
)


def rules(count: int, categories: list[int], seed: int) -> list[All]:
    """Bought category a often enough lately, category b not, and spent much or came lately: windows of 7 to 180 days."""
    rng = random.Random(seed)

    def window(category: int, times: int) -> Window:
        return Window("purchase", Measure.TIMES, Operator.GTE, times, Recent(rng.randint(7, 180)), (("category", (category,)),))

    def rule() -> All:
        wanted, unwanted = rng.sample(categories, 2)
        either = AnyOf(
            (Condition("net", Operator.GT, rng.randint(1, 20) * 10_000), Condition("last", Operator.LT, rng.randint(5, 60)))
        )
        return All((window(wanted, rng.randint(1, 4)), Not(window(unwanted, 1)), either))

    return [rule() for _ in range(count)]


class Nothing:
    """Nothing is asked of the operations database here."""

    def key(self, leaf: Leaf) -> Hashable:
        raise AssertionError(leaf)

    def ids(self, leaf: Leaf) -> Any:
        raise AssertionError(leaf)


def _ms(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return (time.perf_counter() - started) * 1000, found


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "p50": round(float(np.percentile(values, 50)), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
        "max": round(max(values), 1),
    }


def by_arrays(layout: Layout, count: int, *, warm: bool) -> dict[str, Any]:
    """Count every rule; `warm` touches each category and column by a rule of its own first."""
    populations = Populations()
    with Warehouse(layout).read() as reading:
        first, population = _ms(lambda: populations.at(reading))
        steps = _steps(reading, count)
        if warm:
            for step in _steps(reading, 60, seed=99):
                population.select(reading.cursor, step, Nothing())
        counted = [_ms(lambda step=step: population.select(reading.cursor, step, Nothing()).count) for step in steps]
        kept = population.base.nbytes + (population.tail.nbytes if population.tail else 0)
    return {"population_ms": round(first, 1), **_spread([one for one, _ in counted]), "kept_mb": kept >> 20,
            "counts": [found for _, found in counted]}  # fmt: skip


def by_sql(layout: Layout, count: int) -> dict[str, Any]:
    """Count every rule by one statement, after one that touches the columns."""
    with Warehouse(layout).read() as reading:
        _count(reading, _steps(reading, 1, seed=99)[0])
        counted = [_ms(lambda step=step: _count(reading, step)) for step in _steps(reading, count)]
    return {**_spread([one for one, _ in counted]), "counts": [found for _, found in counted]}


def _count(reading: Reading, step: Step) -> int:
    condition, parameters = step_sql(step)
    return int(reading.cursor.execute(f"select count(*) from facts where {condition}", parameters).fetchall()[0][0])


def _steps(reading: Reading, count: int, seed: int = 7) -> list[Step]:
    found = reading.cursor.execute("select category_id from order_category group by 1 order by 1").fetchall()
    return [plan(rule, CATALOGUE, as_of=reading.as_of) for rule in rules(count, [row[0] for row in found], seed)]


STATES: dict[str, Callable[[Layout, int], dict[str, Any]]] = {
    "cold": lambda layout, count: by_arrays(layout, count, warm=False),
    "warm": lambda layout, count: by_arrays(layout, count, warm=True),
    "sql": by_sql,
}


def measured(state: str, layout: Layout, count: int, found: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    result = STATES[state](layout, count)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found.put({**result, "cpu_s": round(cpu, 2), "peak_mb": _peak_mb(), "load": round(os.getloadavg()[0], 1)})


def _peak_mb() -> int:
    """Return the most memory of this process; ru_maxrss would begin with that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM"))


def _in_a_process(state: str, layout: Layout, count: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    process = context.Process(target=measured, args=(state, layout, count, found))
    process.start()
    result = found.get()
    process.join()
    return dict(result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=50_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "huitou-bench-warehouse")
    parser.add_argument("--rules", type=int, default=40)
    arguments = parser.parse_args()
    size, layout = Size(arguments.members, arguments.lines), Layout(arguments.folder)
    generate(layout, size)
    if not base_path(layout, BASE).exists():
        build(layout, size)
    if not tail_path(layout, DAY).exists():
        fold_day(layout, size)
    pointer_path(layout).unlink(missing_ok=True)  # the run before ended at the tail
    for title, tail in (("base", None), ("tail", DAY)):
        switch(layout, base=BASE, tail=tail)
        counts = {}
        for state in STATES:
            result = _in_a_process(state, layout, arguments.rules)
            counts[state] = result.pop("counts")
            print(json.dumps({"version": title, "state": state, "days": DAYS, **result}), flush=True)
        if counts["cold"] != counts["sql"] or counts["warm"] != counts["sql"]:
            raise SystemExit(f"{title}: the counts differ: {counts}")
        print(json.dumps({"version": title, "equal": True, "persons": [min(counts["sql"]), max(counts["sql"])]}), flush=True)


if __name__ == "__main__":
    main()

"""
RFM at full size: scores from the stored facts, beside plain DuckDB SQL over the order lines and over the landed files.

    huitou bench rfm [--members 1000000] [--lines 50000000] [--folder FOLDER] [--rounds 3]
    huitou bench rfm --data data                    of an installation instead of a generated landing

FOLDER is that of `huitou bench warehouse` (the base is built when it is not there). Every run is a process of its own that does
nothing but RFM; ways take turns. The facts are made by the build, so the last way makes them anew from orders. All ways must
find the same buyers with the same days, orders and fen, and the same scores.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._landing import DAYS, Size, generate
from benchmarks.warehouse import BASE, build
from huitou.core.value.rfm import WINDOW_DAYS, Purchases, rfm
from huitou.warehouse.layout import READER_LIMITS, Layout, Limits
from huitou.warehouse.reader import Reading, Warehouse
from huitou.warehouse.switch import base_path, current, switch

NAMES = ("person_id", "recency_days", "orders", "net_fen", "r", "f", "m")


def _score(column: str, order: str) -> str:
    """Score 1..5 by the middle of the rank, in whole numbers, as `core.value.rfm.rank_scores` does."""
    twice = f"2 * rank() over (order by {column} {order}) - 2 + count(*) over (partition by {column})"
    return f"(({twice}) * 5 // (2 * count(*) over ()) + 1)::tinyint"


_SCORED = f"""
    select person_id, recency_days, orders, net_fen, {_score("recency_days", "desc")} as r, {_score("orders", "asc")} as f,
        {_score("net_fen", "asc")} as m
    from buyer order by person_id"""
_BUYERS = f"""
    buyer as (
        select person_id, (?::date - max(d) filter (net_fen > 0))::bigint as recency_days,
            (count(*) filter (net_fen > 0))::bigint as orders, sum(net_fen)::bigint as net_fen
        from net_order where d > ?::date - {WINDOW_DAYS} and d <= ? group by person_id
        having count(*) filter (net_fen > 0) > 0 and sum(net_fen) > 0)"""  # fmt: skip
_OVER_LINES = f"""
    with net_order as (
        select m.person_id, l.net_order_id, coalesce(max(l.d) filter (l.kind = 0), min(l.d)) as d, sum(l.amount_fen) as net_fen
        from {{lines}} as l inner join map as m on l.record_id = m.record_id group by all),
    {_BUYERS} {_SCORED}"""
_OVER_ORDERS = f"""
    with net_order as (select m.person_id, o.d, o.net_fen from orders as o inner join map as m on o.record_id = m.record_id),
    {_BUYERS} select * from buyer order by person_id"""
_LANDED = "(select record_id, net_order_id, kind, business_date as d, amount_fen from read_parquet({files}))"


def stored(reading: Reading, layout: Layout) -> dict[str, np.ndarray]:
    """Score what the facts hold."""
    found = reading.cursor.execute(
        """select person_id, (?::date - last_date)::bigint as recency_days, orders_365d as orders, net_365d_fen as net_fen
           from facts where orders_365d > 0 and net_365d_fen > 0 order by person_id""",
        [reading.as_of],
    ).fetchnumpy()
    return _scored(found, reading.as_of)


def from_orders(reading: Reading, layout: Layout) -> dict[str, np.ndarray]:
    """Sum up orders, as the build does, and score that."""
    return _scored(reading.cursor.execute(_OVER_ORDERS, [reading.as_of] * 3).fetchnumpy(), reading.as_of)


def over_lines(reading: Reading, layout: Layout) -> dict[str, np.ndarray]:
    """Plain SQL over the sorted order lines of the base."""
    return reading.cursor.execute(_OVER_LINES.format(lines="lines"), [reading.as_of] * 3).fetchnumpy()


def over_files(reading: Reading, layout: Layout) -> dict[str, np.ndarray]:
    """Plain SQL over the landed Parquet files of the base, which lie by day."""
    files = [str(layout.batch("till", batch) / "lines.parquet") for batch in range(1, DAYS + 1)]
    sql = _OVER_LINES.format(lines=_LANDED.format(files=files))
    return reading.cursor.execute(sql, [reading.as_of] * 3).fetchnumpy()


WAYS = {"stored": stored, "orders": from_orders, "lines, SQL": over_lines, "files, SQL": over_files}


def _scored(found: dict[str, np.ndarray], as_of: date) -> dict[str, np.ndarray]:
    table = Purchases(*(np.asarray(found[name], dtype=np.int64) for name in NAMES[:4]))
    scores = rfm(table, as_of=as_of)
    if scores is None:
        raise SystemExit("nobody bought")
    return dict(zip(NAMES, (*(getattr(table, name) for name in ("person_ids", *NAMES[1:4])), scores.r, scores.f, scores.m),
                    strict=True))  # fmt: skip


def measured(way: str, layout: Layout, limits: Limits, kept: Path, found: Any) -> None:
    """Body of a run's process: time it, then keep its columns for the comparison."""
    with Warehouse(layout, limits).read() as reading:
        wall, cpu = time.perf_counter(), time.process_time()
        columns = WAYS[way](reading, layout)
        used = {"wall_s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    np.savez(kept, **{name: np.asarray(columns[name], dtype=np.int64) for name in NAMES})
    found.put({**used, "peak_mb": peak, "buyers": int(columns["person_id"].size)})


def differences(first: Path, other: Path) -> dict[str, int]:
    """Return in how many persons two ways differ, by column."""
    with np.load(first) as one, np.load(other) as two:
        if one["person_id"].shape != two["person_id"].shape or (one["person_id"] != two["person_id"]).any():
            return {"person_id": abs(one["person_id"].size - two["person_id"].size) or 1}
        return {name: int((one[name] != two[name]).sum()) for name in NAMES if (one[name] != two[name]).any()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="huitou bench rfm")
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=50_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "huitou-bench-warehouse")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", type=int, default=READER_LIMITS.memory_mb, help="limit of DuckDB in MB")
    arguments = parser.parse_args()
    layout = Layout(arguments.data or arguments.folder)
    if arguments.data is None and current(layout) is None:
        if not base_path(layout, BASE).exists():
            size = Size(arguments.members, arguments.lines)
            generate(layout, size)
            build(layout, size)
        switch(layout, base=BASE, tail=None)
    ways = [way for way in WAYS if arguments.data is None or way != "files, SQL"]
    limits = Limits(memory_mb=arguments.memory, threads=arguments.threads)
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for way in ways * arguments.rounds:
            found = spawn.Queue()
            process = spawn.Process(target=measured, args=(way, layout, limits, Path(folder) / f"{way}.npz", found))
            process.start()
            report = found.get()
            process.join()
            say(way, report)
        for way in ways[1:]:
            say(f"{way} differs from {ways[0]}", differences(Path(folder) / f"{ways[0]}.npz", Path(folder) / f"{way}.npz"))


def say(name: str, report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"run": name, "load": round(os.getloadavg()[0], 1), **report}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

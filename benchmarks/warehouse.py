"""
The warehouse at full size: build, folds, timeline and switches, beside the plain-SQL baseline of build_plain_sql.py.

    huitou bench warehouse [--members 1000000] [--lines 50000000] [--folder FOLDER] [--phases build,fold,...]

Every phase runs in a process of its own and reports wall seconds, cpu seconds and peak memory. FOLDER keeps the generated
landing (about 1.5 GB at full size) for the next run.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._landing import DAYS, Size, as_of, dims, generate, record_map
from huitou.warehouse.base.build import build_base
from huitou.warehouse.compare import compare_versions
from huitou.warehouse.dimensions import RECORD_MAP
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.timeline import timeline, timeline_lines
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN
from huitou.warehouse.switch import Version, current, switch, tail_path
from huitou.warehouse.tail import fold_tail

BASE, DAY, DAY_STILL, MICRO, REBUILT = 1, 2, 3, 4, 5
Phase = Callable[[Layout, Size], dict[str, Any]]


def baseline(layout: Layout, size: Size) -> dict[str, Any]:
    """The plain SQL build of the same batches 1..DAYS plus the two later ones (all that lies in the folder)."""
    with tempfile.TemporaryDirectory(dir=layout.root) as folder:
        script = Path(__file__).with_name("build_plain_sql.py")
        command = [sys.executable, str(script), str(layout.root), as_of(DAYS).isoformat(), f"{folder}/plain.duckdb"]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def base_of(layout: Layout, size: Size, number: int, last_batch: int) -> dict[str, Any]:
    result = build_base(
        layout, number=number, batch_ids=range(1, last_batch + 1), record_map=record_map(size), dims=dims(),
        as_of=as_of(min(last_batch, DAYS + 1)), map_seq=0,
    )  # fmt: skip
    return {"steps": result.seconds, "rows": result.rows, "size_mb": result.path.stat().st_size >> 20}


def build(layout: Layout, size: Size) -> dict[str, Any]:
    shutil.rmtree(layout.warehouse, ignore_errors=True)
    return base_of(layout, size, BASE, DAYS)


def fold(layout: Layout, number: int, last_batch: int, day: int) -> dict[str, Any]:
    result = fold_tail(
        layout, number=number, base=BASE, batch_ids=range(DAYS + 1, last_batch + 1), map_changes=RECORD_MAP.empty_table(),
        erased_record_ids=(), as_of=as_of(day), map_seq=0, dims=dims(),
    )  # fmt: skip
    return {"steps": result.seconds, "lines": result.rows["lines"], "persons": result.rows["facts"]}


def fold_day(layout: Layout, size: Size) -> dict[str, Any]:
    """A busy day, as_of one day on."""
    return fold(layout, DAY, DAYS + 1, DAYS + 1)


def fold_day_still(layout: Layout, size: Size) -> dict[str, Any]:
    """The same day, as_of unchanged: what a fold late in the day costs."""
    return fold(layout, DAY_STILL, DAYS + 1, DAYS)


def micro(layout: Layout, size: Size) -> dict[str, Any]:
    """A micro-batch alone on the base: half a minute's lines."""
    result = fold_tail(
        layout, number=MICRO, base=BASE, batch_ids=[DAYS + 2], map_changes=RECORD_MAP.empty_table(), erased_record_ids=(),
        as_of=as_of(DAYS), map_seq=0, dims=dims(),
    )  # fmt: skip
    return {"steps": result.seconds, "lines": result.rows["lines"], "persons": result.rows["facts"]}


def rebuild(layout: Layout, size: Size) -> dict[str, Any]:
    """A rebuild with the extra day, compared with base + tail row for row by hash."""
    base_of(layout, size, REBUILT, DAYS + 1)
    start = time.perf_counter()
    found = compare_versions(layout, folded=Version(DAY, BASE, DAY), rebuilt=Version(REBUILT, REBUILT, None))
    different = [table.table for table in found.tables if not table.equal]
    return {"different_tables": different, "compare_s": round(time.perf_counter() - start, 1)}


def timelines(layout: Layout, size: Size) -> dict[str, Any]:
    """One page of a random person's orders, and the lines of the newest, through base and tail, after one warm-up round."""
    publish(layout, BASE, MICRO)
    warehouse, draws = Warehouse(layout), random.Random(7)
    pages: list[float] = []
    opened: list[float] = []
    for round_number in range(2):
        for _ in range(300):
            person, start = draws.randint(1, size.members), time.perf_counter()
            with warehouse.read() as reading:
                orders = timeline(reading.cursor, scope=CHAIN, person_id=person)
            shown = time.perf_counter()
            with warehouse.read() as reading:
                newest = [order.net_order_id for order in orders[:1]]
                timeline_lines(reading.cursor, scope=CHAIN, person_id=person, net_order_ids=newest)
            if round_number:
                pages.append(1000 * (shown - start))
                if orders:
                    opened.append(1000 * (time.perf_counter() - shown))
    return {"page_ms": _spread(pages), "lines_ms": _spread(opened)}


def _spread(millis: list[float]) -> dict[str, float]:
    ranked = sorted(millis)
    places = {"p50": len(ranked) // 2, "p95": len(ranked) * 95 // 100, "max": len(ranked) - 1}
    return {name: round(ranked[place], 1) for name, place in places.items()}


def publish(layout: Layout, base: int, tail: int) -> None:
    version = current(layout)
    if version is None or version.number < tail:
        switch(layout, base=base, tail=tail)


def read_on(root: str, members: int, stop: Any, found: Any) -> None:
    """Body of a reader process: timelines of random persons until told to stop."""
    warehouse, draws, last, reads, switches, errors = Warehouse(Layout(Path(root))), random.Random(os.getpid()), 0, 0, 0, []
    while not stop.is_set():
        try:
            with warehouse.read() as reading:
                timeline(reading.cursor, scope=CHAIN, person_id=draws.randint(1, members))
                if reading.version.number < last:
                    errors.append(f"{reading.version.number} after {last}")
                switches += reading.version.number != last
                last = reading.version.number
            reads += 1
        except Exception as error:
            errors.append(repr(error))
    found.put({"reads": reads, "switches": switches, "errors": errors[:3], "error_count": len(errors)})


def switches(layout: Layout, size: Size, *, count: int = 1_000, readers: int = 4) -> dict[str, Any]:
    """Publish a tail `count` times under reader processes; each publish is a new file and a new pointer."""
    spawn = multiprocessing.get_context("spawn")
    stop, found = spawn.Event(), spawn.Queue()
    processes = [spawn.Process(target=read_on, args=(str(layout.root), size.members, stop, found)) for _ in range(readers)]
    kept = layout.root / "tail.duckdb"
    shutil.copy(tail_path(layout, MICRO), kept)
    for process in processes:
        process.start()
    start = time.perf_counter()
    for number in range(1_000, 1_000 + count):
        shutil.copy(kept, tail_path(layout, number))
        switch(layout, base=BASE, tail=number)
    seconds = time.perf_counter() - start
    stop.set()
    results = [found.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    kept.unlink()
    return {
        "switches": count, "seconds": round(seconds, 1), "readers": readers, "reads": sum(r["reads"] for r in results),
        "reader_switches": sum(r["switches"] for r in results), "errors": sum(r["error_count"] for r in results),
        "first_errors": [error for r in results for error in r["errors"]][:3],
    }  # fmt: skip


PHASES: dict[str, Phase] = {
    "baseline": baseline, "build": build, "fold_day": fold_day, "fold_day_still": fold_day_still, "micro": micro,
    "rebuild": rebuild, "timelines": timelines, "switches": switches,
}  # fmt: skip


def measured(phase: str, layout: Layout, size: Size, found: Any) -> None:
    """Body of a phase's process: run it and report what it found and used."""
    start = time.perf_counter()
    result = PHASES[phase](layout, size)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {
        "wall_s": round(time.perf_counter() - start, 2), "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": used.ru_maxrss >> 10,
    }  # fmt: skip
    found.put({**cost, **result})


def main() -> None:
    parser = argparse.ArgumentParser(prog="huitou bench warehouse")
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=50_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "huitou-bench-warehouse")
    parser.add_argument("--phases", default=",".join(PHASES))
    arguments = parser.parse_args()
    size, layout = Size(arguments.members, arguments.lines), Layout(arguments.folder)
    layout.root.mkdir(parents=True, exist_ok=True)
    generate(layout, size)
    spawn = multiprocessing.get_context("spawn")
    for phase in arguments.phases.split(","):
        found = spawn.Queue()
        process = spawn.Process(target=measured, args=(phase, layout, size, found))
        process.start()
        process.join()
        report = found.get(timeout=5) if process.exitcode == 0 else {"failed": process.exitcode}
        load = round(os.getloadavg()[0], 1)
        sys.stdout.write(json.dumps({"phase": phase, "load": load, **report}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""
Records one by one against all at once: a batch is loaded, the rest comes by `record_upsert`, then everything is resolved anew.

    huitou bench identity_stream [--records 20000] [--streamed 2000] [--batched 1000] [--seed 12] [--dirt 1.0] [--words FOLDER]

An installation of its own in a temporary folder. Prints the pair F1 between the map that the stream left and the one of a run
over everything, how many persons that run still changed, and the times of the upserts in milliseconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

_SOURCES = {"mall": "mall", "pos": "pos", "member": "membership", "ticket": "aftersales"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="huitou bench identity_stream")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--streamed", type=int, default=2_000)
    parser.add_argument("--batched", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--dirt", type=float, default=1.0)
    parser.add_argument("--words", type=Path, help="folder with cn_surnames.parquet and cn_given_name_chars.parquet")
    parser.add_argument("--profile", action="store_true", help="say where the single upserts spend their time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HUITOU_HOME=home, DJANGO_SETTINGS_MODULE="huitou.web.settings")
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Path.cwd() / "var" / "cache" / "numba"))
        subprocess.run([sys.executable, "-m", "huitou.cli", "init"], check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        print(json.dumps(measured(arguments), indent=1))


def measured(arguments: argparse.Namespace) -> dict[str, Any]:
    from huitou.apps.identity.services import map_resolve, record_upsert, records_upsert

    records = shuffled(arguments)
    single, batched = arguments.streamed, arguments.batched
    rest = records[: len(records) - single - batched]
    now = datetime.now(UTC)
    started = time.perf_counter()
    load(rest, now)
    map_resolve(changed=None, now=now)
    report: dict[str, Any] = {"loaded": len(rest), "load_s": round(time.perf_counter() - started, 1)}
    stream = records[len(rest) : len(rest) + single]
    record_upsert(as_customer(stream[0]), now=now)
    taken = []
    profiler = None
    if arguments.profile:
        import cProfile

        profiler = cProfile.Profile()
        profiler.enable()
    for row in stream[1:]:
        begun = time.perf_counter()
        record_upsert(as_customer(row), now=now)
        taken.append((time.perf_counter() - begun) * 1_000)
    if profiler is not None:
        import pstats

        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45).sort_stats("cumtime").print_stats(60)
    cuts = statistics.quantiles(taken, n=100)
    report["one_by_one_ms"] = {f"p{at}": round(cuts[at - 1], 3) for at in (50, 95, 99)}
    if batched:
        begun = time.perf_counter()
        for low in range(len(rest) + single, len(records), 100):
            records_upsert([as_customer(row) for row in records[low : low + 100]], now=now)
        report["per_second_in_batches_of_100"] = round(batched / (time.perf_counter() - begun))
    streamed = persons()
    map_resolve(changed=None, now=now)
    whole = persons()
    report["pair_f1"] = round(pair_f1(streamed, whole), 5)
    report["records_that_moved"] = sum(whole[record] != person for record, person in streamed.items())
    report["records_of_the_stream"] = single + batched
    map_resolve(changed=None, now=now)
    report["moved_by_a_second_run"] = sum(whole[record] != person for record, person in persons().items())
    return report


def shuffled(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return dirty records of all sources in random order, each with its source."""
    from huitou.demo.identities import Recipe, census_words, record_chunks

    words = None if arguments.words is None else census_words(arguments.words)
    rows: list[dict[str, Any]] = []
    for source, table, _ in record_chunks(Recipe(arguments.records, arguments.seed, arguments.dirt), words):
        rows += [{"source": _SOURCES[source], **row} for row in table.to_pylist()]
    order = np.random.default_rng(arguments.seed).permutation(len(rows))
    return [rows[at] for at in order.tolist()]


def as_customer(row: dict[str, Any]):  # type: ignore[no-untyped-def]  # the type needs django.setup()
    from huitou.apps.identity.services import CustomerRecord
    from huitou.warehouse.landing.schema import RECORD_TEXT

    return CustomerRecord(
        row["source"], row["record_id"], {name: row[name] for name in RECORD_TEXT if row.get(name)},
        datetime(2026, 1, 1, tzinfo=UTC), store_id=store_number(row["store_id"]),
    )  # fmt: skip


def store_number(text: str | None) -> int | None:
    digits = "".join(sign for sign in text or "" if sign.isdecimal())
    return int(digits) if digits else None


def load(rows: list[dict[str, Any]], now: datetime) -> None:
    """Store the rows as batches of their sources."""
    from huitou.apps.identity.services import records_store
    from huitou.apps.intake.services import document_reserve
    from huitou.warehouse.landing.schema import RECORD_TEXT, TABLES

    for number, source in enumerate(sorted({row["source"] for row in rows}), 1):
        own = [
            {
                **{name: row.get(name) for name in RECORD_TEXT}, "source_id": row["record_id"], "page_no": 0, "row_no": 0,
                "record_id": document_reserve(source_code=source, kind_code="customer", key=row["record_id"]),
                "version_at": datetime(2026, 1, 1), "store_id": store_number(row["store_id"]), "phone_verified": False,  # noqa: DTZ001
            }
            for row in rows if row["source"] == source
        ]  # fmt: skip
        records_store(
            records=pa.Table.from_pylist(own, TABLES["records"]), identifiers=TABLES["identifiers"].empty_table(),
            source_code=source, batch_id=number, now=now,
        )  # fmt: skip


def persons() -> dict[int, int]:
    from huitou.apps.identity.queries import record_map

    table = record_map()
    return dict(zip(table.column("record_id").to_pylist(), table.column("person_id").to_pylist(), strict=True))


def pair_f1(one: dict[int, int], other: dict[int, int]) -> float:
    """Return the F1 of the pairs of records that are one person, of one map against another."""
    both = sizes((one[record], other[record]) for record in one)
    return 2 * both / max(1, sizes(one.values()) + sizes(other.values()))


def sizes(labels: Any) -> int:
    counts: dict[Any, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return sum(count * (count - 1) // 2 for count in counts.values())


if __name__ == "__main__":
    main()

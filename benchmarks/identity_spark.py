"""
Who is who on Spark and in one process: the same records, the same entities, and what each takes.

    huitou bench identity_spark [--records 200000] [--seed 12] [--folder FOLDER] [--cores 2] [--partitions 4]

Needs Java 17 and the extra `spark`. FOLDER keeps the data. Exit code 1 when a single record has another entity.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from benchmarks.identity import sources_of
from huitou.core.identity import resolve
from huitou.core.identity.match.warm import warm
from huitou.demo.identities import Recipe, write_identities


def compared(folder: Path, cores: int, partitions: int) -> dict[str, object]:
    """Resolve all records of a folder both ways; seconds exclude starting Spark and reading files."""
    from pyspark.sql import SparkSession

    from huitou.warehouse.spark.identity import resolve_spark

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    options = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": str(partitions), "spark.log.level": "ERROR",
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "4g",
    }  # fmt: skip
    builder = SparkSession.builder.master(f"local[{cores}]").appName("identity")
    for key, value in options.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    warm()
    records = pa.concat_tables(list(sources_of(folder).values()), promote_options="default")
    begun = time.perf_counter()
    here = resolve({"all": records})
    between = time.perf_counter()
    there = resolve_spark(session.createDataFrame(records))
    entities = there.entities.toArrow()
    ended = time.perf_counter()
    session.stop()
    ours, theirs = (table.sort_by("record_id").column("entity_id").to_pylist() for table in (here.entities, entities))
    return {
        "records": len(records), "entities": len(set(ours)), "one_process_s": round(between - begun, 2),
        "spark_s": round(ended - between, 2), "same_weights": here.model == there.model,
        "records_apart": sum(one != two for one, two in zip(ours, theirs, strict=True)),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--partitions", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        if not (folder / "truth.parquet").exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_identities(folder, Recipe(records=arguments.records, seed=arguments.seed))
        report = compared(folder, arguments.cores, arguments.partitions)
    print(json.dumps(report, indent=2))
    return 1 if report["records_apart"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""
The named baseline of the warehouse benchmark: landing to orders, order x category and person facts by plain SQL.

    python benchmarks/build_plain_sql.py LANDING_ROOT AS_OF OUTPUT.duckdb

LANDING_ROOT holds landing/, products.parquet (product_id, category_id) and record_map.parquet (record_id, person_id).
One DuckDB, no tricks: no sort, no ranges, no steps. Prints wall seconds, cpu seconds and peak memory as one JSON line.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

import duckdb


def build(root: Path, as_of: str, output: Path) -> dict[str, float]:
    """Build the three tables into `output`; return wall_s, cpu_s and peak_mb of this process."""
    start = perf_counter()
    connection = duckdb.connect(str(output), config={"memory_limit": "2500MB", "threads": 2})
    connection.execute("set enable_progress_bar = false")
    connection.execute("set variable as_of = $day::date", {"day": as_of})
    for view, table in (("landed_line", "lines"), ("landed_order", "orders")):
        connection.execute(f"create temp view {view} as select * from read_parquet('{root}/landing/*/*/{table}.parquet')")
    for table in ("products", "record_map"):
        connection.execute(f"create temp view {table} as select * from read_parquet('{root}/{table}.parquet')")
    for statement in connection.extract_statements(Path(__file__).with_suffix(".sql").read_text()):
        connection.execute(statement)
    connection.execute("checkpoint")
    connection.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall_s": round(perf_counter() - start, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": used.ru_maxrss // 1024,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(build(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))) + "\n")

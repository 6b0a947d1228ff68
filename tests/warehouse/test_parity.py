"""On Spark (and PostgreSQL) comes out what comes out here: the portable models' rows, and who is who."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.postgres import PostgresUnavailable, server
from tests.warehouse.chain import AS_OF, RETURN, SMALL, VOID, Document, Line, days_before, line_rows, order_row

from huitou.core.identity import resolve
from huitou.core.identity.policy import DEFAULT_POLICY, Policy
from huitou.demo.identities import SOURCES, Recipe, write_identities
from huitou.warehouse.connect import connect
from huitou.warehouse.models import ALIASES, load_models
from huitou.warehouse.portable import Engine, transpile
from huitou.warehouse.spark.components import components
from huitou.warehouse.spark.identity import resolve_spark
from huitou.warehouse.tables import COLUMNS

pytestmark = pytest.mark.long(130)

Rows = list[tuple[Any, ...]]
RECORDS = int(os.environ.get("HUITOU_SPARK_RECORDS", "3000"))  # of the matcher; 200,000 take minutes

STEPS = ("header", "person_order", "person_category", "score_cut")
COMPARED = (*(name for name in COLUMNS if name in load_models()), *STEPS)

TYPES = {
    "landed_line": """order_id bigint, line_no int, net_order_id bigint, kind smallint, record_id bigint, store_id int,
        channel smallint, sold_at timestamp, business_date date, product_id int, qty_milli bigint, amount_fen bigint,
        discount_fen bigint, batch_id int""",
    "header_candidate": """net_order_id bigint, order_id bigint, kind smallint, order_no {text}, record_id bigint, store_id int,
        channel smallint, sold_at timestamp, business_date date""",
    "product_category": "product_id int, category_id int",
    "map": "record_id bigint, person_id bigint",
    "points": "record_id bigint, delta_points bigint",
}


def documents() -> list[Document]:
    """Sales at window edges in every store and both channels, returns, a void, an orphan return, anonymous orders, ties."""
    found = []
    for i in range(1, 41):
        lines = tuple(Line(1 + (i * j) % 9, 50 * ((i + j) % 7), (i + j) % 3, 1 + j % 2) for j in range(1, 2 + i % 4))
        age = (0, 29, 30, 31, 89, 90, 91, 364, 365, 366)[i % 10]
        found.append(Document(i, days_before(age), lines, None if i % 6 == 0 else 1 + i % 7, 1 + i % 4, i % 2))
    for i in (3, 8, 12):
        found.append(Document(100 + i, days_before(1), found[i - 1].lines[:1], None, 2, 0, RETURN, i))
    found.append(Document(120, AS_OF, found[4].lines, found[4].record_id, 1, 0, VOID, 5))
    found += [Document(130 + n, AS_OF, (Line(1, 30 + n),), 2, 1 + n, 0, RETURN, 999) for n in range(2)]
    return found


def inputs() -> dict[str, list[dict[str, Any]]]:
    orders = [order_row(document) for document in documents()]
    return {
        "landed_line": [{**row, "batch_id": 1} for document in documents() for row in line_rows(document)],
        "header_candidate": orders,
        "product_category": [{"product_id": p, "category_id": 10 + p % 4} for p in range(1, 9)],  # product 9 has none
        "map": [{"record_id": r, "person_id": 50 + r // 2} for r in range(1, 7)],  # record 7 has no person
        "points": [{"record_id": 1 + n % 7, "delta_points": 5 - n} for n in range(12)],
    }


def names_of(table: str) -> list[str]:
    return [part.split()[0] for part in TYPES[table].split(",")]


def run_models(run: Callable[[str, str], None], text: Callable[[str], str]) -> None:
    """Make every model a table in declared order; an alias stands for the whole model."""
    for name, model in load_models().items():
        run(name, text(model.sql))
        for alias, target in ALIASES.items():
            if target == name:
                run(alias, f"select * from {name}")


def plain(value: Any) -> Any:
    """Bring an engine's value to one form: whole numbers as int, moments without a zone."""
    if isinstance(value, Decimal):
        return int(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def ordered(rows: Iterator[tuple[Any, ...]] | Rows) -> Rows:
    return sorted((tuple(plain(value) for value in row) for row in rows), key=lambda row: [(v is None, str(v)) for v in row])


def columns_of(name: str, connection: duckdb.DuckDBPyConnection) -> str:
    return ", ".join(column[0] for column in connection.execute(f"select * from {name} limit 0").description)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, Rows]]:
    """Every compared model's columns and rows on DuckDB."""
    with connect(limits=SMALL, temporary=tmp_path_factory.mktemp("duck")) as connection:
        for table, rows in inputs().items():
            connection.execute(f"create table {table} ({TYPES[table].format(text='varchar')})")
            insert = f"insert into {table} values ({', '.join('?' * len(names_of(table)))})"
            connection.executemany(insert, [[row[name] for name in names_of(table)] for row in rows])
        models = load_models()
        by_text = {model.sql: model for model in models.values()}

        def run(name: str, sql: str) -> None:
            model = by_text.get(sql)
            connection.execute(f"create table {name} as {sql}", {"as_of": AS_OF} if model and model.takes_as_of else {})

        run_models(run, lambda sql: sql)
        found = {}
        for name in COMPARED:
            columns = columns_of(name, connection)
            found[name] = (columns, ordered(connection.execute(f"select {columns} from {name}").fetchall()))
    assert all(rows for _, rows in found.values())
    return found


def translated(engine: Engine) -> Callable[[str], str]:
    return lambda sql: transpile(sql, engine, as_of=AS_OF)


def unavailable(reason: str) -> None:
    """Skip with a printed line; on the build server a missing engine is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_postgresql_gives_the_same_rows(expected: Mapping[str, tuple[str, Rows]]):
    try:
        with server() as url, psycopg.connect(url) as connection:
            for table, rows in inputs().items():
                connection.execute(f"create table {table} ({TYPES[table].format(text='text')})")
                with connection.cursor().copy(f"copy {table} ({', '.join(names_of(table))}) from stdin") as copy:
                    for row in rows:
                        copy.write_row([row[name] for name in names_of(table)])
            run_models(lambda name, sql: connection.execute(f"create table {name} as {sql}"), translated("postgres"))
            for name, (columns, rows) in expected.items():
                assert ordered(connection.execute(f"select {columns} from {name}").fetchall()) == rows, name
    except PostgresUnavailable as error:
        unavailable(f"PostgreSQL parity not tested: {error}")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if shutil.which("java") is None or importlib.util.find_spec("pyspark") is None:
        unavailable("Spark parity not tested: needs Java 17 and the extra 'spark'")
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[1]").appName("parity")
    options = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("spark")),
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.default.parallelism": "1", "spark.log.level": "ERROR",
        # a minute of plans, each run once: what the second compiler and parallel collectors cost never comes back
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
    }  # fmt: skip
    for key, value in options.items():
        builder = builder.config(key, value)
    started = builder.getOrCreate()
    yield started
    started.stop()


@pytest.mark.spark
def test_spark_gives_the_same_rows(expected: Mapping[str, tuple[str, Rows]], session: Any):
    for table, rows in inputs().items():
        schema = TYPES[table].format(text="string")
        values = [tuple(row[name] for name in names_of(table)) for row in rows]
        session.createDataFrame(values, schema).createOrReplaceTempView(table)

    def run(name: str, sql: str) -> None:
        rows = session.sql(sql).localCheckpoint()  # rows, not a plan: the next model would be planned with all before it
        rows.createOrReplaceTempView(name)

    run_models(run, translated("spark"))
    for name, (columns, rows) in expected.items():
        found = [tuple(row) for row in session.sql(f"select {columns} from {name}").collect()]
        assert ordered(found) == rows, name


@pytest.mark.spark
def test_spark_finds_the_same_persons(session: Any, tmp_path: Path):
    write_identities(tmp_path, Recipe(records=RECORDS, seed=7))
    tables = [pq.read_table(tmp_path / f"{source}.parquet") for source in SOURCES]
    records = pa.concat_tables(tables, promote_options="default")
    nobody = ["向日葵" if at % 60 == 0 else name for at, name in enumerate(records["name"].to_pylist())]
    records = records.set_column(records.schema.get_field_index("name"), "name", pa.array(nobody))
    policy = Policy(enough_names=500, fit_pairs=500, blocked={"phone": frozenset({records["phone"].drop_null()[0].as_py()})})
    here, there = resolve({"all": records}, policy=policy), resolve_spark(session.createDataFrame(records), policy=policy)
    assert there.model.priors == pytest.approx(here.model.priors, abs=0.01)
    assert (there.model.version, there.model.name_counts) == (here.model.version, here.model.name_counts)
    assert here.model.strangers, "fitted, not built in"
    assert here.model.nicknames == there.model.nicknames != ()
    found = there.entities.toArrow().sort_by("record_id")
    assert found.to_pydict() == here.entities.sort_by("record_id").to_pydict()
    assert here.profile()["largest_entity"] > 2


@pytest.mark.spark
def test_components_of_chains_rings_and_stars(session: Any):
    edges = [*((n, n + 1) for n in range(12)), (100, 101), (101, 102), (102, 100), *((300, 200 + n) for n in range(9))]
    shuffled = Random(3).sample([pair[::-1] if n % 2 else pair for n, pair in enumerate(edges)], len(edges))
    found = components(session.createDataFrame(shuffled, "a bigint, b bigint")).collect()
    wanted = dict.fromkeys(range(13), 0) | dict.fromkeys((100, 101, 102), 100) | dict.fromkeys((*range(200, 209), 300), 200)
    assert sorted(tuple(row) for row in found) == sorted(wanted.items())


@pytest.mark.spark
def test_what_spark_refuses(session: Any):
    def refused(columns: str, *rows: tuple[Any, ...], policy: Policy = DEFAULT_POLICY) -> str:
        with pytest.raises(ValueError, match=r".") as error:
            resolve_spark(session.createDataFrame(rows, columns), policy=policy)
        return str(error.value)

    assert "record_id" in refused("id bigint, phone string", (1, "x"))
    assert "columns to match on" in refused("record_id bigint, note string", (1, "x"))
    assert "1 have none" in refused("record_id string, phone string", ("", "x"), ("2", "x"))
    assert "1 differ" in refused("record_id bigint, phone string", (1, "x"), (1, "y"))
    assert "hub_records" in refused("record_id bigint, phone string", (1, "x"), policy=Policy(hub_records=20))

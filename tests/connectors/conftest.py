"""Shared by the connector tests: a served chain folder, and mappings run over recorded samples as intake runs them."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import duckdb
import pytest

from huitou.connectors.fakes import RunningFakes, serve_fakes
from huitou.connectors.protocol import PageFormat
from huitou.connectors.registry import mapping_sql
from huitou.core.canonical import KINDS

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

Mapped = list[dict[str, str]]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[RunningFakes]:
    """The four fake systems over an empty chain folder."""
    with serve_fakes(tmp_path / "chain") as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Take the pauses out of retries and collect their seconds."""
    taken: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", taken.append)
    return taken


@pytest.fixture
def map_page() -> Callable[[str, str, str, PageFormat, bytes], Mapped]:
    return _map_page


@pytest.fixture
def map_sample() -> Callable[[str, str, str], Mapped]:
    """Map the recorded sample of a stream: (source, stream, kind) -> canonical rows without their nulls and page_no."""

    def run(code: str, stream: str, kind: str) -> Mapped:
        folder = resources.files(f"huitou.connectors.{code}") / "samples"
        for page_format in PageFormat:
            sample = folder / f"{stream}.{page_format.value}"
            if sample.is_file():
                return _map_page(code, stream, kind, page_format, sample.read_bytes())
        raise FileNotFoundError(f"no sample of {code} {stream}")

    return run


def _map_page(code: str, stream: str, kind: str, page_format: PageFormat, content: bytes) -> Mapped:
    with duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}) as session:
        if page_format is PageFormat.JSON:
            session.execute("create table raw (page_no integer, row_no integer, item json)")
            rows = [(0, number, json.dumps(item)) for number, item in enumerate(json.loads(content), start=1)]
        else:
            header, *body = csv.reader(io.StringIO(content.decode()))
            columns = ", ".join(f'"{name}" varchar' for name in header)
            session.execute(f"create table raw (page_no integer, row_no integer, raw_text varchar, {columns})")
            rows = [(0, number, ",".join(row), *row) for number, row in enumerate(body, start=2)]
        session.executemany(f"insert into raw values ({', '.join('?' * len(rows[0]))})", rows)
        result = session.execute(mapping_sql(code, stream, kind))
        names = [column[0] for column in result.description]
        types = {column[0]: str(column[1]) for column in result.description}
        mapped = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    own = {"page_no", "row_no", "skip_reason", "refuse_reason", "refuse_column"}
    allowed = own | {field.name for field in KINDS[kind].fields}
    assert set(names) <= allowed, f"columns that {kind} does not have: {set(names) - allowed}"
    assert all(types[name] == "VARCHAR" for name in names if name not in ("page_no", "row_no")), types
    return [{name: value for name, value in row.items() if value is not None and name != "page_no"} for row in mapped]

"""Where records come from: Arrow data in memory, and Parquet files that are read piece by piece while they are parsed."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from os import PathLike
from threading import Condition
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

_STRETCH = 16_384  # rows parsed in one go
Piece = tuple[int, pa.Table]  # place of the first row in its source, and some rows


class Source(Protocol):
    """The records of one source. rows: how many; schema: of all its columns."""

    @property
    def rows(self) -> int: ...

    @property
    def schema(self) -> pa.Schema: ...

    def readers(self, names: Sequence[str]) -> "list[Iterator[Piece]]":
        """Return what yields these columns in pieces; one reader is for one thread at a time, several run side by side."""

    def column(self, name: str) -> pa.ChunkedArray:
        """Return one whole column; a file reads it the first time."""


@dataclass(frozen=True, slots=True)
class TableSource:
    table: pa.Table

    @property
    def rows(self) -> int:
        return len(self.table)

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    def readers(self, names: Sequence[str]) -> list[Iterator[Piece]]:
        table = self.table.select(names)
        return [iter([(low, table.slice(low, _STRETCH))]) for low in range(0, len(table), _STRETCH)]

    def column(self, name: str) -> pa.ChunkedArray:
        return self.table.column(name)


@dataclass(frozen=True, slots=True)
class FileSource:
    path: PathLike[str]
    metadata: pq.FileMetaData
    schema: pa.Schema
    _columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)

    @classmethod
    def opened(cls, path: PathLike[str]) -> "FileSource":
        file = pq.ParquetFile(path)
        return cls(path, file.metadata, file.schema_arrow)

    @property
    def rows(self) -> int:
        return int(self.metadata.num_rows)

    def readers(self, names: Sequence[str]) -> list[Iterator[Piece]]:
        found, start = [], 0
        for group in range(self.metadata.num_row_groups):
            found.append(self._group(group, start, names))
            start += self.metadata.row_group(group).num_rows
        return found

    def _group(self, group: int, start: int, names: Sequence[str]) -> Iterator[Piece]:
        with pq.ParquetFile(self.path, metadata=self.metadata) as file:
            for batch in file.iter_batches(_STRETCH, row_groups=[group], columns=list(names), use_threads=False):
                yield start, pa.Table.from_batches([batch])
                start += len(batch)

    def column(self, name: str) -> pa.ChunkedArray:
        if name not in self._columns:
            self._columns[name] = pq.read_table(self.path, columns=[name]).column(name)
        return self._columns[name]


def source_of(code: str, given: Any) -> Source:
    """
    Return the source behind a path of a Parquet file, or behind what carries Arrow data (a table, a record batch, a pandas or
    Polars frame). Raises ValueError on anything else, and where a column is there twice.
    """
    source: Source
    if isinstance(given, PathLike):
        source = FileSource.opened(given)
    else:
        if isinstance(given, pa.RecordBatch):
            given = pa.Table.from_batches([given])
        elif not isinstance(given, pa.Table) and hasattr(given, "__arrow_c_stream__"):
            given = pa.table(given)
        if not isinstance(given, pa.Table):
            raise ValueError(
                f"source {code!r} must be an Arrow table, something that gives one or the path of a Parquet file, "
                f"got {type(given).__name__}"
            )
        source = TableSource(given)
    names = source.schema.names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"table {code!r} has columns twice: {repeated}")
    return source


def each_piece(readers: Sequence[tuple[int, Iterator[Piece]]], do: Callable[[int, pa.Table], None], workers: int) -> None:
    """
    Call do(row of the whole, some rows) for every piece of every reader (each with the row it starts from), in no order.

    Who has read a piece parses it while it is in the processor's cache, unless somebody has nothing to read: so the last
    large group of a file keeps all workers busy. The first error ends all of them and is raised.
    """
    if workers < 2:
        for start, reader in readers:
            for low, rows in reader:
                do(start + low, rows)
        return
    line = _Line(readers, do)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for done in [pool.submit(line.work) for _ in range(workers)]:
            done.result()


class _Line:
    """Readers that wait, and pieces that their readers handed to somebody idle."""

    def __init__(self, readers: Sequence[tuple[int, Iterator[Piece]]], do: Callable[[int, pa.Table], None]) -> None:
        self._readers, self._do = deque(readers), do
        self._pieces: deque[Piece] = deque()
        self._turn = Condition()
        self._reading = self._idle = 0
        self._failed = False

    def work(self) -> None:
        try:
            while (task := self._next()) is not None:
                start, found = task
                if isinstance(found, pa.Table):
                    self._do(start, found)
                else:
                    self._read(start, found)
        except BaseException:
            with self._turn:
                self._failed = True
                self._turn.notify_all()
            raise

    def _next(self) -> "tuple[int, pa.Table | Iterator[Piece]] | None":
        with self._turn:
            self._idle += 1
            while not self._failed and not self._pieces and not self._readers and self._reading:
                self._turn.wait()
            self._idle -= 1
            if self._failed:
                return None
            if self._pieces:
                return self._pieces.popleft()
            if self._readers:
                self._reading += 1
                return self._readers.popleft()
            return None

    def _read(self, start: int, reader: Iterator[Piece]) -> None:
        for low, rows in reader:
            with self._turn:
                handed = self._idle > len(self._pieces)
                if handed:
                    self._pieces.append((start + low, rows))
                    self._turn.notify()
            if self._failed:
                return
            if not handed:
                self._do(start + low, rows)
        with self._turn:
            self._reading -= 1
            self._turn.notify_all()

"""
Read the published version: one instance per process, one pinned cursor per request.

Each version is a schema of views over its attached files. A request costs one stat of CURRENT; when that changed, the new
files are attached beside the old ones and the old version is dropped as soon as its last request has ended.
"""

import os
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from huitou.warehouse.attach import attach, base_alias, filled_tables, table_sql, tail_alias
from huitou.warehouse.connect import connect
from huitou.warehouse.layout import READER_LIMITS, Layout, Limits
from huitou.warehouse.switch import Version, current, pointer_path
from huitou.warehouse.tables import COLUMNS

_ATTEMPTS = 5
_ANSWERS = 500  # kept of a version

Answer = TypeVar("Answer")


class NothingPublished(Exception):
    """No version has been built yet."""


class _Answers:
    """What the readers of one version have said, the last ones asked; its files are never written again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: OrderedDict[Hashable, Any] = OrderedDict()

    def of(self, question: Hashable, ask: Callable[[], Any]) -> Any:
        with self._lock:
            if question in self._said:
                self._said.move_to_end(question)
                return self._said[question]
        answer = ask()  # two may ask at once; both hear the same
        with self._lock:
            self._said[question] = answer
            if len(self._said) > _ANSWERS:
                self._said.popitem(last=False)
        return answer


@dataclass(frozen=True, slots=True)
class Reading:
    """One request's view: the cursor answers from `version` to its end, whatever is published meanwhile."""

    cursor: duckdb.DuckDBPyConnection
    version: Version
    as_of: date
    answers: _Answers

    def once(self, reader: Callable[..., Answer], **asked: Hashable) -> Answer:
        """
        Return what a reader says of this version when it is asked so; it is asked once per version and process.

        For sums that many look at: the answer stays in memory and is everybody's, so nobody changes it. Never for a reader of
        single persons, each of whose reads is noted.
        """
        answer: Answer = self.answers.of((reader, *sorted(asked.items())), lambda: reader(self.cursor, **asked))
        return answer


@dataclass(slots=True)
class _Attached:
    version: Version
    as_of: date
    readers: int = 0
    answers: _Answers = field(default_factory=_Answers)

    @property
    def schema(self) -> str:
        return f"v{self.version.number}"

    @property
    def aliases(self) -> tuple[str, ...]:
        tail = tail_alias(self.version)
        return (base_alias(self.version),) if tail is None else (base_alias(self.version), tail)


@dataclass(slots=True)
class Warehouse:
    """The published versions of one installation. Threads may share it; open one per process, after any fork."""

    layout: Layout
    limits: Limits = READER_LIMITS
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, init=False, repr=False)
    _stamp: tuple[int, int] | None = field(default=None, init=False, repr=False)
    _attached: list[_Attached] = field(default_factory=list, init=False, repr=False)  # the last one is current

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """Give a cursor on the version published now. Raises NothingPublished before the first build."""
        pinned, cursor = self._pin()
        try:
            yield Reading(cursor, pinned.version, pinned.as_of, pinned.answers)
        finally:
            cursor.close()
            self._release(pinned)

    def close(self) -> None:
        """Close all files. Requests that are still reading fail."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._stamp = None, None
            self._attached.clear()

    def _pin(self) -> tuple[_Attached, duckdb.DuckDBPyConnection]:
        stamp = self._pointer_stamp()
        with self._lock:
            if stamp != self._stamp:
                self._refresh()
            pinned = self._attached[-1]
            cursor = self._open().cursor()
            cursor.execute(f"set schema = 'memory.{pinned.schema}'")
            pinned.readers += 1
            return pinned, cursor

    def _release(self, pinned: _Attached) -> None:
        with self._lock:
            pinned.readers -= 1
            if self._connection is not None:
                self._drop_unread()

    def _pointer_stamp(self) -> tuple[int, int]:
        try:
            found = os.stat(pointer_path(self.layout))
        except FileNotFoundError as error:
            raise NothingPublished(f"no version under {self.layout.warehouse}: run a build first") from error
        return found.st_ino, found.st_mtime_ns

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            spill = Path(tempfile.mkdtemp(prefix="huitou-read-"))
            weakref.finalize(self._lock, shutil.rmtree, spill, ignore_errors=True)
            self._connection = connect(limits=self.limits, temporary=spill)
        return self._connection

    def _refresh(self) -> None:
        for attempt in range(_ATTEMPTS):
            stamp = self._pointer_stamp()
            version = current(self.layout)
            if version is None:
                raise NothingPublished(f"no version under {self.layout.warehouse}: run a build first")
            try:
                if not self._attached or self._attached[-1].version != version:
                    self._attached.append(self._attach(version))
                self._stamp = stamp
                break
            except duckdb.IOException:  # the files were replaced between reading CURRENT and opening them
                if attempt == _ATTEMPTS - 1:
                    raise
        self._drop_unread()

    def _attach(self, version: Version) -> _Attached:
        connection = self._open()
        attach(connection, self.layout, version)
        newest = tail_alias(version) or base_alias(version)
        filled = filled_tables(connection, version)
        connection.execute("begin")
        connection.execute(f"create schema v{version.number}")
        for table in COLUMNS:
            connection.execute(f"create view v{version.number}.{table} as {table_sql(table, version, filled)}")
        connection.execute(f"create view v{version.number}.meta as select * from {newest}.meta")
        connection.execute(f"create view v{version.number}.checks as select * from {newest}.checks")
        connection.execute("commit")
        row = connection.execute(f"select as_of from v{version.number}.meta").fetchone()
        if row is None:
            raise duckdb.IOException(f"version {version.number} has no meta row")
        return _Attached(version, row[0])

    def _drop_unread(self) -> None:
        """Drop versions that are neither current nor read, then detach files that no version is left for."""
        unread = [version for version in self._attached[:-1] if version.readers == 0]
        if not unread:
            return
        connection = self._open()
        for version in unread:
            connection.execute(f"drop schema {version.schema} cascade")
            self._attached.remove(version)
        needed = {alias for version in self._attached for alias in version.aliases}
        for alias in {alias for version in unread for alias in version.aliases} - needed:
            connection.execute(f"detach {alias}")

"""The membership database as a Source, read in keyset pages. Tables: README.md beside this file."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.membership.database import Database, database_open
from huitou.connectors.membership.tables import TABLES, Table
from huitou.connectors.pages import json_page
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, Stream

CODE = "membership"
PAGE_ROWS = 2_000
LATE_COMMITS = timedelta(minutes=10)

STREAMS: tuple[Stream, ...] = (
    Stream("members", "会员档案", ("customer", "balance"), TABLES["members"].columns),
    Stream("cards", "会员卡", ("identifier",), TABLES["cards"].columns),
    Stream("points", "积分流水", ("points",), TABLES["points"].columns),
    Stream("referrals", "推荐", ("event",), TABLES["referrals"].columns),
    Stream("groups", "群成员", ("event",), TABLES["groups"].columns),
)


class MembershipSource:
    """
    One membership database, only read.

    The cursor is {"stamp", "key": the last row read, "window": digest of the rows within LATE_COMMITS before it}. A pull
    first compares that window: when a transaction committed late into it, the digest differs and the window comes again.
    """

    code = CODE
    title = "会员系统"
    streams = STREAMS

    def __init__(self, *, database: str, page_rows: int = PAGE_ROWS, late_commits: timedelta = LATE_COMMITS) -> None:
        self._database = database
        self._page_rows = page_rows
        self._late_commits = late_commits

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Fetch the rows after the cursor by (time, key); see Source.pull."""
        table = TABLES[stream]
        if table.is_optional and not self._has(table):
            return
        with database_open(self._database, source=CODE) as database:
            window = _Window(self._late_commits)
            position: dict[str, Any] = dict(cursor or {})
            if position:
                for stamp, key in self._window_rows(database, table, position):
                    window.add(stamp, key)
                if window.digest() != position["window"]:
                    yield from self._window_pages(database, stream, position, window.digest())
            while rows := self._rows_after(database, table, position):
                for row in rows:
                    window.add(row[table.stamp], row[table.key])
                last = rows[-1]
                position = {"stamp": last[table.stamp], "key": last[table.key], "window": window.digest()}
                name = f"{stream} to {position['stamp']} ({len(rows)} rows)"
                yield json_page(stream, name, rows, next_cursor=position)

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """Refuse: this system pushes nothing. Raises PermissionError."""
        raise PermissionError(f"{CODE} takes no pushed requests: its database is read")

    def _has(self, table: Table) -> bool:
        """Say whether the table can be read; a database that cannot be read at all says so with the other streams."""
        try:
            with database_open(self._database, source=CODE) as database:
                database.rows(f"select 1 from {table.name} limit 1", ())  # noqa: S608
        except SourceMisconfigured:
            return False
        return True

    def _rows_after(self, database: Database, table: Table, position: Mapping[str, Any]) -> list[dict[str, Any]]:
        columns = ", ".join(table.columns)
        where = f"where ({table.stamp}, {table.key}) > (?, ?)" if position else ""
        values = (position["stamp"], position["key"]) if position else ()
        return database.rows(
            f"select {columns} from {table.name} {where} order by {table.stamp}, {table.key} limit {self._page_rows}",  # noqa: S608
            values,
        )

    def _window_rows(self, database: Database, table: Table, position: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        rows = database.rows(
            f"select {table.stamp}, {table.key} from {table.name} "  # noqa: S608
            f"where {table.stamp} > ? and ({table.stamp}, {table.key}) <= (?, ?) order by {table.stamp}, {table.key}",
            (_earlier(position["stamp"], self._late_commits), position["stamp"], position["key"]),
        )
        return ((row[table.stamp], row[table.key]) for row in rows)

    def _window_pages(self, database: Database, stream: str, position: Mapping[str, Any], digest: str) -> Iterator[RawPage]:
        """Deliver the window before the cursor again; only its last page says in the cursor that it was delivered."""
        table = TABLES[stream]
        stamp, key = _earlier(position["stamp"], self._late_commits), ""
        rows: list[dict[str, Any]] = self._window_page(database, table, stamp, key, position)
        while rows:
            stamp, key = rows[-1][table.stamp], rows[-1][table.key]
            following = self._window_page(database, table, stamp, key, position)
            next_cursor = {**position, "window": position["window"] if following else digest}
            yield json_page(stream, f"{stream} committed late, to {stamp} ({len(rows)} rows)", rows, next_cursor=next_cursor)
            rows = following

    def _window_page(
        self, database: Database, table: Table, stamp: str, key: str, position: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        after = f"({table.stamp}, {table.key}) > (?, ?)" if key else f"{table.stamp} > ?"
        return database.rows(
            f"select {', '.join(table.columns)} from {table.name} "  # noqa: S608
            f"where {after} and ({table.stamp}, {table.key}) <= (?, ?) "
            f"order by {table.stamp}, {table.key} limit {self._page_rows}",
            (*((stamp, key) if key else (stamp,)), position["stamp"], position["key"]),
        )


class _Window:
    """
    A running digest of the rows within `span` before the newest one; rows are added in time order.

    The digest is a count and a sum of row hashes, so that old rows can be taken out again.
    """

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._rows: deque[tuple[str, int]] = deque()
        self._sum = 0

    def add(self, stamp: str, key: str) -> None:
        digest = blake2b(f"{stamp}|{key}".encode(), digest_size=8).digest()
        self._rows.append((stamp, int.from_bytes(digest, "big")))
        self._sum += self._rows[-1][1]

    def digest(self) -> str:
        """Return the digest of the window that ends with the row added last."""
        if self._rows:
            start = _earlier(self._rows[-1][0], self._span)
            while self._rows[0][0] <= start:
                self._sum -= self._rows.popleft()[1]
        return f"{len(self._rows)}:{self._sum % 2**64:016x}"


def _earlier(stamp: str, span: timedelta) -> str:
    """Return the moment `span` before a stamp, written as the stamp is."""
    return (datetime.fromisoformat(stamp) - span).isoformat(sep=stamp[10])


def _create(settings: Mapping[str, str], clock: Clock) -> MembershipSource:
    return MembershipSource(database=settings["database"])


CONNECTOR = Connector(
    CODE,
    MembershipSource.title,
    (Setting("database", "数据库（文件路径或 postgresql:// 地址）", is_secret=True),),
    _create,
)

"""A table or view of a PostgreSQL database as a Source, only read. Settings and rules: README.md beside this file."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.mapped import MappedRows, text_of
from huitou.connectors.outbound import OutboundRefused, host_check
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, SourceUnavailable, Stream

CODE = "database"
PAGE_ROWS = 2_000
PROBE_ROWS = 20
_SECONDS = 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class Rows(Protocol):
    """An open connection."""

    def __call__(self, statement: sql.Composed, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Run one SELECT."""
        ...


Open = Callable[[str], AbstractContextManager[Rows]]


@contextmanager
def postgres_open(url: str) -> Iterator[Rows]:
    """
    Open the database, read only, at the checked address itself. Messages never repeat the URL: it holds a password.

    Raises SourceMisconfigured for an address that is not allowed or refused credentials, SourceUnavailable for a server that is
    down or too slow.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname:
        raise SourceMisconfigured(f"{CODE}: setting url must be postgresql://user:password@host:port/name")
    try:
        address = host_check(parts.hostname, parts.port or 5432)
        with psycopg.connect(
            host=parts.hostname, hostaddr=address, port=parts.port or 5432, user=unquote(parts.username or ""),
            password=unquote(parts.password or ""), dbname=parts.path.lstrip("/"), row_factory=dict_row,
            connect_timeout=_SECONDS,
        ) as connection:  # fmt: skip
            connection.read_only = True
            connection.execute("select set_config('statement_timeout', %s, false)", (f"{_SECONDS}s",))
            yield lambda statement, values: connection.execute(statement, values).fetchall()
    except OutboundRefused as error:
        raise SourceMisconfigured(f"{CODE}: setting url: {error}") from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InsufficientPrivilege) as error:
        raise SourceMisconfigured(f"{CODE}: {_first_line(error)}") from error
    except psycopg.OperationalError as error:
        text = _first_line(error)
        if "authentication failed" in text or "does not exist" in text:
            raise SourceMisconfigured(f"{CODE}: the server refuses us: {text}") from error
        raise SourceUnavailable(f"{CODE}: the server cannot be read: {text}") from error
    except psycopg.Error as error:
        raise SourceMisconfigured(f"{CODE}: {_first_line(error)}") from error


class DatabaseSource:
    """One table or view. The cursor is the last row's {"stamp", "key"} as text; rows come in their order."""

    code = CODE
    title = "数据库"

    def __init__(
        self, *, url: str, table: str, stamp: str, key: str, rows: MappedRows, clock: Clock, open: Open = postgres_open
    ) -> None:
        """Raises SourceMisconfigured on a name that is none: names never reach a statement as text."""
        for setting, value in (("table", table), ("cursor_column", stamp), ("key_column", key)):
            if not all(_NAME.fullmatch(part) for part in value.split(".")) or value.count(".") > (setting == "table"):
                raise SourceMisconfigured(f"{CODE}: setting {setting} must be a name of letters, digits and _")
        self.streams: tuple[Stream, ...] = (rows.stream,)
        self._url, self._rows, self._clock, self._open = url, rows, clock, open
        self._table, self._stamp, self._key = sql.Identifier(*table.split(".")), stamp, key

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Fetch the rows after the cursor by (cursor column, key column); see Source.pull."""
        self.check()
        position = dict(cursor or {})
        with self._open(self._url) as run:
            while rows := self._after(run, position):
                last = rows[-1]
                position = {"stamp": text_of(last["_stamp"]), "key": text_of(last["_key"])}
                name = f"{stream} to {position['stamp']} ({len(rows)} rows)"
                yield self._rows.page(rows, name=name, now=self._clock(), next_cursor=position)

    def probe(self) -> list[dict[str, Any]]:
        """Return a few rows with all their columns, for choosing the mapping."""
        statement = sql.SQL("select * from {} order by {} limit {}").format(
            self._table, sql.Identifier(self._stamp), sql.Literal(PROBE_ROWS)
        )
        with self._open(self._url) as run:
            return run(statement, ())

    def check(self) -> None:
        """Raise SourceMisconfigured while a field that the kind needs has no column."""
        self._rows.check(source=CODE)

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """Refuse: this system pushes nothing. Raises PermissionError."""
        raise PermissionError(f"{CODE} takes no pushed requests: its database is read")

    def _after(self, run: Rows, position: Mapping[str, str]) -> list[dict[str, Any]]:
        stamp, key = sql.Identifier(self._stamp), sql.Identifier(self._key)
        columns = sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys(self._rows.mapping.values())))
        beyond = sql.SQL("where {0} is not null")
        if position:  # compared as the columns' own types: the texts are cast by the database
            beyond = sql.SQL("where ({0}, {1}) > (%s, %s)")
        statement = sql.SQL(" ").join(
            [
                sql.SQL("select {2}, {0} as _stamp, {1} as _key from {3}").format(stamp, key, columns, self._table),
                beyond.format(stamp, key),
                sql.SQL("order by {0}, {1} limit {2}").format(stamp, key, sql.Literal(PAGE_ROWS)),
            ]
        )
        return run(statement, (position["stamp"], position["key"]) if position else ())


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def _create(settings: Mapping[str, str], clock: Clock) -> DatabaseSource:
    return DatabaseSource(
        url=settings["url"], table=settings["table"], stamp=settings["cursor_column"], key=settings["key_column"],
        rows=MappedRows.of(settings, source=CODE), clock=clock,
    )  # fmt: skip


CONNECTOR = Connector(
    CODE,
    DatabaseSource.title,
    (
        Setting("url", "地址 postgresql://用户:密码@主机:端口/库名", is_secret=True),
        Setting("table", "表或视图"),
        Setting("cursor_column", "更新时间列"),
        Setting("key_column", "主键列"),
        Setting("kind", "种类"),
        Setting("mapping", "字段对应"),
    ),
    _create,
    mapping_from="files",
)

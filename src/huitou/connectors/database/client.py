"""A table or view of a PostgreSQL or MySQL database as a Source, only read. Settings and rules: README.md beside this file."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from huitou.connectors.database.dialect import CODE, Dialect, Rows
from huitou.connectors.database.mysql import MYSQL
from huitou.connectors.database.postgres import POSTGRES
from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.mapped import MappedRows, text_of
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, Stream

PAGE_ROWS = 2_000
PROBE_ROWS = 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_DIALECTS = {"postgresql": POSTGRES, "postgres": POSTGRES, "mysql": MYSQL, "mariadb": MYSQL}


def dialect_of(url: str) -> Dialect:
    """Return how the server of an address is read. Raises SourceMisconfigured."""
    found = _DIALECTS.get(urlsplit(url).scheme)
    if found is None:
        raise SourceMisconfigured(f"{CODE}: setting url must be postgresql://... or mysql://user:password@host:port/name")
    return found


class DatabaseSource:
    """One table or view. The cursor is the last row's {"stamp", "key"} as text; rows come in their order."""

    code = CODE
    title = "数据库"

    def __init__(self, *, url: str, table: str, stamp: str, key: str, rows: MappedRows, clock: Clock, dialect: Dialect) -> None:
        """Raises SourceMisconfigured on a name that is none: names never reach a statement as text."""
        for setting, value in (("table", table), ("cursor_column", stamp), ("key_column", key)):
            if not all(_NAME.fullmatch(part) for part in value.split(".")) or value.count(".") > (setting == "table"):
                raise SourceMisconfigured(f"{CODE}: setting {setting} must be a name of letters, digits and _")
        self.streams: tuple[Stream, ...] = (rows.stream,)
        self._url, self._rows, self._clock, self._dialect = url, rows, clock, dialect
        self._table, self._stamp, self._key = (dialect.name(*name.split(".")) for name in (table, stamp, key))

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Fetch the rows after the cursor by (cursor column, key column); see Source.pull."""
        self.check()
        position = dict(cursor or {})
        with self._dialect.open(self._url) as run:
            while rows := self._after(run, position):
                last = rows[-1]
                position = {"stamp": text_of(last["_stamp"]), "key": text_of(last["_key"])}
                name = f"{stream} to {position['stamp']} ({len(rows)} rows)"
                yield self._rows.page(rows, name=name, now=self._clock(), next_cursor=position)

    def probe(self) -> list[dict[str, Any]]:
        """Return a few rows with all their columns, for choosing the mapping."""
        statement = f"select * from {self._table} order by {self._stamp} limit {PROBE_ROWS}"  # noqa: S608 - quoted names
        with self._dialect.open(self._url) as run:
            return run(statement, ())

    def check(self) -> None:
        """Raise SourceMisconfigured while a field that the kind needs has no column."""
        self._rows.check(source=CODE)

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """Refuse: this system pushes nothing. Raises PermissionError."""
        raise PermissionError(f"{CODE} takes no pushed requests: its database is read")

    def _after(self, run: Rows, position: Mapping[str, str]) -> list[dict[str, Any]]:
        names = ", ".join(map(self._dialect.name, dict.fromkeys(self._rows.mapping.values())))
        beyond, values = f"where {self._stamp} is not null", list[str]()
        if position:  # compared as the columns' own types: the texts are cast by the database; in a form that every index serves
            beyond = f"where {self._stamp} >= %s and ({self._stamp} > %s or {self._key} > %s)"
            values = [position["stamp"], position["stamp"], position["key"]]
        return run(
            f"select {names}, {self._stamp} as _stamp, {self._key} as _key from {self._table} {beyond} "  # noqa: S608 - quoted
            f"order by {self._stamp}, {self._key} limit {PAGE_ROWS}",
            values,
        )


def _create(settings: Mapping[str, str], clock: Clock) -> DatabaseSource:
    return DatabaseSource(
        url=settings["url"], table=settings["table"], stamp=settings["cursor_column"], key=settings["key_column"],
        rows=MappedRows.of(settings, source=CODE), clock=clock, dialect=dialect_of(settings["url"]),
    )  # fmt: skip


CONNECTOR = Connector(
    CODE,
    DatabaseSource.title,
    (
        Setting("url", "地址 postgresql:// 或 mysql://用户:密码@主机:端口/库名", is_secret=True),
        Setting("table", "表或视图"),
        Setting("cursor_column", "更新时间列"),
        Setting("key_column", "主键列"),
        Setting("kind", "种类"),
        Setting("mapping", "字段对应"),
    ),
    _create,
    mapping_from="files",
)

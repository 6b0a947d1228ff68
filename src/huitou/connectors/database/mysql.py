"""Tables of MySQL and MariaDB; needs the extra `mysql` (PyMySQL)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from huitou.connectors.database.dialect import CODE, SECONDS, Dialect, Rows, first_line
from huitou.connectors.outbound import OutboundRefused, host_check
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable
from huitou.core.periods import BUSINESS_ZONE

_PORT = 3306
# Numbers of the servers' messages: no access, no such database or table or column. Everything else a server says when it is
# asked is a wrong setting, too; what it cannot do now is an OperationalError without one of these.
_REFUSED = frozenset({1044, 1045, 1049, 1054, 1142, 1143, 1146, 1227, 1698})
# One of the two stops a SELECT that takes too long: MariaDB's in seconds, MySQL's in milliseconds.
_LIMITS = (f"set session max_statement_time = {SECONDS}", f"set session max_execution_time = {1_000 * SECONDS}")


@contextmanager
def mysql_open(url: str) -> Iterator[Rows]:
    """
    Open the database, read only, at the checked address itself; encrypted where the server can. Raises as `postgres_open` does.

    Moments come in the business zone, also those of TIMESTAMP columns, so that both kinds of columns mean the same.
    """
    try:
        import pymysql
        from pymysql.cursors import DictCursor
    except ImportError as error:
        raise SourceMisconfigured(f"{CODE}: MySQL needs the package PyMySQL: install the extra huitou[mysql]") from error
    parts = urlsplit(url)
    if not parts.hostname:
        raise SourceMisconfigured(f"{CODE}: setting url must be mysql://user:password@host:port/name")
    try:
        address = host_check(parts.hostname, parts.port or _PORT)
        connection = pymysql.connect(
            host=address, port=parts.port or _PORT, user=unquote(parts.username or ""), password=unquote(parts.password or ""),
            database=parts.path.lstrip("/"), charset="utf8mb4", cursorclass=DictCursor, connect_timeout=SECONDS,
            read_timeout=2 * SECONDS, write_timeout=SECONDS,
            init_command=f"set time_zone = '{_offset()}'", local_infile=False,
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            for statement in _LIMITS:
                with suppress(pymysql.MySQLError):
                    cursor.execute(statement)
            cursor.execute("start transaction read only")

            def run(statement: str, values: Sequence[Any]) -> list[dict[str, Any]]:
                cursor.execute(statement, tuple(values))
                return list(cursor.fetchall())

            yield run
    except OutboundRefused as error:
        raise SourceMisconfigured(f"{CODE}: setting url: {error}") from error
    except pymysql.MySQLError as error:
        number, text = error.args[0] if error.args else 0, first_line(error.args[-1] if error.args else error)
        if number in _REFUSED or not isinstance(error, pymysql.OperationalError):
            raise SourceMisconfigured(f"{CODE}: the server refuses us: {text}") from error
        raise SourceUnavailable(f"{CODE}: the server cannot be read: {text}") from error


def _offset() -> str:
    """The business zone as a server without tables of time zones takes it; it knows no summer time."""
    offset = datetime.now(UTC).astimezone(BUSINESS_ZONE).strftime("%z")
    return f"{offset[:3]}:{offset[3:]}"


MYSQL = Dialect("`", mysql_open)

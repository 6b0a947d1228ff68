"""Tables of PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.rows import dict_row

from huitou.connectors.database.dialect import CODE, SECONDS, Dialect, Rows, first_line
from huitou.connectors.outbound import OutboundRefused, host_check
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

_PORT = 5432


@contextmanager
def postgres_open(url: str) -> Iterator[Rows]:
    """
    Open the database, read only, at the checked address itself. Messages never repeat the URL: it holds a password.

    Raises SourceMisconfigured for an address that is not allowed or refused credentials, SourceUnavailable for a server that is
    down or too slow.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise SourceMisconfigured(f"{CODE}: setting url must be postgresql://user:password@host:port/name")
    try:
        address = host_check(parts.hostname, parts.port or _PORT)
        with psycopg.connect(
            host=parts.hostname, hostaddr=address, port=parts.port or _PORT, user=unquote(parts.username or ""),
            password=unquote(parts.password or ""), dbname=parts.path.lstrip("/"), row_factory=dict_row,
            connect_timeout=SECONDS,
        ) as connection:  # fmt: skip
            connection.read_only = True
            connection.execute("select set_config('statement_timeout', %s, false)", (f"{SECONDS}s",))
            yield lambda statement, values: connection.execute(statement.encode(), values).fetchall()
    except OutboundRefused as error:
        raise SourceMisconfigured(f"{CODE}: setting url: {error}") from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InsufficientPrivilege) as error:
        raise SourceMisconfigured(f"{CODE}: {first_line(error)}") from error
    except psycopg.OperationalError as error:
        text = first_line(error)
        if "authentication failed" in text or "does not exist" in text:
            raise SourceMisconfigured(f"{CODE}: the server refuses us: {text}") from error
        raise SourceUnavailable(f"{CODE}: the server cannot be read: {text}") from error
    except psycopg.Error as error:
        raise SourceMisconfigured(f"{CODE}: {first_line(error)}") from error


POSTGRES = Dialect('"', postgres_open)

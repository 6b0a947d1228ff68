"""Write many rows at once, past the ORM: one prepared statement, in chunks, in the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models

T = TypeVar("T")
CHUNK = 20_000


def rows_write(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    conflict: Sequence[str] = (),
    update: Sequence[str] = (),
    keep: Sequence[str] = (),
    skip: bool = False,
) -> int:
    """
    Insert rows (tuples in the order of `columns`, names of fields); return how many were given.

    conflict: the fields of a unique constraint; a row that meets it overwrites the fields in `update`, fills those in `keep`
    where they are null, and is left alone when both are empty. `skip` leaves rows alone that
    meet any constraint. Aware datetimes, bytes, numbers and text; no JSON fields.
    """
    meta = model._meta
    fields = [meta.get_field(name) for name in columns]
    quoted = {field.name: connection.ops.quote_name(str(field.column)) for field in meta.concrete_fields}
    moments = [index for index, field in enumerate(fields) if isinstance(field, models.DateTimeField)]
    statement = _statement(connection.ops.quote_name(meta.db_table), columns, quoted, conflict, update, keep)
    if skip:
        statement += " on conflict do nothing"
    written = 0
    with connection.cursor() as cursor:
        for chunk in chunked(rows, CHUNK):
            cursor.executemany(statement, list(_adapted(chunk, moments)) if moments else chunk)
            written += len(chunk)
    return written


def _statement(
    table: str,
    columns: Sequence[str],
    quoted: dict[str, str],
    conflict: Sequence[str],
    update: Sequence[str],
    keep: Sequence[str],
) -> str:
    names = ", ".join(quoted[name] for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    statement = f"insert into {table} ({names}) values ({marks})"  # noqa: S608 - names from the models only
    if conflict:
        actions = [f"{quoted[name]} = excluded.{quoted[name]}" for name in update]
        actions += [f"{quoted[name]} = coalesce({table}.{quoted[name]}, excluded.{quoted[name]})" for name in keep]
        target = ", ".join(quoted[name] for name in conflict)
        statement += f" on conflict ({target}) do " + (f"update set {', '.join(actions)}" if actions else "nothing")
    return statement


def _adapted(rows: Iterable[Sequence[Any]], moments: Sequence[int]) -> Iterator[list[Any]]:
    adapt = _sqlite_text if connection.vendor == "sqlite" else connection.ops.adapt_datetimefield_value
    known: dict[datetime | None, Any] = {None: None}  # rows of one load share their moments
    for row in rows:
        values = list(row)
        for index in moments:
            moment = values[index]
            if moment not in known:
                known[moment] = adapt(moment)
            values[index] = known[moment]
        yield values


def _sqlite_text(moment: datetime) -> str:
    """Return what Django stores for an aware moment; its own way there takes ten times as long, and a load has millions."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut any iterable into lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk

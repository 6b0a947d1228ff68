"""
Read and write rows past the ORM: statements that are built once, lists as one parameter, in the caller's transaction.

For what runs once per record: building a statement takes the ORM longer than the database takes to answer it.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

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
    meet any constraint. Aware datetimes, bytes, numbers and text; JSON fields take text.
    """
    statement, moments = _insertion(_vendor(), model, tuple(columns), tuple(conflict), tuple(update), tuple(keep), skip)
    written = 0
    for chunk in chunked(rows, CHUNK):
        sql_many(statement, list(_adapted(chunk, moments)) if moments else chunk)
        written += len(chunk)
    return written


@lru_cache(maxsize=256)
def _insertion(
    vendor: str,
    model: type[models.Model],
    columns: tuple[str, ...],
    conflict: tuple[str, ...],
    update: tuple[str, ...],
    keep: tuple[str, ...],
    skip: bool,
) -> tuple[str, tuple[int, ...]]:
    """Return the statement, and the places of moments in a row. vendor: the statement is one database's."""
    meta = model._meta
    fields = [meta.get_field(name) for name in columns]
    moments = tuple(index for index, field in enumerate(fields) if isinstance(field, models.DateTimeField))
    statement = _statement(connection.ops.quote_name(meta.db_table), columns, _quoted(model), conflict, update, keep)
    return f"{statement} on conflict do nothing" if skip else statement, moments


def rows_read(
    model: type[models.Model],
    columns: Sequence[str],
    *,
    among: Mapping[str, Collection[int]],
    null: Sequence[str] = (),
    equal: Mapping[str, str | int] | None = None,
    above: Mapping[str, int] | None = None,
) -> list[tuple[Any, ...]]:
    """
    Return rows (tuples in the order of `columns`, names of fields) in no order of their own.

    among: fields whose number must be in the list, all of them; an empty list gives no rows. null: fields that must be null;
    equal, above: fields that must have this value, or a higher one. Moments come aware, in UTC.
    """
    if not all(among.values()):
        return []
    same, more = equal or {}, above or {}
    statement, naive = _selection(_vendor(), model, tuple(columns), tuple(among), tuple(null), tuple(same), tuple(more))
    rows = sql_run(statement, [*map(listed, among.values()), *same.values(), *more.values()])
    return [_aware(row, naive) for row in rows] if naive else rows


def row_newest(
    model: type[models.Model], columns: Sequence[str], *, equal: Mapping[str, str | int] | None = None
) -> tuple[Any, ...] | None:
    """
    Return the row with the highest key among those that have these values, None without any.

    For small tables whose newest row is in force. JSON fields come as text; for moments see `rows_read`.
    """
    same = equal or {}
    statement, naive = _selection(_vendor(), model, tuple(columns), (), (), tuple(same), (), newest=True)
    rows = sql_run(statement, list(same.values()))
    return _aware(rows[0], naive) if rows else None


def rows_any(model: type[models.Model], *, among: Mapping[str, Collection[int]]) -> bool:
    """Say whether there is a row in which every field of `among` has a number of its list."""
    if not all(among.values()):
        return False
    statement, _ = _selection(_vendor(), model, ("pk",), tuple(among), (), (), ())
    return bool(sql_run(f"{statement} limit 1", [listed(values) for values in among.values()]))


def ids_reserve(model: type[models.Model], count: int) -> list[int]:
    """
    Return `count` numbers, ascending, that no row of a table with numbers of its own ever had and no later call gives again.

    Call it inside the transaction that uses them.
    """
    if count == 0:
        return []
    table = model._meta.db_table
    if _vendor() == "postgresql":
        given = sql_run("select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)", [table, count])
        return sorted(pk for (pk,) in given)
    given = sql_run("update sqlite_sequence set seq = seq + %s where name = %s returning seq", [count, table])
    if not given:
        given = sql_run("insert into sqlite_sequence (name, seq) values (%s, %s) returning seq", [table, count])
    last = int(given[0][0])
    return list(range(last - count + 1, last + 1))


def rows_delete(model: type[models.Model], *, among: Mapping[str, Collection[int]]) -> None:
    """Delete the rows in which every field of `among` has a number of its list. No row of another table follows."""
    if all(among.values()):
        sql_run(_deletion(_vendor(), model, tuple(among)), [listed(values) for values in among.values()])


def rows_set(model: type[models.Model], column: str, *, by: str, values: Mapping[int, int | None]) -> None:
    """Set one column of the rows whose field `by` is a key of `values` to what stands there: one statement for all of them."""
    sql_many(_setting(_vendor(), model, column, by), [(value, key) for key, value in values.items()])


@lru_cache(maxsize=64)
def _setting(vendor: str, model: type[models.Model], column: str, by: str) -> str:
    quoted, table = _quoted(model), connection.ops.quote_name(model._meta.db_table)
    return f"update {table} set {quoted[column]} = %s where {quoted[by]} = %s"  # noqa: S608 - names from the models only


def sql_run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement of this module's kind ("%s" for a value, no other "%") and return its rows, if it has any."""
    database = connections[DEFAULT_DB_ALIAS]
    if _needs_cursor(database):
        with database.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        found: list[tuple[Any, ...]] = database.connection.execute(_driven(statement), values).fetchall()
    return found


def sql_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement once per row."""
    database = connections[DEFAULT_DB_ALIAS]
    if _needs_cursor(database):
        with database.cursor() as cursor:
            cursor.executemany(statement, rows)
        return
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        database.connection.executemany(_driven(statement), rows)


def ids_at_once(rows: models.QuerySet[Any]) -> list[int]:
    """
    Return the numbers of a query of one column, in its order, as one value of one row; nulls are left out.

    For hundreds of thousands of them: a row each costs ten times as much.
    """
    try:
        statement, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    together = "array_agg(id)" if _vendor() == "postgresql" else "json_group_array(id)"
    with connection.cursor() as cursor:
        cursor.execute(f"with found(id) as ({statement}) select {together} from found where id is not null", values)  # noqa: S608 - the ORM's own
        (found,) = cursor.fetchone()
    return list((found if isinstance(found, list) else json.loads(found)) if found else ())


def listed(values: Collection[int]) -> Any:
    """Return a list of numbers as one parameter, for `member`."""
    return list(values) if _vendor() == "postgresql" else json.dumps(list(values))


def member() -> str:
    """Return how a statement asks whether a number is in a list (`listed`)."""
    return "= any(%s)" if _vendor() == "postgresql" else "in (select value from json_each(%s))"


def _needs_cursor(database: Any) -> bool:
    """SQLite answers within microseconds, Django's cursor takes some times that; it is for who watches, and for PostgreSQL."""
    if database.vendor != "sqlite" or database.queries_logged or database.execute_wrappers:
        return True
    database.ensure_connection()
    return False


@lru_cache(maxsize=1)
def _vendor() -> str:
    return str(connection.vendor)


@lru_cache(maxsize=512)
def _driven(statement: str) -> str:
    return statement.replace("%s", "?")


@lru_cache(maxsize=256)
def _selection(
    vendor: str,
    model: type[models.Model],
    columns: tuple[str, ...],
    among: tuple[str, ...],
    null: tuple[str, ...],
    equal: tuple[str, ...],
    above: tuple[str, ...],
    newest: bool = False,
) -> tuple[str, tuple[int, ...]]:
    """Return the statement, and the places of moments that come without their time zone."""
    quoted = _quoted(model)
    conditions = [
        *_memberships(quoted, among), *(f"{quoted[name]} = %s" for name in equal),
        *(f"{quoted[name]} > %s" for name in above), *(f"{quoted[name]} is null" for name in null),
    ]  # fmt: skip
    names, table = ", ".join(quoted[name] for name in columns), connection.ops.quote_name(model._meta.db_table)
    fields = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in columns]
    naive = [at for at, field in enumerate(fields) if vendor == "sqlite" and isinstance(field, models.DateTimeField)]
    statement = f"select {names} from {table} where {' and '.join(conditions) or '1 = 1'}"  # noqa: S608 - names from the models only
    if newest:
        statement += f" order by {quoted['pk']} desc limit 1"
    return statement, tuple(naive)


@lru_cache(maxsize=64)
def _deletion(vendor: str, model: type[models.Model], among: tuple[str, ...]) -> str:
    conditions = " and ".join(_memberships(_quoted(model), among))
    return f"delete from {connection.ops.quote_name(model._meta.db_table)} where {conditions}"  # noqa: S608 - names from the models


@lru_cache(maxsize=256)
def _quoted(model: type[models.Model]) -> dict[str, str]:
    fields, quote = model._meta.concrete_fields, connection.ops.quote_name
    quoted = {name: quote(str(field.column)) for field in fields for name in (field.name, field.attname)}
    return {**quoted, "pk": connection.ops.quote_name(str(model._meta.pk.column))}


def _memberships(quoted: Mapping[str, str], among: Sequence[str]) -> list[str]:
    return [f"{quoted[name]} {member()}" for name in among]


def _aware(row: tuple[Any, ...], naive: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for at in naive:
        if values[at] is not None:
            values[at] = values[at].replace(tzinfo=UTC)
    return tuple(values)


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
    adapt = _sqlite_text if _vendor() == "sqlite" else connection.ops.adapt_datetimefield_value
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

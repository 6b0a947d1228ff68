"""Write the published person facts: chunk by chunk beside readers, or the whole table anew behind them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import OperationalError, connection, transaction

from huitou.apps.base.bulk import chunked
from huitou.apps.customers.models import Person, PersonFacts
from huitou.warehouse import facts_schema

COLUMNS = (*facts_schema.COLUMNS, "version")
TABLE = PersonFacts._meta.db_table
SHADOW = f"{TABLE}_next"
STAGE = f"{TABLE}_stage"
_NAMES = ", ".join(COLUMNS)
_UPSERT = "on conflict (person_id) do update set " + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
_MAIN_STORE = COLUMNS.index("main_store_id")
_IDS_PER_STATEMENT = 5_000
_SWAP_ATTEMPTS = 60
_SWAP_WAITS_AT_MOST = "300ms"  # a longer wait for the table would make every reader behind it wait, too

Row = Sequence[Any]


class SwapRefused(Exception):
    """The new table could not take the old one's place because a reader held it all the time; the old one stays."""


@transaction.atomic
def facts_write(rows: Sequence[Row]) -> None:
    """
    Insert or overwrite one chunk of rows in the order of COLUMNS (dates as ISO text) and set the persons' home stores.

    SQLite's write lock is held meanwhile, about 0.1 ms a row: the caller keeps its chunks small, in order of person.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"create temp table {STAGE} (like {TABLE}) on commit drop")
            _copy(cursor, STAGE, rows)
            cursor.execute(f"insert into {TABLE} ({_NAMES}) select {_NAMES} from {STAGE} {_UPSERT}")
            cursor.execute(f"drop table {STAGE}")
        else:
            cursor.executemany(f"insert into {TABLE} ({_NAMES}) values ({_marks()}) {_UPSERT}", rows)
        _home_stores_follow(cursor, rows)


@transaction.atomic
def home_stores_write(stores: dict[int, int | None]) -> None:
    """Set the home store of persons (id -> store) who have no orders left."""
    with connection.cursor() as cursor:
        _homes_write(cursor, sorted(stores.items()))


@transaction.atomic
def facts_delete(person_ids: Collection[int]) -> None:
    """Delete the rows of persons that have no facts any more."""
    for chunk in chunked(sorted(person_ids), _IDS_PER_STATEMENT):
        PersonFacts.objects.filter(pk__in=chunk).delete()


class FactsTable:
    """A full load: a shadow table with the same columns and indexes, filled in chunks, then put in the old one's place."""

    def __init__(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"drop table if exists {SHADOW}")
            for statement in _shadow_statements(cursor):
                cursor.execute(statement)

    @transaction.atomic
    def add(self, rows: Sequence[Row]) -> None:
        """Append one chunk in order of person, each once, and set the persons' home stores. Nothing to do without rows."""
        if not rows:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _copy(cursor, SHADOW, rows)
            else:
                cursor.executemany(f"insert into {SHADOW} ({_NAMES}) values ({_marks()})", rows)
            _home_stores_follow(cursor, rows)

    def swap(self, *, also: Callable[[], None], pause: Callable[[], None]) -> None:
        """
        Put the shadow in the place of the table and run `also`, in one transaction.

        On PostgreSQL an open reader makes it give way and try again after `pause`. Raises SwapRefused in the end.
        """
        for _ in range(_SWAP_ATTEMPTS):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    if connection.vendor == "postgresql":
                        cursor.execute(f"set local lock_timeout = '{_SWAP_WAITS_AT_MOST}'")
                    cursor.execute(f"drop table {TABLE}")
                    cursor.execute(f"alter table {SHADOW} rename to {TABLE}")
                    also()
                break
            except OperationalError as error:
                if "lock timeout" not in str(error):
                    raise
                pause()
        else:
            raise SwapRefused(f"{TABLE} was being read {_SWAP_ATTEMPTS} times in a row; the next publish tries again")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"analyze {TABLE}")


def _home_stores_follow(cursor: Any, rows: Sequence[Row]) -> None:
    """Set the home store of a chunk's persons to the store of most of their orders, where they have one."""
    _homes_write(cursor, [(row[0], row[_MAIN_STORE]) for row in rows if row[_MAIN_STORE] is not None])


def _homes_write(cursor: Any, homes: Sequence[tuple[int, int | None]]) -> None:
    """Set the home store of persons (id, store) who have another one."""
    person = Person._meta.db_table
    if connection.vendor == "postgresql":
        ids, stores = [person_id for person_id, _ in homes], [store_id for _, store_id in homes]
        cursor.execute(
            f"""update {person} set home_store_id = f.store_id from unnest(%s::bigint[], %s::bigint[]) as f (person_id, store_id)
                where {person}.id = f.person_id and {person}.home_store_id is distinct from f.store_id""",
            [ids, stores],
        )
    else:
        # one look-up a row: a join over the chunk's range of ids would read every person in between under the write lock
        cursor.executemany(
            f"update {person} set home_store_id = %s where id = %s and home_store_id is not %s",
            [(store_id, person_id, store_id) for person_id, store_id in homes],
        )


def _shadow_statements(cursor: Any) -> list[str]:
    """
    Return the DDL of the shadow table. Index names are unique in a database, so the names of old and new take turns.

    The model is unmanaged for that reason: no migration may name an index of this table.
    """
    if connection.vendor == "postgresql":
        return [f"create table {SHADOW} (like {TABLE} including all)"]
    cursor.execute("select type, name, sql from sqlite_master where tbl_name = %s and sql is not null", [TABLE])
    made = {"table": [], "index": []}  # type: dict[str, list[str]]
    for kind, name, statement in cursor.fetchall():
        moved = statement.replace(f'"{TABLE}"', f'"{SHADOW}"', 1)
        if kind == "index":
            moved = moved.replace(f'"{name}"', f'"{_other_name(name)}"', 1)
        made[kind].append(moved)
    return made["table"] + made["index"]


def _other_name(name: str) -> str:
    return name.removesuffix("_2") if name.endswith("_2") else f"{name}_2"


def _copy(cursor: Any, table: str, rows: Sequence[Row]) -> None:
    with cursor.copy(f"copy {table} ({_NAMES}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _marks() -> str:
    return ", ".join(["%s"] * len(COLUMNS))

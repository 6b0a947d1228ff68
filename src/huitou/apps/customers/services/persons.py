"""Open, rewrite and close the files of persons; identity says who they are."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from django.db import connection, transaction

from huitou.apps.base.bulk import chunked, ids_reserve, rows_delete, rows_read, rows_set, rows_write
from huitou.apps.base.hooks import HoldingsChanged, Hook, run
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, PersonFacts, SearchKey
from huitou.apps.customers.profiles import PersonFile, comes_of_age, file_marks, oldest_value_on, profile_seal
from huitou.apps.customers.queries.person import persons_in_reach
from huitou.apps.customers.rules import SEARCH_FORMS
from huitou.apps.customers.weights import weights_in_force
from huitou.core.crypto import Keyring
from huitou.core.identity.completeness import completeness_share

_COLUMNS = (
    "id", "profile", "home_store_id", "source_count", "record_count", "is_member", "completeness_share", "registered_at",
    "created_at", "updated_at", "merged_into_id", "erased_at", "is_live", "filled_bits", "look_alike_hash",
    "home_hash", "of_age_on", "oldest_value_on",
)  # fmt: skip
_REWRITTEN = (
    "profile", "source_count", "record_count", "is_member", "completeness_share", "registered_at", "updated_at",
    "merged_into_id", "is_live", "filled_bits", "look_alike_hash", "home_hash", "of_age_on",
    "oldest_value_on",
)  # fmt: skip
_HOME = _COLUMNS.index("home_hash")
_SEARCH_KEY = ("key_hash", "person_id")
_CHUNK = 5_000


def person_ids_reserve(count: int) -> list[int]:
    """Return `count` ids that no person ever had and no later call gives again. Call it inside the transaction that uses them."""
    return ids_reserve(Person, count)


def persons_project(files: Iterable[PersonFile], *, now: datetime, new: Collection[int] = frozenset()) -> int:
    """
    Write the files of living persons, new or known, and replace their search keys; return how many.

    A home store that orders have set stays. A person closed before (an undone merge) is open again. new: persons of whom it is
    certain that nothing is stored.
    """
    ring, weights = keyring(), weights_in_force()
    written = 0
    for chunk in chunked(files, _CHUNK):
        rows = [_row(ring, file, weights, now) for file in chunk]
        old = [file.person_id for file in chunk if file.person_id not in new]
        _homes_tell({file.person_id: row[_HOME] for file, row in zip(chunk, rows, strict=True)}, old)
        rows_write(Person, _COLUMNS, rows, conflict=("id",), update=_REWRITTEN, keep=("home_store_id",))
        known = {row[1:]: row[0] for row in rows_read(SearchKey, ("pk", *_SEARCH_KEY), among={"person_id": old})}
        wanted = list(_search_rows(ring, chunk))
        gone = known.keys() - set(wanted)
        rows_delete(SearchKey, among={"pk": [known[row] for row in gone]})
        rows_write(SearchKey, _SEARCH_KEY, [row for row in wanted if row not in known])
        written += len(chunk)
    return written


def _homes_tell(homes: Mapping[int, object], old: Collection[int]) -> None:
    """
    Say which homes somebody moves into or out of. homes: what will stand beside the files of these persons, by id; old: those
    of them who are stored.
    """
    before = dict(rows_read(Person, ("pk", "home_hash"), among={"pk": old}))
    moved = {(before.get(person), home) for person, home in homes.items() if before.get(person) != home}
    if moved:
        values = frozenset(home for pair in moved for home in pair if isinstance(home, int))
        run(Hook.HOLDINGS_CHANGED, HoldingsChanged(values))


def _row(ring: Keyring, file: PersonFile, weights: Mapping[str, float], now: datetime) -> tuple[object, ...]:
    filled = set(file.values) | ({"store"} if file.store_id is not None else set())
    return (
        file.person_id, profile_seal(ring, file.person_id, file.values), file.store_id, file.source_count, file.record_count,
        file.is_member, completeness_share(filled, weights), file.registered_at, now, now, None, None, True,
        *file_marks(ring, file.values), comes_of_age(file.values, now=now), oldest_value_on(file.values),
    )  # fmt: skip


def _search_rows(ring: Keyring, files: Iterable[PersonFile]) -> Iterator[tuple[int, int]]:
    """Yield (hash, person) sorted by hash: the index grows in its own order."""
    rows = {
        (ring.hash(form.kind, key), file.person_id)
        for file in files
        for form in SEARCH_FORMS
        for value in file.searched.get(form.of, ())
        if (key := form.stored(value)) is not None
    }
    yield from sorted(rows)


def person_ids_skip(*, last_id: int) -> None:
    """Never give an id up to this one again: it was somebody's in a later time than that of a restored backup."""
    table = Person._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "pg_get_serial_sequence(%s, 'id')"
            cursor.execute(f"select setval({sequence}, greatest(nextval({sequence}), %s))", [table, table, last_id])
            return
        cursor.execute("update sqlite_sequence set seq = max(seq, %s) where name = %s", [last_id, table])
        if cursor.rowcount == 0:
            cursor.execute("insert into sqlite_sequence (name, seq) values (%s, %s)", [table, last_id])


def person_rows(files: Iterable[PersonFile], *, now: datetime) -> list[tuple[object, ...]]:
    """Return the rows of new persons, for `persons_add`; sealing them needs no transaction."""
    ring, weights = keyring(), weights_in_force()
    return [_row(ring, file, weights, now) for file in files]


def search_rows(files: Iterable[PersonFile]) -> list[tuple[int, int]]:
    """Return the search keys of persons in order of hash, for `search_keys_add`."""
    return list(_search_rows(keyring(), files))


def persons_add(rows: Iterable[tuple[object, ...]]) -> None:
    """Insert new persons."""
    rows_write(Person, _COLUMNS, rows)


def search_keys_add(rows: Iterable[tuple[int, int]]) -> None:
    """Insert search keys; one that is there stays."""
    rows_write(SearchKey, ("key_hash", "person_id"), rows, conflict=("key_hash", "person_id"))


def person_hold(viewer: Viewer, person_id: int) -> bool:
    """
    Keep a living person in reach as it is until the transaction ends: nobody merges, erases or holds it meanwhile.

    False for a person out of reach, merged away or erased. Call it inside a transaction.
    """
    held = persons_in_reach(viewer).select_for_update().filter(pk=person_id)
    return held.values_list("pk", flat=True).first() is not None


def persons_hold(viewer: Viewer, person_ids: Collection[int]) -> list[int]:
    """As person_hold, for many: return those that are held, ascending, which is the order in which they are locked."""
    held = persons_in_reach(viewer).select_for_update().filter(pk__in_list=sorted(person_ids)).order_by("pk")
    return list(held.values_list("pk", flat=True))


def persons_close(survivors: Mapping[int, int | None], *, now: datetime) -> None:
    """Close persons that lost all records: their values and search keys go, their row stays and names the survivor if any."""
    for chunk in chunked(survivors.items(), _CHUNK):
        ids = [person_id for person_id, _ in chunk]
        rows_delete(SearchKey, among={"person_id": ids})
        _homes_tell(dict.fromkeys(ids), ids)
        Person.objects.filter(pk__in_list=ids).update(
            profile=None, is_live=False, updated_at=now, record_count=0, source_count=0, filled_bits=None, look_alike_hash=None,
            home_hash=None, of_age_on=None, oldest_value_on=None,
        )  # fmt: skip
        rows_set(Person, "merged_into_id", by="id", values=dict(chunk))


def persons_forget(person_ids: Iterable[int], *, now: datetime) -> None:
    """Empty the files of erased persons; running it again changes nothing."""
    ids = list(person_ids)
    _homes_tell(dict.fromkeys(ids), ids)
    SearchKey.objects.filter(person_id__in_list=ids).delete()
    PersonFacts.objects.filter(pk__in=ids).delete()
    Person.objects.filter(pk__in_list=ids, erased_at=None).update(
        profile=None, is_live=False, erased_at=now, updated_at=now, registered_at=None, home_store_id=None,
        record_count=0, source_count=0, completeness_share=0, is_member=False, filled_bits=None, look_alike_hash=None,
        home_hash=None, of_age_on=None, oldest_value_on=None,
    )  # fmt: skip

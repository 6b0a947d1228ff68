"""
Draw the ties of households: for every value that somebody began or ceased to hold, the pairs of those who hold it now.

Who is tied over a value depends on its holders alone. So drawing the marked values anew gives what drawing all would.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_read, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.customers.queries.homes import homes_held, homes_shared
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.holdings import holders_of, shared_values
from huitou.apps.relations.facts import facts_refresh
from huitou.apps.relations.models import HouseholdMark, HouseholdTie
from huitou.core.identity.household import tied

_COLUMNS = ("person", "other", "kind_code", "value_hash", "since", "valid_from")
_MARKS_AT_ONCE = 50_000
_CHUNK = 5_000
Tie = tuple[int, int, int]  # person, other, hash of the value


def marks_add(value_hashes: Iterable[int] | None) -> None:
    """Remember that the holders of these values changed; None: of many."""
    rows_write(HouseholdMark, ("value_hash",), [(None,)] if value_hashes is None else [(one,) for one in value_hashes])


def marks_wait(*, at_most: int) -> bool:
    """Say whether values wait, and no more than that."""
    return 0 < len(HouseholdMark.objects.order_by("pk").values_list("pk", flat=True)[: at_most + 1]) <= at_most


def ties_settle(*, now: datetime) -> int:
    """Draw the ties of every marked value, in short transactions; return how many values were looked at."""
    looked = 0
    while marks := list(HouseholdMark.objects.order_by("pk").values_list("pk", "value_hash")[:_MARKS_AT_ONCE]):
        values = {value for _, value in marks if value is not None}
        if any(value is None for _, value in marks):
            values |= every_value()
        for part in Pace().cut(sorted(values)):
            with transaction.atomic():
                map_lock()
                ties_draw(part, now=now)
        for done in chunked([pk for pk, _ in marks], _CHUNK):
            HouseholdMark.objects.filter(pk__in_list=done).delete()
        looked += len(values)
    return looked


def every_value() -> set[int]:
    """Return all values that tie somebody or should."""
    open_ties = HouseholdTie.objects.filter(valid_to=None).order_by().values_list("value_hash", flat=True)
    return {*open_ties.distinct().iterator(), *shared_values(), *homes_shared()}


def ties_draw(value_hashes: Collection[int], *, now: datetime) -> None:
    """Bring the open ties over these values to who holds them now. Call it in a transaction that holds the map's lock."""
    wanted = _wanted(value_hashes)
    columns = ("pk", "person", "other", "value_hash", "since")
    standing = {
        (person, other, value): (pk, since)
        for part in chunked(value_hashes, _CHUNK)
        for pk, person, other, value, since in rows_read(HouseholdTie, columns, among={"value_hash": part}, null=("valid_to",))
    }
    gone = [tie for tie, (_, since) in standing.items() if tie not in wanted or wanted[tie][1] != since]
    for ids in chunked([standing[tie][0] for tie in gone], _CHUNK):
        HouseholdTie.objects.filter(pk__in_list=ids).update(valid_to=now)
    left = standing.keys() - set(gone)
    rows = [
        (person, other, kind, value, since, now)
        for (person, other, value), (kind, since) in wanted.items()
        if (person, other, value) not in left
    ]
    rows_write(HouseholdTie, _COLUMNS, rows)
    facts_refresh({person for person, *_ in rows} | {person for person, _, _ in gone})


def _wanted(value_hashes: Collection[int]) -> dict[Tie, tuple[str, datetime | None]]:
    """Return (kind, since) of every tie over these values."""
    held: dict[tuple[str, int], dict[int, datetime | None]] = defaultdict(dict)
    for person, kind, value, since in holders_of(value_hashes):
        held[kind, value][person] = since
    for person, value in homes_held(value_hashes):
        held["home", value][person] = None
    return {
        (person, other, value): (kind, _later(since[person], since[other]))
        for (kind, value), since in held.items()
        for person, other in tied(since)
    }


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)

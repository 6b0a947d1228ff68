"""
Tell who stands in another tier than at the end of last month: each night, for the cockpit and the list behind its numbers, which
could not go through a month of changes in a request.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet

from huitou.apps.base.bulk import rows_delete, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import Direction, MonthMove, PersonValue, RunKind, TierChange, ValueRun
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.apps.value.services.counted import EVERYBODY, newest_full

Move = tuple[int, int, str, str, str]
"""Person, scheme, direction, tier at the end of last month, tier now: a row of MonthMove."""
Standing = Counter[tuple[int | None, str]]
"""Persons by home store and tier."""
_COLUMNS = ("person_id", "scheme_id", "direction", "from_code", "to_code")
_READ_ROWS = 20_000


def moves_keep(*, pace: Pace | None = None) -> int | None:
    """
    Tell it of living persons as of the newest full run and keep with the run, by scheme, {"number", "base": day, "rows": [home
    store, tier then, tier now, persons], "stayed": [home store, tier, persons]}; return the moves, None before the first run.

    A person counts once, by where both ends stand. Who had no tier at one of them did not move. A scheme whose tiers at the end
    of last month were not made by the same rules is left out.
    """
    run = newest_full()
    if run is None:
        return None
    first = ValueRun.objects.filter(as_of__gte=run.as_of.replace(day=1)).aggregate(first=Min("pk"))["first"]
    schemes = schemes_in_force()
    bases = _bases(run, schemes)
    compared = [one for one in schemes if one.code in bases]
    moves, homes, left = _moves(compared, first)
    stayed = _stayed(compared, first, left)
    _rows_keep(moves, pace or Pace())
    counts: dict[int, Counter[tuple[int | None, str, str]]] = {one.scheme_id: Counter() for one in schemes}
    for person_id, scheme_id, _direction, before, now in moves:
        counts[scheme_id][homes[person_id], before, now] += 1
    run.moves = {
        one.code: {
            "number": one.number,
            "base": bases[one.code].isoformat(),
            "rows": [[*place, persons] for place, persons in sorted(counts[one.scheme_id].items(), key=str)],
            "stayed": [[*place, persons] for place, persons in sorted(stayed[one.scheme_id].items(), key=str)],
        }
        for one in compared
    }
    run.save(update_fields=["moves"])
    return len(moves)


def _bases(run: ValueRun, schemes: Sequence[InForce]) -> Mapping[str, date]:
    """
    Return the last day of last month that tiers stand for, by code of the schemes that were made by the same rules then, and ever
    since: another version, or other inputs, move people who did nothing.
    """
    month = run.as_of.replace(day=1)
    earliest = (month - timedelta(days=1)).replace(day=1)
    runs = ValueRun.objects.filter(kind_code=RunKind.FULL, as_of__gte=earliest, pk__lte=run.pk).order_by("-pk")
    same = {one.code: one for one in schemes}
    for as_of, rules, ended_at in runs.values_list("as_of", "rules", "ended_at"):
        placed = rules.get("schemes", {})
        if any(rules.get(name) != run.rules.get(name) for name in ("formulas", "clv")):
            return {}
        same = {code: one for code, one in same.items() if placed.get(code) == [one.slot, one.number]}
        if as_of < month and ended_at is not None:
            return dict.fromkeys(same, as_of)
    return {}


def _moves(schemes: Sequence[InForce], first: int) -> tuple[list[Move], dict[int, int | None], dict[int, Standing]]:
    """
    Return the moves, the home stores of who moved, and by scheme where those stand who stood elsewhere when the month began, or
    had no tier then. first: the run this month began with.
    """
    changes = TierChange.objects.filter(run_id__gte=first, scheme__in=[one.scheme_id for one in schemes])
    began: dict[tuple[int, int], tuple[int, str]] = {}  # the first change of each person says where the month began
    changed = changes.values_list("person_id", "scheme_id", "pk", "from_code")
    for person_id, scheme_id, pk, code in changed.iterator(chunk_size=_READ_ROWS):
        known = began.get((person_id, scheme_id))
        if known is None or pk < known[0]:
            began[person_id, scheme_id] = pk, code
    found: list[Move] = []
    homes: dict[int, int | None] = {}
    left: dict[int, Standing] = {one.scheme_id: Counter() for one in schemes}
    better = {one.scheme_id: {code: place for place, code in enumerate(one.scheme.codes)} for one in schemes}
    living = _were_there(first).filter(pk__in=changes.values("person_id"))
    rows = living.values_list("pk", "person__home_store_id", *(one.column for one in schemes))
    for person_id, home, *tiers in rows.iterator(chunk_size=_READ_ROWS):
        for one, now in zip(schemes, tiers, strict=True):
            places, (_pk, before) = better[one.scheme_id], began.get((person_id, one.scheme_id), (0, now))
            if before == now:
                continue
            left[one.scheme_id][home, now or ""] += 1
            if before in places and now in places:
                direction = Direction.UP if places[now] < places[before] else Direction.DOWN
                found.append((person_id, one.scheme_id, direction.value, before, now))
                homes[person_id] = home
    return found, homes, left


def _stayed(schemes: Sequence[InForce], first: int, left: Mapping[int, Standing]) -> dict[int, Standing]:
    """Return by scheme who stands where the month began: all who were there then, without those in `left`."""
    stayed: dict[int, Standing] = {one.scheme_id: Counter() for one in schemes}
    rows = _were_there(first).order_by().values_list("person__home_store_id", *(one.column for one in schemes))
    for home, *tiers, persons in rows.annotate(count=Count("pk")):
        for one, now in zip(schemes, tiers, strict=True):
            if now in one.scheme.codes:
                stayed[one.scheme_id][home, now] += persons
    return {scheme_id: standing - left[scheme_id] for scheme_id, standing in stayed.items()}


def _were_there(first: int) -> QuerySet[PersonValue, Any]:
    """Return the values of living persons who had some before the run `first`."""
    was_there = Q(first_run_id=None) | Q(first_run_id__lt=first)
    return PersonValue.objects.filter(was_there, person__in=persons_in_reach(EVERYBODY))


def _rows_keep(moves: Sequence[Move], pace: Pace) -> None:
    """Make the table say this, by what differs, in short transactions; another worker may be at the same rows."""
    wanted = set(moves)
    stored = {row[1:]: row[0] for row in MonthMove.objects.values_list("pk", *_COLUMNS).iterator(chunk_size=_READ_ROWS)}
    for gone in pace.cut(sorted(pk for row, pk in stored.items() if row not in wanted)):
        with transaction.atomic():
            rows_delete(MonthMove, among={"id": gone})
    for come in pace.cut(sorted(wanted - stored.keys())):
        with transaction.atomic():
            rows_write(MonthMove, _COLUMNS, come, conflict=_COLUMNS[:2], update=_COLUMNS[2:])

"""Who holds which phone and card, as households are read from: told when it changes, and read by value."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count

from huitou.apps.base.bulk import chunked, rows_read
from huitou.apps.base.hooks import HoldingsChanged, Hook, run
from huitou.apps.identity.component import IN_LIST
from huitou.apps.identity.models import PersonIdentifier
from huitou.core.identity.household import HOUSEHOLD_KINDS, MOST_PERSONS

_COLUMNS = ("person_id", "kind_code", "value_hash", "valid_from")
Holding = tuple[int, str, int, datetime | None]  # person, kind, hash of the value, since when


def holdings_of(person_ids: Collection[int]) -> set[Holding]:
    """Return what these persons hold now that can tie them to others: no hubs."""
    return {
        row
        for part in chunked(person_ids, IN_LIST)
        for row in rows_read(PersonIdentifier, _COLUMNS, among={"person_id": part}, null=("valid_to",), equal={"is_hub": False})
        if row[1] in HOUSEHOLD_KINDS
    }


def holders_of(value_hashes: Collection[int]) -> list[Holding]:
    """Return who holds these values now, hubs aside. For jobs, no screen."""
    return [
        row
        for part in chunked(value_hashes, IN_LIST)
        for row in rows_read(PersonIdentifier, _COLUMNS, among={"value_hash": part}, null=("valid_to",), equal={"is_hub": False})
        if row[1] in HOUSEHOLD_KINDS
    ]


def shared_values() -> set[int]:
    """Return the values that several persons hold now and no more than may be a household. For jobs, no screen."""
    held = PersonIdentifier.objects.filter(kind_code__in=HOUSEHOLD_KINDS, valid_to=None, is_hub=False).order_by()
    counted = held.values("value_hash").annotate(holders=Count("pk")).filter(holders__gt=1, holders__lte=MOST_PERSONS)
    return set(counted.values_list("value_hash", flat=True))


def holdings_told(before: set[Holding], rows: Iterable[tuple[Any, ...]] = ()) -> None:
    """Tell what changed between what was held and the identifier rows (`person_file.identifier_rows`) that stand now."""
    after = {
        (person_id, kind, value_hash, since)
        for person_id, kind, value_hash, _, since, until, is_hub in rows
        if until is None and not is_hub and kind in HOUSEHOLD_KINDS
    }
    changed = frozenset(value_hash for _, _, value_hash, _ in before ^ after)
    if changed:
        run(Hook.HOLDINGS_CHANGED, HoldingsChanged(changed))

"""Seek the persons of the records that wait for theirs."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from huitou.apps.base.bulk import chunked
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.marks import last_mark, marked_records
from huitou.apps.identity.services.arrivals_resolve import arrivals_resolve
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.core.identity import DEFAULT_POLICY, Policy

_ROUNDS = 5  # of resolving anew what others changed meanwhile; the rest keeps its marks for the next run
_FEW = 200  # records; more are resolved together, from columns
_AT_ONCE = 20  # records of one transaction: it holds the map's lock for about 60 ms
_PART = 500  # records that these can concern; with more the matcher would run for too long under the lock


def marked_resolve(*, now: datetime, policy: Policy = DEFAULT_POLICY, is_bulk: bool = False) -> None:
    """
    Resolve all that waits, of back-fills or else: a few records as single arrivals are, many at once.

    A record's persons, events and evidence and the end of its mark are one transaction; a kill leaves the marks of the rest.
    """
    for _ in range(_ROUNDS):
        upto = last_mark()
        changed = marked_records(upto=upto, is_bulk=is_bulk)
        if not is_bulk and len(changed) <= _FEW:
            changed = _arrived(changed, now, policy)
        if not changed:
            break
        map_resolve(changed=changed, now=now, policy=policy, upto=upto)


def _arrived(record_ids: Iterable[int], now: datetime, policy: Policy) -> list[int]:
    """Resolve some records as they would be had they come one by one; return those that concern too many others for that."""
    left: list[int] = []
    for part in chunked(record_ids, _AT_ONCE):
        if not _part_resolve(part, now, policy):
            left += part
    return left


@transaction.atomic
def _part_resolve(record_ids: Collection[int], now: datetime, policy: Policy) -> bool:
    map_lock()
    return arrivals_resolve(record_ids, now=now, policy=policy, limit=_PART) is not None

"""Write changes of the map: events, memberships, opened and closed persons, hooks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huitou.apps.base import hooks
from huitou.apps.base.bulk import chunked, ids_reserve, rows_delete, rows_read, rows_set, rows_write, sql_run
from huitou.apps.customers.services import person_ids_reserve, persons_close
from huitou.apps.identity.component import IN_LIST
from huitou.apps.identity.holdings import holdings_of, holdings_told
from huitou.apps.identity.models import IdentityEvent, MatcherLock, Membership, PersonIdentifier
from huitou.core.identity.changes import Change, ChangeKind, Move, planned

_LOCK = f'update "{MatcherLock._meta.db_table}" set id = id where id = 1 returning id'  # noqa: S608 - waits for who holds the row
_EVENT = ("id", "kind_code", "at", "by", "reason", "policy_version", "undoes_id", "detail")
_LISTED = 1_000  # more person ids than this are not repeated in an event's detail
_HOOK_OF_KIND = {ChangeKind.MERGE: hooks.Hook.MERGE, ChangeKind.SPLIT: hooks.Hook.SPLIT, ChangeKind.UNDO: hooks.Hook.UNDO}


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the map. by None: the matcher."""

    by: int | None
    reason: str
    policy_version: str
    now: datetime


def map_lock() -> None:
    """Wait until nobody else changes the map; held to the end of the transaction."""
    if not sql_run(_LOCK):
        MatcherLock.objects.get_or_create(pk=1)
        sql_run(_LOCK)


def changes_planned(previous: Mapping[int, int], clusters: Sequence[Sequence[int]]) -> list[Change]:
    """Return what turns the present map into these clusters, as `core.identity.changes.planned`, with ids never given before."""
    return planned(previous, clusters, person_ids_reserve)


def changes_write(changes: Iterable[Change], author: Author, *, undoes: IdentityEvent | None = None) -> list[IdentityEvent]:
    """Write events, memberships and closed persons. The files of the persons and the hooks are the caller's next steps."""
    wanted = list(changes)
    events = _events_write(wanted, author, undoes)
    _memberships_write([(move, event) for change, event in zip(wanted, events, strict=True) for move in change.moves], author.now)
    survivors = {person: survivor for change in wanted for person, survivor in change.closed.items()}
    if survivors:
        persons_close(survivors, now=author.now)
        holdings_told(holdings_of(survivors))
        for part in chunked(survivors, IN_LIST):
            rows_delete(PersonIdentifier, among={"person_id": part})
    return events


def _events_write(changes: Sequence[Change], author: Author, undoes: IdentityEvent | None) -> list[IdentityEvent]:
    """Write an event per change, in order; the rows are built without the ORM, which takes ten times as long for them."""
    events = [
        IdentityEvent(
            pk=pk, kind_code=change.kind.value, at=author.now, by=author.by, reason=author.reason,
            policy_version=author.policy_version, undoes=undoes, detail=_detail(change),
        )
        for pk, change in zip(ids_reserve(IdentityEvent, len(changes)), changes, strict=True)
    ]  # fmt: skip
    rows_write(IdentityEvent, _EVENT, ([getattr(one, name) for name in _EVENT[:-1]] + [json.dumps(one.detail)] for one in events))
    return events


def _detail(change: Change) -> dict[str, Any]:
    lists = {"opened": sorted(change.opened), "closed": sorted(change.closed)}
    return {
        "records": len(change.moves),
        **{name: ids for name, ids in lists.items() if 0 < len(ids) <= _LISTED},
        **change.detail,
    }


def _memberships_write(moves: Sequence[tuple[Move, IdentityEvent]], now: datetime) -> None:
    """Let each record leave its person and belong to the next one, each with its event; a record moves once."""
    left = {move.record_id: event.pk for move, event in moves if move.from_person_id is not None}
    for part in chunked(left, IN_LIST):
        open_ones = dict(rows_read(Membership, ("pk", "record_id"), among={"record_id": part}, null=("valid_to",)))
        rows_set(Membership, "closed_event_id", by="id", values={pk: left[record] for pk, record in open_ones.items()})
        Membership.objects.filter(pk__in_list=list(open_ones)).update(valid_to=now)
    rows_write(
        Membership,
        ("record_id", "person_id", "valid_from", "valid_to", "event_id"),
        ((move.record_id, move.to_person_id, now, None, event.pk) for move, event in moves if move.to_person_id is not None),
    )


def hooks_run(changes: Iterable[Change], events: Iterable[IdentityEvent]) -> None:
    """Tell the other apps about merges, splits and undos."""
    for change, event in zip(changes, events, strict=True):
        hook = _HOOK_OF_KIND.get(change.kind)
        if hook is not None:
            payload = hooks.IdentityChange(
                event_id=event.pk,
                moves=tuple(change.moves),
                opened_person_ids=tuple(sorted(change.opened)),
                closed_person_ids=tuple(sorted(change.closed)),
                at=event.at,
            )
            hooks.run(hook, payload)


def persons_touched(changes: Iterable[Change]) -> set[int]:
    """Return every living person that gained or lost a record."""
    touched: set[int] = set()
    closed: set[int] = set()
    for change in changes:
        closed |= change.closed.keys()
        for move in change.moves:
            touched |= {person for person in (move.from_person_id, move.to_person_id) if person is not None}
    return touched - closed

"""What persons decided about pairs of records: write, retire and revive decisions together with the event that did it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from django.db.models import Q

from huitou.apps.base.bulk import rows_write
from huitou.apps.identity.models import Decision, IdentityEvent, Verdict
from huitou.core.identity.changes import Move, Pair, kept_together, undo_across

_COLUMNS = ("record_a", "record_b", "verdict_code", "event_id", "retired_event_id", "origin_event_id")


def decisions_retire(
    event: IdentityEvent, left: Collection[int], right: Collection[int], *, verdict: Verdict
) -> list[tuple[int, int]]:
    """End the open decisions of this verdict between two groups of records; return their pairs."""
    across = Q(record_a__in_list=left, record_b__in_list=right) | Q(record_a__in_list=right, record_b__in_list=left)
    found = Decision.objects.filter(across, verdict_code=verdict, retired_event_id=None)
    pairs = list(found.values_list("record_a", "record_b"))
    found.update(retired_event_id=event.pk)
    return pairs


def decisions_write(
    event: IdentityEvent, pairs: Iterable[Pair], *, verdict: Verdict, origins: Mapping[Pair, int] = MappingProxyType({})
) -> None:
    """Open decisions; a pair that has an open one already keeps it. origins: the events that first said what is said again."""
    wanted = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    firsts = {pair[0] for pair in wanted}
    taken = set(Decision.objects.filter(record_a__in_list=firsts, retired_event_id=None).values_list("record_a", "record_b"))
    rows = ((*pair, verdict, event.pk, None, origins.get(pair)) for pair in wanted if pair not in taken)
    rows_write(Decision, _COLUMNS, rows)


def decisions_undo(event: IdentityEvent, undoing: IdentityEvent, back: Sequence[Move], after: Mapping[int, set[int]]) -> None:
    """
    Retire what the event opened, and what was said later to the contrary of its undo; open again what it retired.

    back, after: the moves of the undo, and the records that each person concerned had before it.
    """
    opened = Decision.objects.filter(Q(event_id=event.pk) | Q(origin_event_id=event.pk), retired_event_id=None)
    opened.update(retired_event_id=undoing.pk)
    moved = {move.record_id for move in back}
    apart, together = undo_across(back, after)
    held = _retire_pairs(event, undoing, apart, Verdict.SAME)
    stayed = {record for pair in held for record in pair} - moved
    decisions_write(undoing, kept_together(moved, stayed, held), verdict=Verdict.SAME)
    _retire_pairs(event, undoing, together, Verdict.DIFFERENT)
    again = Decision.objects.filter(retired_event_id=event.pk).order_by("pk")
    for verdict in Verdict:
        rows = again.filter(verdict_code=verdict).values_list("record_a", "record_b", "origin_event_id", "event_id")
        origins = {(one, two): origin or first for one, two, origin, first in rows}
        decisions_write(undoing, origins, verdict=verdict, origins=origins)


def _retire_pairs(event: IdentityEvent, undoing: IdentityEvent, pairs: Collection[Pair], verdict: Verdict) -> list[Pair]:
    """End the open decisions about these pairs that are younger than the event; return the pairs."""
    found = Decision.objects.filter(
        record_a__in_list={pair[0] for pair in pairs}, verdict_code=verdict, retired_event_id=None, event_id__gt=event.pk
    ).exclude(event_id=undoing.pk)
    gone = {pk: (one, two) for pk, one, two in found.values_list("pk", "record_a", "record_b") if (one, two) in pairs}
    Decision.objects.filter(pk__in_list=gone).update(retired_event_id=undoing.pk)
    return list(gone.values())

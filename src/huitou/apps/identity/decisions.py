"""What persons decided about pairs of records: write, retire and revive decisions together with the event that did it."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from huitou.apps.base.bulk import rows_write
from huitou.apps.identity.models import Decision, IdentityEvent, Verdict

_COLUMNS = ("record_a", "record_b", "verdict_code", "event_id", "retired_event_id")


def decisions_retire(
    event: IdentityEvent, left: Collection[int], right: Collection[int], *, verdict: Verdict
) -> list[tuple[int, int]]:
    """End the open decisions of this verdict between two groups of records; return their pairs."""
    across = Q(record_a__in_list=left, record_b__in_list=right) | Q(record_a__in_list=right, record_b__in_list=left)
    found = Decision.objects.filter(across, verdict_code=verdict, retired_event_id=None)
    pairs = list(found.values_list("record_a", "record_b"))
    found.update(retired_event_id=event.pk)
    return pairs


def decisions_write(event: IdentityEvent, pairs: Iterable[tuple[int, int]], *, verdict: Verdict) -> None:
    """Open decisions; a pair that has an open one already keeps it."""
    wanted = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    firsts = {pair[0] for pair in wanted}
    taken = set(Decision.objects.filter(record_a__in_list=firsts, retired_event_id=None).values_list("record_a", "record_b"))
    rows_write(Decision, _COLUMNS, ((*pair, verdict, event.pk, None) for pair in wanted if pair not in taken))


def decisions_undo(event: IdentityEvent, undoing: IdentityEvent) -> None:
    """Retire what the event opened and open again what it retired."""
    Decision.objects.filter(event_id=event.pk, retired_event_id=None).update(retired_event_id=undoing.pk)
    again = list(
        Decision.objects.filter(retired_event_id=event.pk).order_by("pk").values_list("record_a", "record_b", "verdict_code")
    )
    for verdict in Verdict:
        decisions_write(undoing, [(row[0], row[1]) for row in again if row[2] == verdict], verdict=verdict)


def star(records: Collection[int]) -> list[tuple[int, int]]:
    """Return pairs that tie every record to the smallest."""
    centre = min(records)
    return [(centre, record) for record in records if record != centre]

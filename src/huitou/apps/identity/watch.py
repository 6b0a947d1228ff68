"""Notice what others changed on the map between the reading of a long run and its writing."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from huitou.apps.base.bulk import sql_run
from huitou.apps.identity.models import Decision, IdentityEvent, Membership


class Watch:
    """Records and persons that events of others touched since the watch began. Ask under the map's lock."""

    def __init__(self) -> None:
        self._seen = _last_event()
        self._records: set[int] = set()
        self._persons: set[int] = set()

    def look(self) -> None:
        """Take in the events that are new."""
        last = _last_event()
        if last == self._seen:
            return
        moved = Membership.objects.filter(Q(event_id__gt=self._seen) | Q(closed_event_id__gt=self._seen))
        for record_id, person_id in moved.values_list("record_id", "person_id"):
            self._records.add(record_id)
            self._persons.add(person_id)
        said = Decision.objects.filter(Q(event_id__gt=self._seen) | Q(retired_event_id__gt=self._seen))
        for pair in said.values_list("record_a", "record_b"):
            self._records.update(pair)
        self._seen = last

    def own(self, events: Iterable[IdentityEvent]) -> None:
        """Events that the watching run wrote itself, under the lock it looked under, are no news."""
        self._seen = max((self._seen, *(event.pk for event in events)))

    def touched(self, records: Iterable[int], persons: Collection[int] = ()) -> bool:
        """Did somebody else change one of these since?"""
        return bool(self._records or self._persons) and (
            not self._persons.isdisjoint(persons) or not self._records.isdisjoint(records)
        )


def _last_event() -> int:
    return sql_run(f"select max(id) from {IdentityEvent._meta.db_table}")[0][0] or 0  # noqa: S608 - a name from the model

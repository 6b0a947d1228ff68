"""What nobody verified for long, of everything that is known of a person: the file's facts and contacts, and attributes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from huitou.apps.attributes.queries import StaleValue, stale_persons, stale_values
from huitou.apps.base import hooks
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.person import PersonField
from huitou.apps.customers.queries.stale import persons_stale, stale_fields
from huitou.core.periods import business_date

STALE_AFTER_DAYS = 180  # of the file's values; an attribute says its own
DAYS_OFFERED = (90, STALE_AFTER_DAYS, 365, 730)
_BLOCK = 500
CHAIN_VIEWER = Viewer(0, "admin", None)  # who tells the hook: the whole chain, nobody's account


@dataclass(frozen=True, slots=True)
class StalePerson:
    """One person with what is out of date: values of the file and of attributes (those of third parties among them)."""

    person_id: int
    fields: list[PersonField]
    attributes: list[StaleValue]

    @property
    def names(self) -> tuple[str, ...]:
        """Field names, then attributes as in filters."""
        return (*(one.name for one in self.fields), *(f"attribute_{one.attribute.code}" for one in self.attributes))


@dataclass(frozen=True, slots=True)
class StalePage:
    """next_after: pass it as `after` for the persons behind these; None at the end."""

    persons: list[StalePerson]
    next_after: int | None


def stale_page(
    viewer: Viewer, *, now: datetime, days: int = STALE_AFTER_DAYS, after: int = 0, limit: int = 50
) -> StalePage:  # fmt: skip
    """
    Return the persons in reach, by rising id, with a value that nobody verified for longer than `days` (attributes: than they
    allow), masked for the viewer's role.
    """
    before = business_date(now) - timedelta(days=days)
    told = {
        *persons_stale(viewer, before=before, after=after, limit=limit + 1),
        *stale_persons(viewer, now=now, after=after, limit=limit + 1),
    }
    ids = sorted(told)[:limit]
    fields = stale_fields(viewer, ids, before=before)
    attributes: dict[int, list[StaleValue]] = {}
    for value in stale_values(viewer, now=now, person_ids=ids):
        attributes.setdefault(value.person_id, []).append(value)
    persons = [StalePerson(one, fields.get(one, []), attributes.get(one, [])) for one in ids]
    return StalePage([one for one in persons if one.names], ids[-1] if len(told) > limit else None)


def stale_pages(viewer: Viewer, *, now: datetime, days: int = STALE_AFTER_DAYS) -> Iterator[list[StalePerson]]:
    """Yield everybody, in blocks."""
    after: int | None = 0
    while after is not None:
        page = stale_page(viewer, now=now, days=days, after=after, limit=_BLOCK)
        yield page.persons
        after = page.next_after


def stale_tell(*, now: datetime) -> int:
    """Tell the hook who has values that nobody verified for long; return how many. Nothing is read while nobody listens."""
    if not hooks.is_heard(hooks.Hook.VALUES_STALE):
        return 0
    count = 0
    for persons in stale_pages(CHAIN_VIEWER, now=now):
        told = hooks.ValuesStale({one.person_id: one.names for one in persons}, now)
        hooks.run(hooks.Hook.VALUES_STALE, told)
        count += len(persons)
    return count

"""What nobody verified for long, of all that is known of a person: the file's facts and contacts, attributes, tags."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from huitou.apps.attributes.queries import StaleValue, stale_persons, stale_values, values_told
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.person import PersonField
from huitou.apps.customers.queries.stale import persons_stale, stale_fields
from huitou.core.periods import business_date

STALE_AFTER_DAYS = 180  # of the file's values; an attribute says its own
DAYS_OFFERED = (90, STALE_AFTER_DAYS, 365, 730)
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class StaleTag:
    """A tag that somebody gave and nobody confirmed since. told_at: when it was given or last confirmed."""

    tag_id: int
    code: str
    category_id: int | None
    author_id: int | None
    told_at: datetime


@dataclass(frozen=True, slots=True)
class StalePerson:
    """One person with what is out of date: values of the file, of attributes (those of third parties among them), tags."""

    person_id: int
    fields: list[PersonField]
    attributes: list[StaleValue]
    tags: list[StaleTag]

    @property
    def told(self) -> tuple[tuple[str, datetime], ...]:
        """What is out of date and when it was last told: field names, then attributes as in filters, then tags."""
        return (
            *((one.name, one.observed_at) for one in self.fields),
            *((f"attribute_{one.attribute.code}", one.observed_at) for one in self.attributes),
            *((f"tag_{one.code}", one.told_at) for one in self.tags),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of `told`."""
        return tuple(name for name, _at in self.told)


class TagSource(Protocol):
    """What the app of tags offers, which stands above this one."""

    def persons(self, viewer: Viewer, *, before: date, after: int, limit: int) -> list[int]:
        """Return persons in reach with a tag told before a day, by rising id, those after an id."""

    def tags(self, viewer: Viewer, person_ids: Collection[int], *, before: date) -> dict[int, list[StaleTag]]:
        """Return by person the tags told before a day; only of persons in reach."""


_tag_sources: list[TagSource] = []


def provide(source: TagSource) -> None:
    """Let a source take part; call it from `AppConfig.ready`."""
    if source not in _tag_sources:
        _tag_sources.append(source)


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
        *(one for source in _tag_sources for one in source.persons(viewer, before=before, after=after, limit=limit + 1)),
    }
    ids = sorted(told)[:limit]
    return StalePage(stale_among(viewer, ids, now=now, days=days), ids[-1] if len(told) > limit else None)


def stale_among(viewer: Viewer, person_ids: Collection[int], *, now: datetime, days: int = STALE_AFTER_DAYS) -> list[StalePerson]:
    """Return those of these persons who would be listed, as `stale_page` does, by rising id."""
    ids = sorted(set(person_ids))
    return _persons(viewer, ids, stale_values(viewer, now=now, person_ids=ids), before=business_date(now) - timedelta(days=days))


def told_among(viewer: Viewer, person_ids: Collection[int], *, now: datetime) -> list[StalePerson]:
    """Return those of these persons who have a value that could be asked about, with all of them, however lately told."""
    ids = sorted(set(person_ids))
    values = values_told(viewer, now=now, person_ids=ids)
    return _persons(viewer, ids, values, before=business_date(now) + timedelta(days=1))


def _persons(viewer: Viewer, ids: list[int], values: Collection[StaleValue], *, before: date) -> list[StalePerson]:
    fields = stale_fields(viewer, ids, before=before)
    attributes: dict[int, list[StaleValue]] = {}
    for value in values:
        attributes.setdefault(value.person_id, []).append(value)
    tags: dict[int, list[StaleTag]] = {}
    for source in _tag_sources:
        tags |= source.tags(viewer, ids, before=before)
    persons = (StalePerson(one, fields.get(one, []), attributes.get(one, []), tags.get(one, [])) for one in ids)
    return [one for one in persons if one.names]


def stale_pages(viewer: Viewer, *, now: datetime, days: int = STALE_AFTER_DAYS) -> Iterator[list[StalePerson]]:
    """Yield everybody, in blocks."""
    after: int | None = 0
    while after is not None:
        page = stale_page(viewer, now=now, days=days, after=after, limit=_BLOCK)
        yield page.persons
        after = page.next_after

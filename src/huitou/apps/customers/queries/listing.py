"""The customer list: a page of persons that match a filter, in a sort order, cut to the viewer's stores."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q

from huitou.apps.base import seen
from huitou.apps.base.fields import Noun, fields_of
from huitou.apps.base.filters import column_q, filter_q, narrowing_q
from huitou.apps.base.listing import (
    Asked,
    Count,
    ListPage,
    ListRow,
    Place,
    SortColumn,
    page_cut,
    relations_of,
    rows_values,
    sort_columns,
    stored_value,
)
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.paging import Matching, rows_from
from huitou.apps.customers.queries.person import PersonField, persons_in_reach, shown_fields
from huitou.core.value.lifecycle import Stage, stage

EXACT_UP_TO = 10_000
DEFAULT_SORT = "-last_purchase"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """
    One line of the list; `fields` as in `person_file`, masked for the viewer's role. Without published facts (a person newer
    than the last publish) `facts` is None.
    """

    person_id: int
    fields: Mapping[str, PersonField]
    home_store_id: int | None
    is_member: bool
    source_count: int
    completeness_share: float
    registered_at: datetime | None
    stage: Stage
    facts: PersonFacts | None


def person_sorts(viewer: Viewer | None = None) -> dict[str, SortColumn]:
    """Return what the customer list can be sorted by, by code; every code stands for its column of the field registry."""
    return sort_columns(fields_of(Noun.CUSTOMER, viewer))


def person_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of the customer list; the subjects of its rows are PersonRow. The first page carries its count."""
    matching = _matching(viewer, asked)
    relations = {"facts", *relations_of(asked)}
    found = rows_from(matching, asked.sort, asked.cursor, asked.limit + 1, relations=relations, narrow=_narrow(asked))
    values = rows_values(found[: asked.limit], asked)
    path = asked.sort.column.path
    rows = [
        ListRow(person.pk, values.get(person.pk, {}), person, stored_value(person, path) if path else None) for person in found
    ]
    page = page_cut(rows, asked)
    shown = tuple(replace(row, subject=_row(viewer, row.subject, asked.as_of)) for row in page.rows)
    count = page.count or (_count(matching) if asked.cursor is None else None)
    return replace(page, rows=shown, count=count)


def person_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many persons in the viewer's reach match. Above EXACT_UP_TO it is estimated from a sample."""
    return _count(_matching(viewer, asked))


def person_ids(viewer: Viewer, asked: Asked, *, most: int) -> list[int]:
    """Return the ids of those in reach who match, up to `most` of them, in no order."""
    return list(_matching(viewer, asked).few.order_by().values_list("pk", flat=True)[:most])


def person_place(viewer: Viewer, asked: Asked) -> Place:
    """
    Return the neighbours of the position asked.cursor, whether its person still stands in the list, and how many do.

    The position is the value the person was listed with: it stays where it is when the person changes, leaves the list or is
    merged away. Without a cursor nothing is around it.
    """
    matching = _matching(viewer, asked)
    if asked.cursor is None:
        return Place(None, None, is_in=False, count=_count(matching))
    path = asked.sort.column.path
    around: list[ListRow | None] = []
    for backward in (True, False):
        cursor = replace(asked.cursor, backward=backward)
        found = rows_from(matching, asked.sort, cursor, 1, relations=relations_of(asked), narrow=_narrow(asked))
        around += [ListRow(one.pk, {}, one, stored_value(one, path) if path else None) for one in found] or [None]
    before, after = around
    is_in = matching.persons.filter(pk=asked.cursor.row_id).exists()
    return Place(before, after, is_in, _count(matching))


def _matching(viewer: Viewer, asked: Asked) -> Matching:
    persons = persons_in_reach(viewer).filter(filter_q(asked.filters, asked.catalogue, as_of=asked.as_of))
    if asked.only is not None:
        persons = persons.filter(pk__in_list=asked.only)
    few = persons.filter(narrowing_q(asked.filters, asked.catalogue, as_of=asked.as_of, model=Person))
    return Matching(persons, few)


def _count(matching: Matching) -> Count:
    counted = matching.count_up_to(EXACT_UP_TO)
    return Count(max(EXACT_UP_TO + 1, matching.about), is_exact=False) if counted is None else Count(counted)


def _narrow(asked: Asked) -> Q:
    path = asked.sort.column.path
    column = path.rpartition("__")[2]
    return column_q(asked.filters, asked.catalogue, as_of=asked.as_of, path=path, column=column) if path else Q()


def _facts(person: Person) -> PersonFacts | None:
    return getattr(person, "facts", None)


def _row(viewer: Viewer, person: Person, as_of: date) -> PersonRow:
    facts = _facts(person)
    seen.note(person.pk)
    return PersonRow(
        person_id=person.pk,
        fields=shown_fields(viewer, profile_open(keyring(), person.pk, person.profile)),
        home_store_id=person.home_store_id,
        is_member=person.is_member,
        source_count=person.source_count,
        completeness_share=person.completeness_share,
        registered_at=person.registered_at,
        stage=stage(facts.first_date if facts else None, facts.last_date if facts else None, as_of=as_of),
        facts=facts,
    )

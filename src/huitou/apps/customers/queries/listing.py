"""The customer list: a page of persons that match a filter, in a sort order, cut to the viewer's stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from huitou.apps.base import seen
from huitou.apps.base.filters import column_q, filter_q
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.paging import DEFAULT_SORT, Cursor, Sort, SortValue, estimated_count, rows_from
from huitou.apps.customers.queries.person import PersonField, persons_in_reach, shown_fields
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.tree import EVERYTHING, Node
from huitou.core.value.lifecycle import Stage, stage

LARGEST_PAGE = 200
EXACT_UP_TO = 10_000


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


@dataclass(frozen=True, slots=True)
class PersonCount:
    """How many persons match. Up to EXACT_UP_TO it is counted; above, it is estimated from a sample and is_exact is False."""

    value: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """
    One page. `next_cursor` and `previous_cursor` are None at the ends; as_of is the day that days are counted back from;
    count is None on every page but the first, whose count stands for the whole list.
    """

    rows: tuple[PersonRow, ...]
    sort: Sort
    as_of: date
    next_cursor: str | None
    previous_cursor: str | None
    count: PersonCount | None


def person_page(
    viewer: Viewer,
    *,
    catalogue: Catalogue,
    as_of: date,
    filters: Node = EVERYTHING,
    sort: Sort = DEFAULT_SORT,
    after: str | None = None,
    limit: int = 50,
) -> PersonPage:
    """
    Return one page of the customer list.

    catalogue: what `filters` was parsed with (customers.fields.customer_catalogue). after: a cursor of an earlier page.
    Raises CursorRefused on a foreign cursor, ValueError on a limit outside 1..LARGEST_PAGE.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError(f"a page has 1 to {LARGEST_PAGE} rows, not {limit}")
    cursor = Cursor.from_text(after, sort.column) if after else None
    matching = persons_in_reach(viewer).filter(filter_q(filters, catalogue, as_of=as_of))
    found = rows_from(matching.select_related("facts"), sort, cursor, limit + 1, narrow=_narrow(filters, catalogue, as_of, sort))
    is_cut = len(found) > limit
    rows = found[:limit]
    backward = cursor is not None and cursor.backward
    if backward:
        rows.reverse()
    more_after, more_before = (bool(rows), is_cut) if backward else (is_cut, cursor is not None and bool(rows))
    return PersonPage(
        rows=tuple(_row(viewer, person, as_of) for person in rows),
        sort=sort,
        as_of=as_of,
        next_cursor=_cursor(rows[-1], sort, backward=False) if more_after else None,
        previous_cursor=_cursor(rows[0], sort, backward=True) if more_before else None,
        count=_count(matching, is_whole=not is_cut, rows=len(rows)) if cursor is None else None,
    )


def person_count(viewer: Viewer, *, catalogue: Catalogue, as_of: date, filters: Node = EVERYTHING) -> PersonCount:
    """Return how many persons in the viewer's reach match."""
    return _count(persons_in_reach(viewer).filter(filter_q(filters, catalogue, as_of=as_of)))


def _count(matching: QuerySet[Person], *, is_whole: bool = False, rows: int = 0) -> PersonCount:
    if is_whole:
        return PersonCount(rows, True)
    counted = matching.order_by()[: EXACT_UP_TO + 1].count()
    if counted <= EXACT_UP_TO:
        return PersonCount(counted, True)
    return PersonCount(max(EXACT_UP_TO + 1, estimated_count(matching)), False)


def _narrow(filters: Node, catalogue: Catalogue, as_of: date, sort: Sort) -> Q:
    fact = sort.column.fact
    return column_q(filters, catalogue, as_of=as_of, path=f"facts__{fact}", column=fact) if fact else Q()


def _facts(person: Person) -> PersonFacts | None:
    return getattr(person, "facts", None)


def _cursor(person: Person, sort: Sort, *, backward: bool) -> str:
    facts = _facts(person)
    value: SortValue | None = None
    if sort.column.fact and facts is not None:
        value = getattr(facts, sort.column.fact)
    return Cursor(value, person.pk, backward).text()


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

"""The customer list: a page of persons that match a filter, in a sort order, cut to the viewer's stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q

from huitou.apps.base import seen
from huitou.apps.base.fields import Noun, fields_of
from huitou.apps.base.grouped import Groups, walked_groups
from huitou.apps.base.listing import Asked, Count, ListPage, Place, SortColumn, sort_columns
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.base.walked_listing import Matching, walked_count, walked_page, walked_place
from huitou.apps.base.walked_parts import Ground
from huitou.apps.base.walked_spread import Spread, walked_spread
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.person import PersonField, persons_in_reach, shown_fields
from huitou.core.filters.catalogue import Field
from huitou.core.value.lifecycle import Stage, stage

DEFAULT_SORT = "-last_purchase"
SPEND_PATH = "facts__net_365d_fen"
PERSONS = Ground(Person, Q(is_live=True), PersonFacts)


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


def newest_person() -> int:
    """Return the highest number that a person has, 0 without any: about as many there ever were."""
    return Person.objects.aggregate(last=Max("id"))["last"] or 0


def person_sorts(viewer: Viewer | None = None) -> dict[str, SortColumn]:
    """Return what the customer list can be sorted by, by code; every code stands for its column of the field registry."""
    return sort_columns(fields_of(Noun.CUSTOMER, viewer))


def person_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of the customer list; the subjects of its rows are PersonRow. The first page carries its count."""
    return walked_page(
        _matching(viewer, asked),
        asked,
        subjects=lambda persons: [_row(viewer, person, asked.as_of) for person in persons],
        relations=("facts",),
    )


def person_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many persons in the viewer's reach match; many are estimated."""
    return walked_count(_matching(viewer, asked))


def person_spread(viewer: Viewer, asked: Asked, paths: tuple[str, ...]) -> Spread:
    """Return how the persons in the viewer's reach who match fall into groups by their values at these places of the ORM."""
    return walked_spread(_matching(viewer, asked), paths)


def person_groups(viewer: Viewer, asked: Asked, field: Field) -> Groups:
    """Return how the persons in the viewer's reach who match divide by a field, each group with its spend in 12 months."""
    return walked_groups(_matching(viewer, asked), asked, field, summed=SPEND_PATH)


def person_ids(viewer: Viewer, asked: Asked, *, most: int) -> list[int]:
    """Return the ids of those in reach who match, up to `most` of them, in no order."""
    return list(_matching(viewer, asked).rarest.order_by().values_list("pk", flat=True)[:most])


def person_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the neighbours of a position in the list."""
    return walked_place(_matching(viewer, asked), asked)


def _matching(viewer: Viewer, asked: Asked) -> Matching:
    return Matching.of(PERSONS, persons_in_reach(viewer), asked, is_cut=viewer.store_ids is not None)


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

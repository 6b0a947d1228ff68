"""One person's file."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer, store_reach
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.rules import PERSONAL_FIELDS, REVEAL_RULES, whole_fields
from huitou.core.identity.masks import masked
from huitou.core.identity.survivorship import ProfileValue


@dataclass(frozen=True, slots=True)
class PersonField:
    """One value of the file as this viewer may see it, and which record of which source said it when."""

    name: str
    text: str
    is_masked: bool
    can_reveal: bool
    source_code: str
    record_id: int
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A living person's file for one viewer. asked_id differs from person_id when that person was merged into this one."""

    person_id: int
    asked_id: int
    fields: Mapping[str, PersonField]
    home_store_id: int | None
    source_count: int
    record_count: int
    is_member: bool
    completeness_share: float
    registered_at: datetime | None
    updated_at: datetime
    of_age_on: date | None  # of a child: the 14th birthday

    def is_minor(self, today: date) -> bool:
        """Say whether the person is under 14 on a day."""
        return self.of_age_on is not None and today < self.of_age_on

    @property
    def name(self) -> str:
        """The name as shown; empty when nobody told it."""
        return self.fields["name"].text if "name" in self.fields else ""


def persons_in_reach(viewer: Viewer) -> "QuerySet[Person]":
    """Return the living persons whose home store the viewer reaches; persons without a home store only chain-wide viewers see."""
    return Person.objects.filter(store_reach(viewer, "home_store_id"), is_live=True)


def ids_gone() -> "QuerySet[Person, int]":
    """Return the ids of persons who live no more: merged into another, or erased."""
    return Person.objects.filter(is_live=False).values_list("pk", flat=True)


def person_id_in_reach(viewer: Viewer, person_id: int) -> int | None:
    """Return the living person's id behind an id, following merges; None for nobody and for one out of reach."""
    person = live_person(viewer, person_id)
    return None if person is None else person.pk


def names_in_reach(viewer: Viewer, person_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of those of the persons whom the viewer may see, masked for the role; empty for a person without one."""
    names = {}
    for person in persons_in_reach(viewer).filter(pk__in_list=sorted(set(person_ids))):
        seen.note(person.pk)
        fields = shown_fields(viewer, profile_open(keyring(), person.pk, person.profile))
        names[person.pk] = fields["name"].text if "name" in fields else ""
    return names


def live_person(viewer: Viewer, person_id: int) -> Person | None:
    """Return the living person behind an id, following merges, if the viewer may see it."""
    passed: set[int] = set()
    wanted: int | None = person_id
    while wanted is not None and wanted not in passed:
        passed.add(wanted)
        row = Person.objects.filter(pk=wanted).values_list("is_live", "merged_into_id").first()
        if row is None:
            return None
        if row[0]:
            return persons_in_reach(viewer).filter(pk=wanted).first()
        wanted = row[1]
    return None


def minors(*, today: date, person_ids: Collection[int] | None = None) -> set[int]:
    """Return the living persons, of these or of all, who are under 14 on a day. For gates and jobs, no screen."""
    rows = Person.objects.filter(of_age_on__gt=today, is_live=True)
    if person_ids is not None:
        rows = rows.filter(pk__in_list=sorted(person_ids))
    return set(rows.values_list("pk", flat=True))


def merged_into(person_id: int) -> list[int]:
    """Return the persons that ended in this one, over any number of merges."""
    found: list[int] = []
    fresh = [person_id]
    while fresh:
        fresh = list(Person.objects.filter(merged_into_id__in=fresh).exclude(pk__in=found).values_list("pk", flat=True))
        found += fresh
    return found


def live_ids(person_ids: Iterable[int]) -> dict[int, int]:
    """Return {id: the living person behind it}, following merges; without those that are nobody any more."""
    ends = {one: one for one in person_ids}
    found: dict[int, int] = {}
    while ends:
        rows = Person.objects.filter(pk__in=set(ends.values())).values_list("pk", "is_live", "merged_into_id")
        into = {pk: (is_live, survivor) for pk, is_live, survivor in rows}
        merged: dict[int, int] = {}
        for one, end in ends.items():
            is_live, survivor = into.get(end, (False, None))
            if is_live:
                found[one] = end
            elif survivor is not None:
                merged[one] = survivor
        ends = merged
    return found


def person_file(viewer: Viewer, person_id: int) -> PersonCard | None:
    """Return the file, masked for the viewer's role; None for nobody, for an erased person and for one out of reach alike."""
    person = live_person(viewer, person_id)
    if person is None:
        return None
    seen.note(person.pk)
    values = profile_open(keyring(), person.pk, person.profile)
    return PersonCard(
        person_id=person.pk,
        asked_id=person_id,
        fields=shown_fields(viewer, values),
        home_store_id=person.home_store_id,
        source_count=person.source_count,
        record_count=person.record_count,
        is_member=person.is_member,
        completeness_share=person.completeness_share,
        registered_at=person.registered_at,
        updated_at=person.updated_at,
        of_age_on=person.of_age_on,
    )


def shown_fields(viewer: Viewer, values: Mapping[str, ProfileValue]) -> dict[str, PersonField]:
    """Return the filled fields in the order of PERSONAL_FIELDS, masked where the viewer's role asks for it."""
    whole = whole_fields(viewer.role_code)
    rule = REVEAL_RULES.get(viewer.role_code)
    return {
        name: PersonField(
            name=name,
            text=value["value"] if name in whole else masked(name, value["value"]),
            is_masked=name not in whole,
            can_reveal=name not in whole and rule is not None and name in rule.fields,
            source_code=value["source_code"],
            record_id=value["record_id"],
            observed_at=datetime.fromisoformat(value["observed_at"]),
        )
        for name in PERSONAL_FIELDS
        if (value := values.get(name)) is not None
    }

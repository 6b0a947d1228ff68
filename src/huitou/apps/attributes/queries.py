"""Read custom attributes: of one person, and what nobody verified for too long. Cut to the viewer's reach."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from huitou.apps.attributes.definitions import choices_of, is_matched, lacks_basis, shown, usable
from huitou.apps.attributes.models import Attribute, AttributeValue, EventType
from huitou.apps.attributes.presets import PRESETS, Preset
from huitou.apps.attributes.values import value_of
from huitou.apps.base import seen
from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_id_in_reach, persons_in_reach
from huitou.apps.customers.rules import REVEAL_RULES
from huitou.apps.privacy.consent import persons_granting
from huitou.core.attributes import COUNTING, AttributeType
from huitou.core.decimals import scaled_text
from huitou.core.money import yuan_text
from huitou.core.periods import business_date

MASK = "****"
_IDS_PER_STATEMENT = 5_000


@dataclass(frozen=True, slots=True)
class AttributeView:
    """A definition with what became of it. is_usable: it may stand in filters today."""

    one: Attribute
    persons: int
    unreadable: int
    is_usable: bool
    lacks_basis: bool


@dataclass(frozen=True, slots=True)
class PersonAttribute:
    """
    One attribute of one person; value "" and no moment where nothing was observed. `is_stale`: unverified for too long.
    lacks_consent: it is sensitive and the person did not grant its purpose, so that nobody uses or enters a value.
    """

    attribute: Attribute
    value_id: int | None
    text: str
    is_masked: bool
    can_reveal: bool
    source_code: str
    observed_at: datetime | None
    is_stale: bool
    lacks_consent: bool


@dataclass(frozen=True, slots=True)
class StaleValue:
    """A value that nobody verified for longer than its attribute allows."""

    value_id: int
    person_id: int
    attribute: Attribute
    text: str
    source_code: str
    observed_at: datetime


def attribute_views(*, now: datetime) -> list[AttributeView]:
    """Return all attributes with how many persons have a value and how many texts could not be read."""
    today = business_date(now)
    usable_ids = set(usable(Attribute.objects.all(), today=today).values_list("pk", flat=True))
    counted = (
        AttributeValue.objects.order_by()
        .values("attribute_id")
        .annotate(persons=Count("pk", filter=Q(is_current=True)), unreadable=Count("pk", filter=Q(is_readable=False)))
    )
    counts = {row["attribute_id"]: (row["persons"], row["unreadable"]) for row in counted}
    return [
        AttributeView(
            one,
            *counts.get(one.pk, (0, 0)),
            is_usable=one.pk in usable_ids and is_matched(one),
            lacks_basis=lacks_basis(one),
        )
        for one in Attribute.objects.order_by("pk")
    ]


def presets_left() -> list[Preset]:
    """Return the ready-made attributes whose code nobody uses."""
    taken = set(Attribute.objects.filter(code__in=[one.code for one in PRESETS]).values_list("code", flat=True))
    return [one for one in PRESETS if one.code not in taken]


def event_types() -> list[EventType]:
    """Return all custom event types in the order they were made."""
    return list(EventType.objects.order_by("pk"))


def attributes_shown(*, today: date) -> list[Attribute]:
    """Return the attributes that people may see and fill today."""
    return list(shown(Attribute.objects.order_by("pk"), today=today))


def person_attributes(viewer: Viewer, person_id: int, *, now: datetime) -> list[PersonAttribute] | None:
    """Return every attribute of a person, filled or not; None for a person out of reach. Sensitive values come masked."""
    person = person_id_in_reach(viewer, person_id)
    if person is None:
        return None
    attributes = attributes_shown(today=business_date(now))
    rows = {
        row.attribute_id: row
        for row in AttributeValue.objects.filter(
            person_id=person, is_current=True, attribute_id__in=[one.pk for one in attributes]
        )
    }
    seen.note(person)
    purposes = {one.purpose_code for one in attributes if one.is_sensitive}
    granted = {purpose for purpose in purposes if persons_granting(purpose, [person])}
    return [_person_attribute(viewer, one, rows.get(one.pk), granted, now) for one in attributes]


def _person_attribute(
    viewer: Viewer, attribute: Attribute, row: AttributeValue | None, granted: Collection[str], now: datetime
) -> PersonAttribute:
    lacks_consent = attribute.is_sensitive and attribute.purpose_code not in granted
    if row is None:
        return PersonAttribute(attribute, None, "", False, False, "", None, False, lacks_consent)
    return PersonAttribute(
        attribute=attribute,
        value_id=row.pk,
        text=MASK if attribute.is_sensitive else value_text(attribute, row),
        is_masked=attribute.is_sensitive,
        can_reveal=attribute.is_sensitive and not lacks_consent and viewer.role_code in REVEAL_RULES,
        source_code=row.source_code,
        observed_at=row.observed_at,
        is_stale=row.observed_at < now - timedelta(days=attribute.stale_after_days),
        lacks_consent=lacks_consent,
    )


def values_of_persons(
    person_ids: Collection[int], *, today: date
) -> tuple[list[Attribute], Mapping[tuple[int, int], str]]:  # fmt: skip
    """
    Return the usable attributes that are not sensitive, and {(person, attribute id): text}, for exports.

    The caller cut person_ids to its viewer's reach.
    """
    attributes = list(usable(Attribute.objects.filter(is_sensitive=False).order_by("pk"), today=today))
    known = {one.pk: one for one in attributes}
    rows = AttributeValue.objects.filter(person_id__in_list=list(person_ids), attribute_id__in=list(known), is_current=True)
    return attributes, {(row.person_id or 0, row.attribute_id): value_text(known[row.attribute_id], row) for row in rows}


def sensitive_offered(viewer: Viewer, *, today: date) -> dict[str, Attribute]:
    """Return the sensitive attributes, by field name, whose values a viewer may ask for in clear: who may see one of them."""
    if viewer.role_code not in REVEAL_RULES:
        return {}
    rows = usable(Attribute.objects.filter(is_sensitive=True).order_by("pk"), today=today)
    return {f"attribute_{one.code}": one for one in rows}


def sensitive_in_clear(
    viewer: Viewer, person_ids: Collection[int], names: Collection[str], *, today: date
) -> dict[int, dict[str, str]]:
    """
    Return {person: {field name: text}} of sensitive attributes that the viewer may ask for, of persons in reach who granted the
    attribute's purpose. For what two persons agreed to hand out.
    """
    asked = {one.pk: (name, one) for name, one in sensitive_offered(viewer, today=today).items() if name in names}
    reached = persons_in_reach(viewer).filter(pk__in_list=sorted(person_ids)).values_list("pk", flat=True) if asked else ()
    reach = set(reached)
    granting = {purpose: persons_granting(purpose, reach) for purpose in {one.purpose_code for _name, one in asked.values()}}
    found: dict[int, dict[str, str]] = {}
    rows = AttributeValue.objects.filter(person_id__in_list=sorted(reach), attribute_id__in=list(asked), is_current=True)
    for row in rows:
        name, attribute = asked[row.attribute_id]
        if row.person_id is not None and row.person_id in granting[attribute.purpose_code]:
            seen.note(row.person_id)
            found.setdefault(row.person_id, {})[name] = value_text(attribute, row)
    return found


def value_text(attribute: Attribute, row: AttributeValue) -> str:
    """Return a value as people read it: choices by title, flags as 是 or 否, days as YYYY-MM-DD, ¥ yuan, numbers with unit."""
    value = value_of(attribute, row)
    if attribute.type_code == AttributeType.CHOICE:
        return choice_titles(attribute).get(str(value), str(value))
    if attribute.type_code == AttributeType.AMOUNT:
        return f"¥{yuan_text(int(str(value)))}"
    if attribute.type_code == AttributeType.DECIMAL:
        return f"{scaled_text(int(str(value)), attribute.places)} {attribute.unit}".strip()
    if attribute.type_code == AttributeType.FLAG:
        return "是" if value in (True, "1") else "否"
    return f"{value} {attribute.unit}".strip() if attribute.type_code == AttributeType.NUMBER else str(value)


def stale_values(viewer: Viewer, *, now: datetime, person_ids: Collection[int]) -> list[StaleValue]:
    """Return current values of these persons, as far as in reach, that nobody verified for too long; sensitive ones masked."""
    return _values(_aged(viewer, now), person_ids, now)


def values_told(viewer: Viewer, *, now: datetime, person_ids: Collection[int]) -> list[StaleValue]:
    """Return all current values of these persons as `stale_values` does, however lately they were told."""
    return _values(_current(viewer), person_ids, now)


def _values(rows: "QuerySet[AttributeValue]", person_ids: Collection[int], now: datetime) -> list[StaleValue]:
    attributes = {one.pk: one for one in attributes_shown(today=business_date(now))}
    rows = rows.filter(person_id__in_list=sorted(person_ids), attribute_id__in=list(attributes))
    rows = rows.order_by("person_id", "attribute_id")
    found = []
    for row in rows:
        attribute = attributes[row.attribute_id]
        seen.note(row.person_id or 0)
        text = MASK if attribute.is_sensitive else value_text(attribute, row)
        found.append(StaleValue(row.pk, row.person_id or 0, attribute, text, row.source_code, row.observed_at))
    return found


def stale_persons(viewer: Viewer, *, now: datetime, after: int = 0, limit: int) -> list[int]:
    """Return who in reach has a value that nobody verified for too long, by rising id, those after an id."""
    rows = _aged(viewer, now).filter(person_id__gt=after).order_by("person_id")
    return [person or 0 for person in rows.values_list("person_id", flat=True).distinct()[:limit]]


def stale_count(viewer: Viewer, *, now: datetime) -> int:
    """Return how many values in reach nobody verified for too long."""
    return _aged(viewer, now).count()


def _aged(viewer: Viewer, now: datetime) -> "QuerySet[AttributeValue]":
    aged = Q(pk__in=[])
    for one in attributes_shown(today=business_date(now)):
        aged |= Q(attribute_id=one.pk, observed_at__lt=now - timedelta(days=one.stale_after_days))
    return _current(viewer).filter(aged)


def _current(viewer: Viewer) -> "QuerySet[AttributeValue]":
    return AttributeValue.objects.filter(Exists(persons_in_reach(viewer).filter(pk=OuterRef("person_id"))), is_current=True)


def number_attributes(*, today: date) -> QuerySet[Attribute]:
    """Return the numbers, decimals and amounts that may be used today and are not sensitive."""
    rows = Attribute.objects.filter(is_sensitive=False, type_code__in=[one.value for one in COUNTING])
    return usable(rows.order_by("pk"), today=today)


def numbers_of(
    codes: Collection[str], *, today: date, person_ids: Collection[int] | None = None
) -> dict[str, list[tuple[int, float]]]:
    """
    Return by code the current number of every person who has one, in rising id, amounts in fen; attributes that are not usable
    today, not numbers or sensitive are left out. None: everybody. For jobs, no screen.
    """
    found = {}
    for attribute in number_attributes(today=today).filter(code__in=codes):
        scale = 10**attribute.places
        rows = AttributeValue.objects.filter(attribute_id=attribute.pk, is_current=True, number_value__isnull=False)
        rows = rows.filter(person_id__isnull=False).order_by("person_id")
        parts = (
            [rows]
            if person_ids is None
            else [rows.filter(person_id__in=ids) for ids in chunked(sorted(person_ids), _IDS_PER_STATEMENT)]
        )
        found[attribute.code] = [
            (person_id, number / scale)
            for part in parts
            for person_id, number in part.values_list("person_id", "number_value")
            if person_id is not None and number is not None
        ]
    return found


def newest_value_event() -> int:
    """Return the highest id of an event that brought a value; 0 before the first."""
    return AttributeValue.objects.aggregate(last=Max("event_id"))["last"] or 0


def persons_valued_since(event_id: int, entered_after: datetime) -> set[int]:
    """Return whose values landed after the event of this id, or were entered by hand after a moment. For jobs, no screen."""
    values = AttributeValue.objects.filter(person_id__isnull=False).order_by()
    landed, entered = values.filter(event_id__gt=event_id), values.filter(event_id=None, observed_at__gt=entered_after)
    parts = [rows.values_list("person_id", flat=True).distinct() for rows in (landed, entered)]
    return {person_id for part in parts for person_id in part if person_id is not None}


@dataclass(frozen=True, slots=True)
class Stated:
    """What persons stated of an attribute of choices. codes: in the order they were defined."""

    attribute: Attribute
    codes: list[str]
    of_person: dict[int, str]


def choices_stated(code: str, *, today: date) -> Stated | None:
    """Return who stated what of an attribute; None unless it is one of choices, usable today and not sensitive. For jobs."""
    attribute = _of_choices(code, today)
    if attribute is None:
        return None
    rows = AttributeValue.objects.filter(attribute_id=attribute.pk, is_current=True, person_id__isnull=False)
    of_person = {person or 0: value or "" for person, value in rows.values_list("person_id", "text_value")}
    return Stated(attribute, [choice.code for choice in choices_of(attribute)], of_person)


def stated_titles(code: str, *, today: date) -> dict[str, str] | None:
    """Return what people call the choices of an attribute; None unless it is one of choices, usable today and not sensitive."""
    attribute = _of_choices(code, today)
    return None if attribute is None else choice_titles(attribute)


def _of_choices(code: str, today: date) -> Attribute | None:
    wanted = usable(Attribute.objects.filter(code=code, is_sensitive=False), today=today)
    return wanted.filter(type_code=AttributeType.CHOICE.value).first()


def choice_titles(attribute: Attribute) -> dict[str, str]:
    """Return what people call each choice, by code."""
    return {choice.code: choice.title for choice in choices_of(attribute)}


def choice_attributes(*, today: date) -> list[Attribute]:
    """Return the attributes of choices that may be used today and are not sensitive."""
    rows = Attribute.objects.filter(is_sensitive=False, type_code=AttributeType.CHOICE.value)
    return list(usable(rows.order_by("pk"), today=today))


def holders_of(attribute_id: int, person_ids: Collection[int]) -> set[int]:
    """Return which of these persons, whom the caller cut to its viewer's reach, stated an attribute."""
    rows = AttributeValue.objects.filter(attribute_id=attribute_id, is_current=True, person_id__in_list=list(person_ids))
    return {person_id for person_id in rows.values_list("person_id", flat=True) if person_id is not None}

"""The definitions: which exist, which may be used today, and what they are called."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from huitou.apps.attributes.models import Attribute, EventType, Origin
from huitou.core.attributes import AttributeChoice, AttributeType

Defined = TypeVar("Defined", Attribute, EventType)


def usable(rows: "QuerySet[Defined]", *, today: date) -> "QuerySet[Defined]":
    """
    Return those that are switched on, have not expired (gone on the day itself), and where a third party delivers, state
    provider, legal basis and expiry.
    """
    stated = ~Q(provider="") & ~Q(basis_code="") & Q(expires_on__isnull=False)
    return rows.filter(Q(expires_on=None) | Q(expires_on__gt=today), Q(is_third_party=False) | stated, is_enabled=True)


def shown(rows: "QuerySet[Defined]", *, today: date) -> "QuerySet[Defined]":
    """Return those whose values may be looked at: switched on and not expired. Without a legal basis nobody filters by them."""
    return rows.filter(Q(expires_on=None) | Q(expires_on__gt=today), is_enabled=True)


def lacks_basis(one: Origin) -> bool:
    """Say whether a third party delivers and provider, legal basis or expiry is not stated: such data is in no filter."""
    return one.is_third_party and not (one.provider and one.basis_code and one.expires_on)


def is_matched(one: Attribute) -> bool:
    """Say whether filters may ask a definition that is usable: of the sensitive ones, those of choices."""
    return not one.is_sensitive or one.type_code == AttributeType.CHOICE


def choices_of(attribute: Attribute) -> list[AttributeChoice]:
    """Return the allowed values of a choice, in the order they were written; empty for other types."""
    return [AttributeChoice(one["code"], one["title"]) for one in attribute.choices]


def event_titles() -> dict[str, tuple[str, str]]:
    """Return {code: (Chinese, English)} of all custom event types, switched off ones too: their old events stay named."""
    rows = EventType.objects.values_list("code", "title", "title_en")
    return {code: (title, title_en or title) for code, title, title_en in rows}


def event_codes_usable(*, today: date) -> set[str]:
    """Return the custom types that may be sent now."""
    return set(usable(EventType.objects.all(), today=today).values_list("code", flat=True))


def attributes_by_code(codes: Iterable[str]) -> dict[str, Attribute]:
    """Return the attributes of these codes, in the order they were made."""
    return {one.code: one for one in Attribute.objects.filter(code__in=set(codes)).order_by("pk")}


def expired(*, today: date) -> Sequence[Attribute]:
    """Return the attributes whose day has come."""
    return list(Attribute.objects.filter(expires_on__lte=today).order_by(F("expires_on").asc(), "pk"))

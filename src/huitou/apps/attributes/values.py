"""One observed value: how it is stored, opened and made the current one of its person."""

from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, Subquery

from huitou.apps.attributes.definitions import choices_of
from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.base.bulk import chunked
from huitou.apps.base.secrets import keyring
from huitou.core.attributes import AttributeType, Unreadable, Value, value_read, value_spelled

COLUMN_OF_TYPE = {
    AttributeType.TEXT: "text_value",
    AttributeType.CHOICE: "text_value",
    AttributeType.NUMBER: "number_value",
    AttributeType.DECIMAL: "number_value",
    AttributeType.AMOUNT: "number_value",
    AttributeType.DATE: "date_value",
    AttributeType.FLAG: "flag_value",
}
_CHUNK = 500


def value_context(attribute_id: int, record_id: int) -> str:
    """Return what a sealed value is sealed with."""
    return f"attributes.value:{attribute_id}:{record_id}"


def match_hash(attribute_id: int, code: str) -> int:
    """Return what filters look for where the choice of a sensitive attribute is asked."""
    return keyring().hash("attribute", f"{attribute_id}:{code}")


def value_columns(attribute: Attribute, record_id: int, text: str) -> dict[str, Any]:
    """Return the columns that hold a text: typed, sealed where the attribute is sensitive or the text cannot be read."""
    columns: dict[str, Any] = dict.fromkeys({*COLUMN_OF_TYPE.values(), "sealed", "match_hash"})
    columns["is_readable"] = True
    try:
        value = value_read(text, AttributeType(attribute.type_code), choices_of(attribute), places=attribute.places)
    except Unreadable:
        columns["is_readable"] = False
        return columns | {"sealed": _seal(attribute.pk, record_id, text)}
    if attribute.is_sensitive:
        is_choice = attribute.type_code == AttributeType.CHOICE
        found = match_hash(attribute.pk, str(value)) if is_choice else None
        return columns | {"sealed": _seal(attribute.pk, record_id, _written(value)), "match_hash": found}
    return columns | {COLUMN_OF_TYPE[AttributeType(attribute.type_code)]: value}


def value_of(attribute: Attribute, row: AttributeValue) -> Value | str:
    """Return a stored value: typed, or the text of a sealed one in clear."""
    if row.sealed is not None:
        return keyring().decrypt(bytes(row.sealed), context=value_context(row.attribute_id, row.record_id)).decode()
    value: Value = getattr(row, COLUMN_OF_TYPE[AttributeType(attribute.type_code)])
    return value


def spelled(attribute: Attribute, row: AttributeValue) -> str:
    """Return a stored value as a text that reads as the same value again; one that could not be read as it came."""
    value = value_of(attribute, row)
    return value_spelled(value, AttributeType(attribute.type_code), places=attribute.places) if row.is_readable else str(value)


def _seal(attribute_id: int, record_id: int, text: str) -> bytes:
    return keyring().encrypt(text.encode(), context=value_context(attribute_id, record_id))


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def current_refresh(person_ids: Collection[int]) -> None:
    """Mark the newest readable observation of every attribute of these persons, and no other."""
    for part in chunked(sorted(person_ids), _CHUNK):
        theirs = AttributeValue.objects.filter(person_id__in=part)
        newest = (
            AttributeValue.objects.filter(
                person_id=OuterRef("person_id"), attribute_id=OuterRef("attribute_id"), is_readable=True
            )
            .order_by("-observed_at", "-id")
            .values("id")[:1]
        )
        current = set(theirs.annotate(newest=Subquery(newest)).values_list("newest", flat=True).distinct()) - {None}
        theirs.filter(is_current=True).exclude(pk__in=current).update(is_current=False)
        theirs.filter(is_current=False, pk__in=current).update(is_current=True)

"""What custom attributes and event types add to the fields that customers are filtered by."""

from collections.abc import Iterator

from huitou.apps.accounts.roles import Role
from huitou.apps.attributes.definitions import choices_of, is_matched, usable
from huitou.apps.attributes.models import Attribute, EventType
from huitou.apps.attributes.values import COLUMN_OF_TYPE, match_hash
from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.core.attributes import LARGEST, AttributeType
from huitou.core.filters.catalogue import Choice, Field, FieldType, Rows
from huitou.core.labels import Label
from huitou.core.periods import business_date

ATTRIBUTES, EVENTS = Label("自定义属性", "Custom attributes"), Label("自定义事件", "Custom events")
SENSITIVE_ROLES = frozenset({Role.ADMIN, Role.MARKETER, Role.ANALYST})  # they see no name whole, so no value meets one
_TYPES = {
    AttributeType.TEXT: FieldType.CODE,
    AttributeType.NUMBER: FieldType.INTEGER,
    AttributeType.DECIMAL: FieldType.DECIMAL,
    AttributeType.AMOUNT: FieldType.FEN,
    AttributeType.DATE: FieldType.DATE,
    AttributeType.FLAG: FieldType.FLAG,
    AttributeType.CHOICE: FieldType.ENUM,
}


def custom_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """
    Yield a field for every attribute and event type that may be used today; an attribute can be a column of the list, too, not
    sorted by: its values lie in rows.

    A sensitive attribute of choices can be asked by headquarters alone, is no column, and counts those alone who granted its
    purpose. Left out: what has expired or is switched off, third-party data without provider, legal basis or expiry, and
    sensitive attributes of other types, whose values are encrypted.
    """
    today = business_date(utc_now())
    for attribute in usable(Attribute.objects.order_by("pk"), today=today):
        if not attribute.is_sensitive:
            yield FieldEntry(_attribute_field(attribute), ATTRIBUTES, Column.OFFERED)
        elif is_matched(attribute) and viewer.role_code in SENSITIVE_ROLES:
            yield FieldEntry(_sealed_field(attribute), ATTRIBUTES)
    for event_type in usable(EventType.objects.order_by("pk"), today=today):
        yield FieldEntry(_event_field(event_type), EVENTS)


def _sealed_field(attribute: Attribute) -> Field:
    return Field(
        f"attribute_{attribute.code}",
        Label(attribute.title, attribute.title_en or attribute.title),
        FieldType.ENUM,
        orm_path="match_hash",
        choices=tuple(
            Choice(one.code, Label(one.title, one.title), stored=match_hash(attribute.pk, one.code))
            for one in choices_of(attribute)
        ),
        rows=Rows(
            "attributes.AttributeValue",
            "person_id",
            (("attribute_id", attribute.pk), ("is_current", True)),
            attribute.purpose_code,
        ),
    )


def _attribute_field(attribute: Attribute) -> Field:
    type = AttributeType(attribute.type_code)
    return Field(
        f"attribute_{attribute.code}",
        Label(attribute.title, attribute.title_en or attribute.title),
        _TYPES[type],
        orm_path=COLUMN_OF_TYPE[type],
        choices=tuple(Choice(one.code, Label(one.title, one.title)) for one in choices_of(attribute)),
        minimum=-LARGEST,
        maximum=LARGEST,
        decimals=attribute.places,
        unit=Label(attribute.unit, attribute.unit) if attribute.unit else None,
        rows=Rows("attributes.AttributeValue", owner="person_id", where=(("attribute_id", attribute.pk), ("is_current", True))),
    )


def _event_field(event_type: EventType) -> Field:
    return Field(
        f"event_{event_type.code}",
        Label(event_type.title, event_type.title_en or event_type.title),
        FieldType.DAYS_AGO,
        orm_path="occurred_on",
        rows=Rows("behaviour.BehaviourEvent", owner="person_id", where=(("type_code", event_type.code),)),
    )

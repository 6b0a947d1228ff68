"""Custom attributes: what is defined, and what is known of one customer. Values come in as events of the type `attribute`."""

from django.http import HttpRequest
from ninja import Router

from huitou.apps.attributes.definitions import choices_of, is_matched, usable
from huitou.apps.attributes.models import Attribute, EventType, Origin
from huitou.apps.attributes.queries import person_attributes
from huitou.apps.base.clock import utc_now
from huitou.core.periods import business_date
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.attributes import AttributeOut, AttributesOut, AttributeValueOut, AttributeValuesOut
from huitou.web.api.shared import PersonId, answers, caller_of

router = Router(tags=["attributes"])


@router.get("/attributes", response=answers(AttributesOut), auth=Guard("attributes_list"), url_name="attributes_list")
def attributes_list(request: HttpRequest) -> AttributesOut:
    """List the attributes and event types that this chain defined, expired and switched off ones too."""
    today = business_date(utc_now())
    attributes = {one.pk for one in usable(Attribute.objects.all(), today=today) if is_matched(one)}
    types = set(usable(EventType.objects.all(), today=today).values_list("pk", flat=True))
    return AttributesOut(
        items=[
            *(_out(one, "attribute", one.pk in attributes, attribute=one) for one in Attribute.objects.order_by("pk")),
            *(_out(one, "event", one.pk in types) for one in EventType.objects.order_by("pk")),
        ]
    )


@router.get(
    "/customers/{person_id}/attributes", response=answers(AttributeValuesOut), auth=Guard("customer_attributes"),
    url_name="customer_attributes",
)  # fmt: skip
def customer_attributes(request: HttpRequest, person_id: PersonId) -> AttributeValuesOut:
    """Return the newest value of every attribute of a customer that has one."""
    found = person_attributes(caller_of(request).viewer, person_id, now=utc_now())
    if found is None:
        raise Problem(404, "there is no such customer in reach")
    return AttributeValuesOut(
        items=[
            AttributeValueOut(
                attribute=one.attribute.code, text=one.text, is_masked=one.is_masked, source=one.source_code,
                observed_at=one.observed_at, is_stale=one.is_stale,
            )
            for one in found
            if one.observed_at is not None
        ]
    )  # fmt: skip


def _out(one: Origin, kind: str, is_usable: bool, attribute: Attribute | None = None) -> AttributeOut:
    return AttributeOut.model_validate(
        {
            "kind": kind,
            "code": one.code,
            "title": one.title,
            "title_en": one.title_en,
            "type": attribute.type_code if attribute else "event",
            "choices": [choice.code for choice in choices_of(attribute)] if attribute else [],
            "places": attribute.places if attribute else 0,
            "unit": attribute.unit if attribute else "",
            "is_sensitive": attribute.is_sensitive if attribute else False,
            "provider": one.provider,
            "legal_basis": one.basis_code,
            "expires_on": one.expires_on,
            "is_usable": is_usable,
        }
    )

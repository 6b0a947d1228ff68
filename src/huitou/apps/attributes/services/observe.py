"""Enter, confirm and show single values; take away those whose time is over."""

from datetime import datetime

from django.db import transaction

from huitou.apps.attributes.definitions import expired, shown
from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.queries import value_text
from huitou.apps.attributes.values import current_refresh, spelled, value_columns
from huitou.apps.base import seen
from huitou.apps.base.audit import audit_record
from huitou.apps.base.hooks import Hook, ValuesVerified, run
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_id_in_reach
from huitou.apps.customers.rules import REVEAL_RULES
from huitou.apps.customers.services import REVEAL_ACTION, reveals_left
from huitou.apps.identity.queries import records_of_person
from huitou.apps.privacy.consent import persons_granting
from huitou.core.labels import Refusal, mark
from huitou.core.periods import business_date

MANUAL = "manual"
_ROWS_AT_ONCE = 1_000


class ObservationRefused(Refusal):
    """The value is not taken or not shown; the sentence says why. code "not_found": there is no such person in reach."""

    def __init__(self, sentence: str, code: str = "refused") -> None:
        super().__init__(sentence)
        self.code = code


_NOT_FOUND = mark("没有这位客户，或不在你的范围内")


@transaction.atomic
def value_observe(*, viewer: Viewer, person_id: int, attribute_id: int, text: str, now: datetime) -> AttributeValue:
    """Take what a person on the staff learned; it holds until something newer comes. Raises ObservationRefused."""
    person, attribute = _person(viewer, person_id), _attribute(attribute_id, now)
    _consented(attribute, person)
    record_ids = records_of_person(person)
    if not record_ids:
        raise ObservationRefused(_NOT_FOUND, "not_found")
    columns = value_columns(attribute, record_ids[0], text)
    if not columns["is_readable"]:
        raise ObservationRefused(mark("这个值和属性的类型不符"))
    row = AttributeValue.objects.create(
        attribute_id=attribute.pk, record_id=record_ids[0], person_id=person, source_code=MANUAL, observed_at=now,
        entered_by=viewer.user_id, **columns,
    )  # fmt: skip
    current_refresh([person])
    audit_record(
        action_code="attribute.observed", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id,
        attribute=attribute.code,
    )  # fmt: skip
    run(Hook.VALUES_VERIFIED, ValuesVerified(person, viewer.user_id, now))
    return row


@transaction.atomic
def value_verify(*, viewer: Viewer, value_id: int, now: datetime) -> AttributeValue:
    """Confirm that a current value is still true: it is observed again now. Raises ObservationRefused."""
    row = AttributeValue.objects.filter(pk=value_id, is_current=True).first()
    if row is None or row.person_id is None:
        raise ObservationRefused(_NOT_FOUND, "not_found")
    person, attribute = _person(viewer, row.person_id), _attribute(row.attribute_id, now)
    _consented(attribute, person)
    again = AttributeValue.objects.create(
        attribute_id=attribute.pk, record_id=row.record_id, person_id=person, source_code=MANUAL, observed_at=now,
        entered_by=viewer.user_id, **value_columns(attribute, row.record_id, spelled(attribute, row)),
    )  # fmt: skip
    current_refresh([person])
    audit_record(
        action_code="attribute.verified", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id,
        attribute=attribute.code,
    )  # fmt: skip
    run(Hook.VALUES_VERIFIED, ValuesVerified(person, viewer.user_id, now))
    return again


@transaction.atomic
def value_reveal(*, viewer: Viewer, person_id: int, attribute_id: int, reason_code: str, now: datetime) -> str:
    """Show a sensitive value whole, for a reason, within the role's hourly limit. Raises ObservationRefused."""
    if viewer.role_code not in REVEAL_RULES:
        raise ObservationRefused(mark("你的角色不能看这一项。需要时请店长或客服代办。"))
    if not reason_code:
        raise ObservationRefused(mark("先选原因"))
    person, attribute = _person(viewer, person_id), _attribute(attribute_id, now)
    _consented(attribute, person)
    if reveals_left(viewer, now=now) < 1:
        raise ObservationRefused(mark("这一小时内查看次数已用完"))
    row = AttributeValue.objects.filter(person_id=person, attribute_id=attribute.pk, is_current=True).first()
    if row is None:
        raise ObservationRefused(mark("这一项没有值"))
    seen.note(person)
    audit_record(
        action_code=REVEAL_ACTION, subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id,
        field=f"attribute_{attribute.code}", reason_code=reason_code,
    )  # fmt: skip
    return value_text(attribute, row)


def values_expire(*, now: datetime) -> int:
    """Delete the values of attributes whose day has come, in short transactions; return how many."""
    deleted = 0
    for attribute in expired(today=business_date(now)):
        rows = AttributeValue.objects.filter(attribute_id=attribute.pk)
        before = deleted
        while ids := list(rows.values_list("pk", flat=True)[:_ROWS_AT_ONCE]):
            with transaction.atomic():
                AttributeValue.objects.filter(pk__in=ids).delete()
            deleted += len(ids)
        if deleted > before:
            audit_record(
                action_code="attribute.expired",
                subject_kind="attribute",
                subject_id=attribute.pk,
                now=now,
                values=deleted - before,
            )
    return deleted


def _consented(attribute: Attribute, person_id: int) -> None:
    if attribute.is_sensitive and not persons_granting(attribute.purpose_code, [person_id]):
        raise ObservationRefused(mark("客户没有同意这项用途，先问过并登记同意"))


def _person(viewer: Viewer, person_id: int) -> int:
    person = person_id_in_reach(viewer, person_id)
    if person is None:
        raise ObservationRefused(_NOT_FOUND, "not_found")
    return person


def _attribute(attribute_id: int, now: datetime) -> Attribute:
    one = shown(Attribute.objects.filter(pk=attribute_id), today=business_date(now)).first()
    if one is None:
        raise ObservationRefused(mark("没有这个属性，或已停用、到期"), "not_found")
    return one

"""Everything that hangs on a person goes to the survivor of a merge, and comes back with its undo; no table is forgotten."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from tests.apps.identity_chain import NOW, Chain

from huitou.apps.attributes.models import AttributeValue
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.benefits.models import Coupon, Occasion
from huitou.apps.benefits.services import coupon_issue, kind_save
from huitou.apps.identity import services
from huitou.apps.privacy.models import Consent
from huitou.apps.recommend.models import Withheld
from huitou.apps.relations.models import CustomerGroup, GroupStep, Referral
from huitou.apps.service.models import Ticket
from huitou.apps.tasks.models import Task
from huitou.apps.value.models import PersonTag
from huitou.core.benefits.coupons import Caps, Effect, Terms
from huitou.warehouse.layout import Layout

CHAIN = Viewer(1, "marketer", None)
LATER = NOW + timedelta(hours=1)

FOLLOWS = (Ticket, BehaviourEvent, AttributeValue, GroupStep, Referral, Task, Coupon, PersonTag, Withheld)
CARRIED = {"privacy.consent"}  # the stricter answer is written for the survivor, too; nothing is taken from anybody
IDENTITY = {"identity.membership", "identity.personidentifier", "customers.searchkey"}  # the map and what is written with it
# Derived of facts, files or records of whoever lives; a run, a fold or the change itself writes it anew.
DERIVED = {
    "behaviour.behaviourfacts", "behaviour.personcontact", "customers.personfacts", "recommend.personnext",
    "relations.householdtie", "relations.relationfacts", "segments.lookalikerank", "segments.segmentmember",
    "value.inferredvalue", "value.monthmove", "value.personcluster", "value.persondemographic", "value.personforecast",
    "value.personvalue",
}  # fmt: skip
# What happened, to whom it happened then; readers follow `merged_into` where they need who it is now.
TOLD = {
    "benefits.couponentry", "identity.qualitycase", "identity.importedperson", "privacy.accessedperson", "privacy.erasure",
    "privacy.erasurerequest", "value.stagechange", "value.tierchange", "value.toplistmember",
}  # fmt: skip


def test_every_table_that_names_a_person_is_sorted():
    named = {
        model._meta.label_lower
        for model in apps.get_models()
        if model.__module__.startswith("huitou.") and "person_id" in {field.attname for field in model._meta.concrete_fields}
    }
    assert named == {model._meta.label_lower for model in FOLLOWS} | CARRIED | IDENTITY | DERIVED | TOLD


@pytest.fixture
def two(layout: Layout) -> Chain:
    """Two persons, of the records 1 and 2, each with a row in every table whose rows follow."""
    chain = Chain(layout)
    chain.apply("mall", [
        {"record_id": 1, "phone": "13912345671", "name": "王小芳"}, {"record_id": 2, "phone": "13912345672", "name": "李雷"},
    ])  # fmt: skip
    persons = chain.persons()
    group = CustomerGroup.objects.create(source_code="pos", code="g", title="g")
    terms = Terms(Effect.AMOUNT, off_fen=1_000, usable_days=30)
    kind = kind_save(kind_id=None, code="two", name="每人两张", terms=terms, caps=Caps(person_most=2), is_on=True, by=1, now=NOW)
    for record_id in (1, 2):
        whose: dict[str, Any] = {"record_id": record_id, "person_id": persons[record_id]}
        person_id = persons[record_id]
        Ticket.objects.create(
            id=record_id, source_code="aftersales", ticket_no=str(record_id), type_code="repair", status_code="open",
            status_at=NOW, opened_at=NOW, version_at=NOW, **whose,
        )  # fmt: skip
        BehaviourEvent.objects.create(
            id=record_id, source_code="mall", event_no=str(record_id), type_code="view", occurred_at=NOW, **whose
        )
        AttributeValue.objects.create(attribute_id=1, source_code="mall", observed_at=NOW, flag_value=True, **whose)
        GroupStep.objects.create(id=record_id, group=group, is_join=True, at=NOW, **whose)
        Referral.objects.create(source_code="mall", pair_no=str(record_id), **whose)
        Task.objects.create(
            kind_code="verify", person_id=person_id, store_id=1, reason={}, due_on=date(2026, 12, 1), due_at=LATER,
            created_at=NOW, open_code="verify",
        )  # fmt: skip
        coupon_issue(
            viewer=CHAIN, person_id=person_id, kind_id=kind.pk, issue_key=str(record_id), occasion=Occasion.GIFT, now=NOW
        )
        PersonTag.objects.create(person_id=person_id, tag_code=f"t{record_id}", given_at=NOW)
        Withheld.objects.create(person_id=person_id, product_id=record_id, reason_code="owned", author_id=1, created_at=NOW)
        Consent.objects.create(
            person_id=person_id, channel_code="sms", purpose_code="marketing", source_code="counter", said_at=NOW,
            answer_code="granted" if record_id == 1 else "withdrawn", recorded_at=NOW, by=1,
        )  # fmt: skip
    return chain


def owners(model: type[Model]) -> dict[int, int]:
    return dict(model._default_manager.order_by("pk").values_list("pk", "person_id"))


def answers(person_id: int) -> set[str]:
    return set(Consent.objects.filter(person_id=person_id).values_list("answer_code", flat=True))


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S24")
def test_all_of_it_goes_to_the_survivor_and_the_undo_gives_it_back(two: Chain):
    persons = two.persons()
    before = {model: owners(model) for model in FOLLOWS}
    assert all(set(rows.values()) == set(persons.values()) for rows in before.values())
    event = services.person_merge(person_id=persons[1], other_id=persons[2], by=7, reason="", now=LATER)
    assert set(two.persons().values()) == {persons[1]}
    assert {model.__name__: set(owners(model).values()) for model in FOLLOWS} == {one.__name__: {persons[1]} for one in FOLLOWS}
    assert answers(persons[1]) == {"granted", "withdrawn"}
    services.identity_undo(event_id=event.pk, by=7, reason="", now=LATER)
    assert two.persons() == persons
    assert {model: owners(model) for model in FOLLOWS} == before
    assert answers(persons[1]) == {"granted", "withdrawn"}  # the opt-out survives the undo

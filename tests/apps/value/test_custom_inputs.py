"""Tiers by what a chain defined itself: numbers of custom attributes and counts of custom events."""

from datetime import date, timedelta

import pytest
from tests.apps.builds.conftest import NOW

from huitou.apps.attributes.models import Attribute, AttributeValue, EventType
from huitou.apps.attributes.services import definition_switch, value_observe
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import PersonFacts
from huitou.apps.value.custom_inputs import custom_inputs, inputs_named, inputs_of_schemes
from huitou.apps.value.models import PersonValue, RunKind, SchemeVersion, ValueRun, VersionState
from huitou.apps.value.queries import person_value
from huitou.apps.value.schemes import in_force
from huitou.apps.value.services import (
    DesignRefused,
    draft_ask,
    draft_publish,
    draft_save,
    draft_try,
    template_take,
    value_run,
)
from huitou.core.value.inputs import InputUnit
from huitou.core.value.scheme import scheme_json
from huitou.core.value.templates import SHIPPED
from huitou.core.value.tiers import SchemeInvalid
from huitou.web.pages.person_worth import gap_text

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

ADMIN = Viewer(user_id=3, role_code="admin", store_ids=None)
WHOLE = Viewer(user_id=1, role_code="marketer", store_ids=None)
TODAY = date(2026, 11, 21)


def attribute(code, type="number", **more):
    return Attribute.objects.create(code=code, title=code, type_code=type, created_at=NOW, **more)


def hotel(**limits):
    """The best and the last tier of the template for hotels; the best asks for nothing but these limits."""
    table = scheme_json(SHIPPED["hotel"])
    table["tiers"] = [table["tiers"][0] | {"at_least": limits}, table["tiers"][-1]]
    return table


def published(**limits):
    """Put a scheme of these limits in force and return what says of a person whether they stand in the best tier."""
    template_take(code="hotel", author_id=7, now=NOW)
    value_run(now=NOW)
    number = draft_save(code="hotel", table=hotel(**limits), author_id=7, now=NOW).number
    tried = draft_try(code="hotel", now=NOW)
    draft_ask(code="hotel", number=number, by=7, note="", now=NOW)
    draft_publish(code="hotel", number=number, by=9, now=NOW)
    value_run(now=NOW)
    column, best = in_force("hotel").column, tried.what_if["after"][0]
    return lambda person: getattr(PersonValue.objects.get(pk=person), column) == best


def says(one, person, number, event_id):
    AttributeValue.objects.filter(attribute_id=one.pk, person_id=person).update(is_current=False)
    AttributeValue.objects.create(
        attribute_id=one.pk, event_id=event_id, record_id=1, person_id=person, source_code="events", observed_at=NOW,
        number_value=number, is_current=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("type", "places", "least", "below", "at", "lacking"),
    [
        ("number", 0, 3, 2, 3, "1"),
        ("decimal", 2, 0.29, 28, 29, "0.01"),
        ("amount", 0, 50_000, 49_999, 50_000, "¥1"),  # the next whole yuan
    ],
)
def test_a_value_that_arrives_moves_the_person_over_the_boundary_and_nobody_else(tills, type, places, least, below, at, lacking):
    tills.bring(0)
    cycle_run(now=NOW)
    one = attribute("mileage", type, places=places)
    is_best = published(attribute_mileage=least)
    person, other = PersonValue.objects.order_by("pk").values_list("pk", flat=True)[:2]
    for event_id, number, is_over in ((901, below, False), (902, at, True), (903, below, False)):
        says(one, person, number, event_id)
        run = value_run(now=NOW)
        assert (run.kind_code, run.persons) == (RunKind.TOUCHED, 1)
        assert (is_best(person), is_best(other)) == (is_over, False), number
    worth = person_value(WHOLE, person)
    tier = worth.tier("hotel")
    assert tier.inputs == {"attribute_mileage": pytest.approx(below / 10**places)}
    assert f"mileage还差 {lacking} 到" in gap_text(tier, worth, inputs_of_schemes([tier.in_force.scheme]))
    assert tier.tier.code == in_force("hotel").scheme.codes[-1]


def test_a_value_entered_by_hand_moves_the_person_with_the_next_cycle_and_once(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    one = attribute("mileage")
    is_best = published(attribute_mileage=3)
    person = PersonValue.objects.order_by("pk").first().pk
    later = NOW + timedelta(minutes=5)
    value_observe(viewer=ADMIN, person_id=person, attribute_id=one.pk, text="3", now=later)
    cycle_run(now=later + timedelta(seconds=30))
    run = ValueRun.objects.latest("pk")
    assert (run.kind_code, run.persons, is_best(person)) == (RunKind.TOUCHED, 1, True)
    cycle_run(now=later + timedelta(seconds=60))
    assert ValueRun.objects.latest("pk") == run


def test_events_of_the_last_twelve_months_are_counted(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    EventType.objects.create(code="fitting", title="试衣", created_at=NOW)
    is_best = published(event_fitting=2)
    person, other = PersonValue.objects.order_by("pk").values_list("pk", flat=True)[:2]
    for number, (days, is_over) in enumerate(((1, False), (366, False), (365, True)), start=901):
        BehaviourEvent.objects.create(
            id=number, source_code="events", event_no=f"F{number}", type_code="fitting", person_id=person,
            occurred_at=NOW - timedelta(days=days),
        )  # fmt: skip
        run = value_run(now=NOW)
        assert (run.kind_code, run.persons) == (RunKind.TOUCHED, 1)
        assert (is_best(person), is_best(other)) == (is_over, False), days
    assert person_value(WHOLE, person).tier("hotel").inputs == {"event_fitting": 2}


def test_what_a_run_over_everybody_finds_is_what_the_touched_runs_found(tills):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    one = attribute("mileage")
    published(attribute_mileage=2)
    persons = list(PersonValue.objects.order_by("pk").values_list("pk", flat=True))
    for number, person in enumerate(persons):
        says(one, person, number, 901 + number)
        value_run(now=NOW)
    column = in_force("hotel").column
    found = dict(PersonValue.objects.values_list("pk", column))
    assert len(set(found.values())) == 2
    PersonValue.objects.all().delete()
    value_run(now=NOW, person_ids=PersonFacts.objects.values_list("pk", flat=True))
    assert dict(PersonValue.objects.values_list("pk", column)) == found


def test_what_was_switched_off_counts_for_nobody_and_cannot_be_published(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    one = attribute("mileage")
    is_best = published(attribute_mileage=3)
    person = PersonValue.objects.order_by("pk").first().pk
    says(one, person, 5, 901)
    value_run(now=NOW)
    assert is_best(person)
    number = draft_save(code="hotel", table=hotel(attribute_mileage=4), author_id=7, now=NOW).number
    draft_try(code="hotel", now=NOW)
    draft_ask(code="hotel", number=number, by=7, note="", now=NOW)
    definition_switch(kind=Attribute, pk=one.pk, is_enabled=False, by=1, now=NOW)
    assert value_run(now=NOW).kind_code == RunKind.FULL  # everybody may differ
    assert not is_best(person)
    with pytest.raises(DesignRefused, match="custom_missing"):
        draft_publish(code="hotel", number=number, by=9, now=NOW)
    assert draft_try(code="hotel", now=NOW).what_if["persons"]  # it can be looked at still
    definition_switch(kind=Attribute, pk=one.pk, is_enabled=True, by=1, now=NOW)
    value_run(now=NOW)
    assert is_best(person)


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("attribute_nowhere", {}),
        ("event_nowhere", {}),
        ("attribute_city", {"type": "text"}),
        ("attribute_illness", {"is_sensitive": True}),
        ("attribute_off", {"is_enabled": False}),
        ("attribute_expired", {"expires_on": TODAY}),
        ("attribute_bought", {"is_third_party": True, "provider": "D"}),  # no legal basis
    ],
)
def test_an_input_that_nobody_may_use_is_not_offered_and_refused_by_name(tills, name, definition):
    template_take(code="hotel", author_id=7, now=NOW)
    if definition:
        attribute(name.removeprefix("attribute_"), **definition)
    assert name not in custom_inputs(today=TODAY)
    with pytest.raises(SchemeInvalid) as refused:
        draft_save(code="hotel", table=hotel(**{name: 1}), author_id=7, now=NOW)
    assert (refused.value.reason, refused.value.detail) == ("custom_missing", name)
    assert not SchemeVersion.objects.filter(state=VersionState.DRAFT).exists()


def test_inputs_are_called_by_their_title_and_unit_in_both_languages(db):
    attribute("mileage", unit="km", title_en="Mileage")
    attribute("deposit", "amount")
    EventType.objects.create(code="fitting", title="试衣", title_en="Fitting", created_at=NOW, is_enabled=False)
    found = inputs_named(["attribute_mileage", "attribute_deposit", "event_fitting", "event_gone", "net_fen"])
    assert {name: (one.label.zh, one.label.en, one.unit) for name, one in found.items()} == {
        "attribute_mileage": ("mileage（km）", "Mileage (km)", InputUnit.EXACT),
        "attribute_deposit": ("deposit", "deposit", InputUnit.FEN),
        "event_fitting": ("试衣（近 12 月次数）", "Fitting (times in 12 months)", InputUnit.COUNT),
        "event_gone": ("event_gone", "event_gone", InputUnit.EXACT),
    }
    assert list(custom_inputs(today=TODAY)) == ["attribute_mileage", "attribute_deposit"]

"""Stored runs: what was touched is written, it equals a run over everybody, and every change is logged and told once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum
from tests.apps.builds.conftest import NOW
from tests.apps.statistics import tables_known

from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.base import hooks, planner
from huitou.apps.base.clock import utc_now
from huitou.apps.base.hooks import Hook, PersonCopy, PersonErased
from huitou.apps.base.pace import Pace
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.builds.services import base_run, cycle_run
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.identity.services import person_merge
from huitou.apps.value import handlers, stored
from huitou.apps.value.models import PersonValue, RunKind, StageChange, TierChange, TierSum, TopList, ValueRun
from huitou.apps.value.queries import scheme_means
from huitou.apps.value.schemes import in_force, schemes_in_force
from huitou.apps.value.services import template_take, value_run

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

PATHS = [name for name in stored.COLUMNS if name not in stored.SINCE]


def rows():
    return {row[0]: row[1:] for row in PersonValue.objects.values_list("pk", *PATHS)}


def sums():
    found = TierSum.objects.values_list("scheme_id", "store_id", "tier_code", "persons", "net_fen")
    return {row[:3]: row[3:] for row in found if row[3] or row[4]}


def recomputed():
    """Throw rows and sums away and score everybody by the cuts of the last full run."""
    PersonValue.objects.all().delete()
    TierSum.objects.all().delete()
    value_run(now=NOW, person_ids=PersonFacts.objects.values_list("pk", flat=True))
    return rows(), sums()


@pytest.mark.accept("S57", "S65")
def test_a_publish_stores_scores_tiers_and_sums_for_everybody(tills, monkeypatch):
    monkeypatch.setattr(planner, "LARGE_ROWS", 1)
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    assert tables_known() is None or "value_personvalue" in tables_known()
    run = ValueRun.objects.get()
    assert (run.kind_code, run.version, run.written, run.tier_changes) == (RunKind.FULL, 1, PersonFacts.objects.count(), 0)
    assert set(run.rules["schemes"]) == {"pyramid", "six_classes", "three_powers", "rfms", "lifecycle"}
    assert run.cuts["rfm"]["net_fen"][-1] is not None
    buyers = PersonFacts.objects.filter(orders_365d__gt=0, net_365d_fen__gt=0).count()
    assert PersonValue.objects.filter(rfm_total__isnull=False, tier_1__isnull=False).count() == buyers
    for one in schemes_in_force():
        assert sum(row.persons for row in TierSum.objects.filter(scheme_id=one.scheme_id)) == run.persons
        summed = TierSum.objects.filter(scheme_id=one.scheme_id).exclude(tier_code="").values_list("tier_code")
        placed = PersonValue.objects.exclude(**{one.column: None}).values_list(one.column)
        assert dict(summed.annotate(Sum("net_fen"))) == dict(placed.annotate(Sum("person__facts__net_365d_fen")))
    assert value_run(now=NOW) is None  # nothing new
    frozen = TopList.objects.get()
    assert (frozen.month, frozen.members) == ("2026-11", round(buyers * 0.2))
    assert list(frozen.rows.order_by("rank").values_list("rank", flat=True)) == list(range(1, frozen.members + 1))


def test_touched_persons_only_are_written_and_equal_a_run_over_everybody(tills):
    """Late receipts, returns of yesterday and a merge come after the base: only who changed is written."""
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    before = rows()
    tills.bring(3, 9)  # day 9 holds receipts dated a week before, and returns
    cycle_run(now=NOW)
    touched = ValueRun.objects.order_by("-pk")[0]
    assert (touched.kind_code, touched.version) == (RunKind.TOUCHED, 2)
    after = rows()
    assert touched.written == sum(before.get(person) != row for person, row in after.items()) > 0
    one, other = Person.objects.filter(is_live=True, facts__orders_count__gt=1).order_by("pk")[:2]
    person_merge(person_id=one.pk, other_id=other.pk, by=1, reason="same person", now=NOW)
    cycle_run(now=NOW)
    merged = ValueRun.objects.order_by("-pk")[0]
    assert (merged.kind_code, merged.deleted) == (RunKind.TOUCHED, 1)
    assert (rows(), sums()) == recomputed()


@pytest.mark.accept("S59")
def test_a_change_is_logged_with_its_day_and_told_once(tills, monkeypatch):
    told = []
    monkeypatch.setitem(hooks._handlers, Hook.TIERS_CHANGED, [told.append])
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    assert told == []  # a first tier is no change
    tills.bring(3, 9)
    cycle_run(now=NOW)
    moves = [move for news in told for move in news.moves]
    assert len(moves) == len({move.change_id for move in moves}) == TierChange.objects.count() > 0
    change = TierChange.objects.order_by("pk").first()
    slot = {one.scheme_id: one for one in schemes_in_force()}[change.scheme_id]
    row = PersonValue.objects.filter(pk=change.person_id).values_list(slot.column, f"{slot.column}_since").get()
    assert row == (change.to_code or None, change.changed_on)
    cycle_run(now=NOW)
    assert len([move for news in told for move in news.moves]) == len(moves)


@pytest.mark.accept("S52")
def test_the_night_in_which_day_89_becomes_day_90_is_logged(tills):
    tills.bring(0)  # everybody bought on 1 November only
    morning = datetime(2027, 1, 30, 4, 0, tzinfo=UTC)  # the last finished day lies 89 days after that
    base_run(now=morning, compare=False)
    bought = PersonValue.objects.filter(person__facts__last_date=date(2026, 11, 1))
    assert set(bought.values_list("stage", flat=True)) == {"active"}
    base_run(now=morning + timedelta(days=1), compare=False)
    assert set(bought.values_list("stage", flat=True)) == {"dormant"}
    logged = StageChange.objects.values_list("from_stage", "to_stage", "changed_on", "run__version").distinct()
    assert list(logged) == [("active", "dormant", date(2027, 1, 30), 2)]
    assert StageChange.objects.count() == bought.count() > 0
    base_run(now=morning + timedelta(days=2), compare=False)
    assert StageChange.objects.count() == bought.count()  # R2: once, not every night that they stay away


def test_an_erased_person_leaves_no_value_and_a_copy_holds_it(tills):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    person = PersonValue.objects.exclude(rfm_total=None).first().pk
    copied = handlers.person_copied(PersonCopy(person, ()))["value"]["computed"]
    assert copied["rfm_total"] >= 3
    handlers.person_erased(PersonErased(person, (), utc_now()))
    assert not PersonValue.objects.filter(pk=person).exists()
    assert handlers.person_copied(PersonCopy(person, ())) == {}


def test_a_run_that_was_cut_short_is_made_up_by_a_full_one(tills):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    wanted = rows()
    PersonValue.objects.update(net_365d_fen=0)
    ValueRun.objects.update(ended_at=None)
    assert value_run(now=NOW, pace=Pace(rows=3)).kind_code == RunKind.FULL
    assert rows() == wanted


@pytest.mark.accept("S64")
def test_a_lesson_changes_the_tier_within_a_cycle_and_without_a_night(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    template_take(code="education", author_id=1, now=NOW)
    value_run(now=NOW)
    column = in_force("education").column
    person = PersonValue.objects.filter(**{column: None}).first().pk
    for number in range(1, 6):
        BehaviourEvent.objects.create(
            id=number,
            source_code="events",
            event_no=f"L{number}",
            type_code="lesson_completed",
            person_id=person,
            occurred_at=NOW,
        )
        cycle_run(now=NOW + timedelta(seconds=30 * number))  # nothing was folded: an idle cycle
        run = ValueRun.objects.order_by("-pk")[0]
        assert (run.kind_code, run.persons, run.events_to) == (RunKind.TOUCHED, 1, number)
    told = TierChange.objects.filter(person_id=person, scheme__code="education").order_by("pk")
    assert list(told.values_list("from_code", "to_code")) == [("", "STARTING")]
    BehaviourEvent.objects.create(
        id=9, source_code="events", event_no="C", type_code="course_bought", person_id=person, occurred_at=NOW
    )
    cycle_run(now=NOW + timedelta(seconds=300))
    assert getattr(PersonValue.objects.get(pk=person), column) == "LEARNING"
    cycle_run(now=NOW + timedelta(seconds=330))
    assert ValueRun.objects.count() == 8  # an idle cycle without news runs nothing


def test_a_custom_attribute_of_the_same_code_is_an_input(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    template_take(code="hotel", author_id=1, now=NOW)
    person = PersonValue.objects.first().pk
    stays = Attribute.objects.create(code="stays", title="入住", type_code="number", created_at=NOW)
    value_run(now=NOW)
    AttributeValue.objects.create(
        attribute_id=stays.pk, event_id=77, record_id=1, person_id=person, source_code="events", observed_at=NOW,
        number_value=3, is_current=True,
    )  # fmt: skip
    run = value_run(now=NOW)
    assert (run.kind_code, run.persons) == (RunKind.TOUCHED, 1)
    assert getattr(PersonValue.objects.get(pk=person), in_force("hotel").column) == "REGULAR"


@pytest.mark.accept("S62")
def test_the_loyal_guests_of_a_hotel_are_shown_above_all_others_in_spend_and_frequency(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    template_take(code="hotel", author_id=1, now=NOW)
    guests = list(PersonValue.objects.order_by("pk").values_list("pk", flat=True)[:4])
    told = {"stays": (15, 13, 4, 1), "stay_spend_fen": (2_000_000, 1_600_000, 400_000, 50_000)}
    for number, (code, values) in enumerate(told.items()):
        attribute = Attribute.objects.create(code=code, title=code, type_code="number", created_at=NOW)
        for place, (person, value) in enumerate(zip(guests, values, strict=True)):
            AttributeValue.objects.create(
                attribute_id=attribute.pk, event_id=100 * number + place + 1, record_id=1, person_id=person,
                source_code="events", observed_at=NOW, number_value=value, is_current=True,
            )  # fmt: skip
    value_run(now=NOW)
    means = scheme_means(Viewer(1, "manager", None), in_force("hotel"))
    assert means["LOYAL"] == {"stays": 14, "stay_spend_fen": 1_800_000}
    assert means["REGULAR"] == {"stays": 4, "stay_spend_fen": 400_000}
    assert means["NEW"] == {"stays": 1, "stay_spend_fen": 50_000}
    assert scheme_means(Viewer(2, "store_manager", frozenset({1})), in_force("hotel")) == {}

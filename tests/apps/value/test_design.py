"""Drafts, what they would do, publishing, and the answers of old versions."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.apps.builds.conftest import NOW

from huitou.apps.base.hooks import PersonErased
from huitou.apps.base.jobs import run_attempt
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import PersonFacts
from huitou.apps.value import queries
from huitou.apps.value.handlers import person_erased
from huitou.apps.value.models import PersonValue, SchemeVersion, TierChange, TierScheme, ValueRun, VersionState
from huitou.apps.value.schemes import in_force
from huitou.apps.value.services import (
    DesignRefused,
    draft_ask,
    draft_discard,
    draft_publish,
    draft_return,
    draft_save,
    draft_try,
    scheme_off,
    template_take,
    trial_ask,
    value_run,
)
from huitou.core.value.scheme import scheme_json
from huitou.core.value.templates import SHIPPED
from huitou.core.value.tiers import SchemeInvalid

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

WHOLE = Viewer(user_id=1, role_code="marketer", store_ids=None)
NOBODY = Viewer(user_id=2, role_code="store_manager", store_ids=frozenset())


def halves():
    """The pyramid with a diamond half."""
    table = scheme_json(SHIPPED["pyramid"])
    for tier, share in zip(table["tiers"], (0.5, 0.2, 0.2, 0.1), strict=True):
        tier["share"] = share
    return table


@pytest.mark.accept("S66")
def test_a_draft_is_tried_then_published_and_the_old_version_answers_by_date(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    before = dict(PersonValue.objects.values_list("pk", "tier_1"))
    draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)
    with pytest.raises(DesignRefused, match="not_tried"):
        draft_ask(code="pyramid", number=2, by=8, note="", now=NOW)
    tried = draft_try(code="pyramid", now=NOW).what_if
    assert [one["inputs"]["clv_12m_fen"] for one in tried["movers"]] == [one["clv_12m_fen"] for one in tried["movers"]]
    for move in tried["in_cells"]:
        row, column = tried["before"].index(move["from"]), tried["after"].index(move["to"])
        assert len(move["people"]) == min(tried["persons"][row][column], 20)
        assert {(one["from"], one["to"]) for one in move["people"]} == {(move["from"], move["to"])}
        spent = [one["net_365d_fen"] for one in move["people"]]
        assert spent == sorted(spent, reverse=True)
    told = {(move["from"], move["to"]) for move in tried["in_cells"]}
    assert told == {
        (old, new)
        for row, old in enumerate(tried["before"])
        for column, new in enumerate(tried["after"])
        if old != new and tried["persons"][row][column]
    }
    assert told
    assert dict(PersonValue.objects.values_list("pk", "tier_1")) == before  # nobody was changed
    with pytest.raises(DesignRefused, match="changed"):
        draft_ask(code="pyramid", number=3, by=8, note="", now=NOW)
    draft_ask(code="pyramid", number=2, by=8, note="diamond half", now=NOW)
    draft_publish(code="pyramid", number=2, by=9, now=NOW + timedelta(hours=1))
    value_run(now=NOW + timedelta(hours=1))
    after = dict(PersonValue.objects.values_list("pk", "tier_1"))
    places = {code: place for place, code in enumerate(tried["after"])}
    matrix = [[0] * 5 for _ in range(5)]
    for person, code in after.items():
        matrix[places.get(before[person], 4)][places.get(code, 4)] += 1
    assert matrix == tried["persons"]  # what was promised is what happened
    moved = {person for person in after if after[person] != before[person]}
    assert set(TierChange.objects.filter(scheme__code="pyramid").values_list("person_id", flat=True)) == moved
    assert sum(map(sum, tried["revenue_fen"])) == sum(PersonFacts.objects.values_list("net_365d_fen", flat=True))
    assert tried["cost_fen"][1] > tried["cost_fen"][0]
    assert tried["at_stake_fen"] == sum(tried["revenue_fen"][row][column] for row in range(4) for column in range(row + 1, 4))
    assert queries.version_at("pyramid", NOW + timedelta(minutes=59)).number == 1
    assert queries.version_at("pyramid", NOW + timedelta(hours=1)).number == 2
    assert queries.version_at("pyramid", NOW - timedelta(days=1)) is None
    person = moved.pop()
    day = TierChange.objects.filter(person_id=person).first().changed_on
    assert queries.tier_on(WHOLE, person, "pyramid", day - timedelta(days=1)) == before[person]
    assert queries.tier_on(WHOLE, person, "pyramid", day) == after[person]
    assert queries.tier_on(NOBODY, person, "pyramid", day) is None
    assert queries.person_value(NOBODY, person) is None
    assert queries.person_value(WHOLE, person).tier("pyramid").tier.code == after[person]


def test_an_erased_person_stands_in_no_trial_and_the_counts_stay(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)
    tried = draft_try(code="pyramid", now=NOW).what_if
    erased = next(one["person_id"] for one in tried["movers"])
    person_erased(PersonErased(erased, (), NOW))
    left = SchemeVersion.objects.get(state=VersionState.DRAFT).what_if
    assert left == without(tried, erased)
    assert erased in named(tried)
    assert erased not in named(left)
    assert named(left)


def without(tried, person_id):
    """The trial without a person in its lists."""
    kept = [{**move, "people": [one for one in move["people"] if one["person_id"] != person_id]} for move in tried["in_cells"]]
    return {**tried, "movers": [one for one in tried["movers"] if one["person_id"] != person_id], "in_cells": kept}


def named(tried):
    return {one["person_id"] for people in (tried["movers"], *(move["people"] for move in tried["in_cells"])) for one in people}


def test_a_draft_is_tried_once_by_a_job_and_again_after_a_change(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    draft = draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)
    full = ValueRun.objects.filter(kind_code="full")
    ids = list(full.values_list("pk", flat=True))
    full.update(kind_code="touched")
    assert trial_ask(code="pyramid", draft=draft, now=NOW) == "no_run"
    ValueRun.objects.filter(pk__in=ids).update(kind_code="full")
    asked = Job.objects.filter(name="value.try_draft")
    assert [trial_ask(code="pyramid", draft=draft, now=NOW) for _ in range(2)] == ["waiting", "waiting"]
    assert asked.count() == 1
    changed = draft_save(code="pyramid", table=halves(), author_id=7, now=NOW + timedelta(minutes=1))
    run_attempt(asked.get().pk)
    assert SchemeVersion.objects.get(pk=draft.pk).what_if is None  # the table it was asked for is no more
    trial_ask(code="pyramid", draft=changed, now=NOW)
    run_attempt(asked.last().pk)
    changed.refresh_from_db()
    assert sum(map(sum, changed.what_if["persons"])) == PersonFacts.objects.count()
    asked.update(state="failed")
    assert trial_ask(code="pyramid", draft=changed, now=NOW) == "failed"


def test_where_the_tiers_in_force_end_is_the_worst_value_in_each(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    one = in_force("pyramid")
    ends = queries.tier_ends(one)
    for code, end in zip(one.scheme.codes[:-1], ends[:-1], strict=True):
        values = PersonValue.objects.filter(tier_1=code).values_list("clv_12m_fen", flat=True)
        assert not values or min(values) == end, code
    assert ends[-1] is None
    draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)
    SchemeVersion.objects.filter(state="published", scheme__code="pyramid").update(state="retired", retired_at=NOW)
    SchemeVersion.objects.filter(state="draft").update(state="published", published_at=NOW)
    assert queries.tier_ends(in_force("pyramid")) == [None] * 4  # nothing was cut by this version yet


@pytest.mark.accept("S66")
def test_a_second_person_publishes_or_returns_what_was_asked_for(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)
    draft_try(code="pyramid", now=NOW)
    with pytest.raises(DesignRefused, match="not_asked"):
        draft_publish(code="pyramid", number=2, by=9, now=NOW)
    draft_ask(code="pyramid", number=2, by=8, note="", now=NOW)
    for own in (7, 8):  # who wrote it, who asked
        with pytest.raises(DesignRefused, match="own"):
            draft_publish(code="pyramid", number=2, by=own, now=NOW)
        with pytest.raises(DesignRefused, match="own"):
            draft_return(code="pyramid", number=2, by=own, note="too many", now=NOW)
    with pytest.raises(DesignRefused, match="no_reason"):
        draft_return(code="pyramid", number=2, by=9, note=" ", now=NOW)
    returned = draft_return(code="pyramid", number=2, by=9, note="too many", now=NOW)
    assert (returned.state, returned.returned_by, returned.note) == (VersionState.DRAFT, 9, "too many")
    draft_ask(code="pyramid", number=2, by=7, note="", now=NOW)
    draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)  # what was asked for is no more
    with pytest.raises(DesignRefused, match="not_asked"):
        draft_publish(code="pyramid", number=2, by=9, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        SchemeVersion.objects.filter(number=2).update(asked_by=8, decided_by=8)  # not even past the service
    traces = AuditEvent.objects.filter(subject_kind="scheme").order_by("pk").values_list("action_code", flat=True)
    assert list(traces) == ["scheme.asked", "scheme.returned", "scheme.asked"]


def test_a_draft_that_cannot_sort_people_is_not_kept(tills):
    tills.bring(0)
    cycle_run(now=NOW)
    table = halves()
    table["tiers"][0]["share"] = 0.6
    with pytest.raises(SchemeInvalid) as refused:
        draft_save(code="pyramid", table=table, author_id=7, now=NOW)
    assert (refused.value.reason, refused.value.detail) == ("shares_not_whole", 1.1)
    assert not SchemeVersion.objects.filter(state=VersionState.DRAFT).exists()
    draft_save(code="pyramid", table=halves(), author_id=7, now=NOW)
    draft_discard(code="pyramid")
    with pytest.raises(DesignRefused, match="no_draft"):
        draft_try(code="pyramid", now=NOW)


@pytest.mark.accept("S65")
def test_templates_stand_beside_the_schemes_in_force_and_make_no_news(tills):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    template_take(code="ecommerce", author_id=7, now=NOW)
    with pytest.raises(DesignRefused, match="in_force"):
        template_take(code="ecommerce", author_id=7, now=NOW)
    run = value_run(now=NOW)
    assert (len(run.rules["schemes"]), run.tier_changes) == (6, 0)
    column = in_force("ecommerce").column
    assert set(PersonValue.objects.values_list(column, flat=True)) == {"ACTIVE"}
    scheme_off(code="ecommerce", now=NOW)
    value_run(now=NOW)
    assert set(PersonValue.objects.values_list(column, flat=True)) == {None}
    assert TierScheme.objects.get(code="ecommerce").versions.count() == 1
    with pytest.raises(DesignRefused, match="unknown"):
        template_take(code="nonsense", author_id=7, now=NOW)


@pytest.mark.accept("S54")
def test_a_changed_weight_of_the_three_powers_is_tried_before_it_is_published(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    table = scheme_json(SHIPPED["three_powers"])
    assert sum(table["weights"].values()) == pytest.approx(1)
    table["weights"] = {"spending_power": 0.5, "interaction_power": 0.2, "potential_power": 0.2}
    with pytest.raises(SchemeInvalid, match="weights_not_whole"):
        draft_save(code="three_powers", table=table, author_id=7, now=NOW)
    table["weights"] = {"spending_power": 0.1, "interaction_power": 0.1, "potential_power": 0.8}
    draft_save(code="three_powers", table=table, author_id=7, now=NOW)
    matrix = draft_try(code="three_powers", now=NOW).what_if["persons"]
    assert sum(matrix[row][column] for row in range(3) for column in range(3) if row != column) > 0

"""Saved segments: versions, members with a diff log, lists for sends."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.segments.world import (
    BUYS_TWICE,
    COMPLAINED,
    LAPSED,
    MANAGER,
    MARKETER,
    NOW,
    STRANGER,
    fold_world,
)
from tests.warehouse.chain import AS_OF

from huitou.apps.base import hooks
from huitou.apps.base.fields import Noun, catalogue_of
from huitou.apps.base.filters import filter_q
from huitou.apps.base.hooks import FactsPublished, Hook, PersonCopy, PersonErased
from huitou.apps.base.models import Job
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.privacy.models import Consent
from huitou.apps.segments import queries
from huitou.apps.segments.comparing import comparison_told
from huitou.apps.segments.lists import list_hash, packed, unpacked
from huitou.apps.segments.models import Segment, SegmentList, SegmentMember, SegmentRefresh, SegmentVersion
from huitou.apps.segments.services import (
    NameTaken,
    NoAudience,
    RuleEmpty,
    comparison_begin,
    look_alike_ask,
    look_alike_run,
    segment_archive,
    segment_audience,
    segment_create,
    segment_refresh,
    segment_save,
    segments_refresh,
)
from huitou.core.filters.json_form import FilterError
from huitou.core.filters.tree import Condition, Not, Operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def twice(chain):
    return segment_create(viewer=MARKETER, name="两单", rule=BUYS_TWICE, now=NOW)


def members(segment):
    rows = SegmentMember.objects.filter(segment_id=segment.pk, left_refresh_id=None).order_by("person_id")
    return list(rows.values_list("person_id", flat=True))


@given(st.sets(st.integers(1, 2**53)))
def test_a_list_survives_packing(ids):
    rising = np.array(sorted(ids), dtype=np.int64)
    assert unpacked(packed(rising)).tolist() == rising.tolist()


@pytest.mark.db_both
def test_a_refresh_brings_in_who_matches_and_logs_who_came_and_went(chain, twice):
    first = segment_refresh(segment_id=twice.pk, now=NOW)
    assert (first.members, first.joined, first.left) == (2, 2, 0)
    assert members(twice) == [101, 105]
    assert segment_refresh(segment_id=twice.pk, now=NOW).joined is None  # nothing changed, nothing written
    fold_world(chain, 2, {102: (1, (0,), 1, 500)}, as_of=AS_OF + timedelta(days=57))
    second = segment_refresh(segment_id=twice.pk, now=NOW)
    assert (second.joined, second.left) == (0, 2)
    assert members(twice) == []
    log = list(queries.refreshes_of(twice))
    assert [(one.version_number, one.facts_version, one.as_of, one.joined, one.left) for one in log] == [
        (1, 2, AS_OF + timedelta(days=57), 0, 2), (1, 1, AS_OF, 2, 0)]  # fmt: skip
    assert queries.moved(log[0], joined=False) == [101, 105]
    assert queries.moved(log[1], joined=True) == [101, 105]
    with pytest.raises(NoAudience, match="empty"):
        segment_audience(segment_id=twice.pk, today=AS_OF)


def test_a_segment_that_nobody_is_in_says_so_everywhere(chain):
    nobody = segment_create(viewer=MARKETER, name="没有人", rule={**BUYS_TWICE, "value": 99}, now=NOW)
    assert segment_refresh(segment_id=nobody.pk, now=NOW).members == 0
    nobody.refresh_from_db()
    with pytest.raises(NoAudience, match="empty"):
        segment_audience(segment_id=nobody.pk, today=AS_OF)
    asked = look_alike_ask(viewer=MARKETER, segment=nobody, now=NOW)
    assert look_alike_run(look_alike_id=asked.pk, now=NOW).refusal == "few"
    running = comparison_begin(viewer=MARKETER, segment=nobody, held_share=0.5, today=AS_OF - timedelta(20), now=NOW)
    told = comparison_told(MARKETER, running)
    assert (told.members, told.refusal, told.uplift) == (0, "none", None)
    assert queries.stays_in_reach(MARKETER, 101) == []


def test_a_refresh_that_was_cut_short_is_ended_by_the_next(chain, twice):
    segment_refresh(segment_id=twice.pk, now=NOW)
    SegmentList.objects.filter(segment=twice).update(refresh_id=None)  # as a kill between rows and list leaves it
    SegmentMember.objects.filter(person_id=105).delete()
    assert segment_refresh(segment_id=twice.pk, now=NOW).joined == 1
    assert members(twice) == [101, 105]
    assert SegmentList.objects.get(segment=twice).refresh_id == Segment.objects.get(pk=twice.pk).refresh_id


def test_a_changed_rule_is_a_new_version_and_an_unchanged_one_is_not(twice):
    segment_save(viewer=MARKETER, segment=twice, name="两单以上", rule=BUYS_TWICE, now=NOW)
    saved = segment_save(
        viewer=MARKETER, segment=twice, name="两单以上", rule={**BUYS_TWICE, "days": 30}, change_note="缩到 30 天", now=NOW
    )
    assert saved.version_number == 2
    told = [(one.number, one.note, one.rule["days"]) for one in queries.versions_of(twice)]
    assert told == [(2, "缩到 30 天", 30), (1, "", 60)]
    assert Job.objects.filter(name="segments.refresh").count() == 1


def test_what_cannot_be_saved_is_refused(twice):
    with pytest.raises(NameTaken):
        segment_create(viewer=MARKETER, name="两单", rule=LAPSED, now=NOW)
    with pytest.raises(RuleEmpty):
        segment_create(viewer=MARKETER, name="空", rule={"all": []}, now=NOW)
    with pytest.raises(FilterError, match="allowed"):
        segment_create(viewer=MARKETER, name="错", rule={"field": "shoe_size", "op": "eq", "value": 1}, now=NOW)
    with pytest.raises(FilterError, match="allowed"):  # segments of segments would have to be refreshed in order
        segment_create(viewer=MARKETER, name="套", rule={"field": "segment", "op": "eq", "value": twice.pk}, now=NOW)
    assert Segment.objects.count() == SegmentVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"not": {"field": "tier_gone", "op": "eq", "value": "A"}}, "missing:tier_gone"),
        ({"event": "fax", "measure": "times", "op": "gte", "value": 1}, "missing:fax"),
        ({"field": "stage", "op": "eq", "value": "sleeping"}, "refused:$.value"),
    ],
)
def test_a_rule_that_names_what_is_gone_keeps_its_members_and_says_why(twice, rule, problem):
    segment_refresh(segment_id=twice.pk, now=NOW)
    SegmentVersion.objects.filter(segment=twice).update(rule=rule)
    assert segment_refresh(segment_id=twice.pk, now=NOW).problem == problem
    assert Segment.objects.get(pk=twice.pk).problem == problem
    assert members(twice) == [101, 105]
    with pytest.raises(NoAudience, match="refused"):
        segment_audience(segment_id=twice.pk, today=AS_OF)
    SegmentVersion.objects.filter(segment=twice).update(rule=BUYS_TWICE)
    segment_refresh(segment_id=twice.pk, now=NOW)
    assert Segment.objects.get(pk=twice.pk).problem == ""


def test_a_send_gets_the_list_with_its_version_and_hash(twice):
    with pytest.raises(NoAudience, match="not_calculated"):
        segment_audience(segment_id=twice.pk, today=AS_OF)
    segment_refresh(segment_id=twice.pk, now=NOW)
    audience = segment_audience(segment_id=twice.pk, today=AS_OF)
    assert audience.person_ids.tolist() == [101, 105]
    assert audience.list_hash == list_hash(np.array([101, 105])) == SegmentRefresh.objects.get().list_hash
    segment_save(viewer=MARKETER, segment=twice, name="两单", rule=LAPSED, now=NOW)
    with pytest.raises(NoAudience, match="not_calculated"):  # the list is still that of version 1
        segment_audience(segment_id=twice.pk, today=AS_OF)
    segment_archive(viewer=MARKETER, segment=twice, now=NOW)
    with pytest.raises(NoAudience, match="archived"):
        segment_audience(segment_id=twice.pk, today=AS_OF)
    assert segments_refresh(now=NOW) == []


def test_a_send_leaves_out_children_and_who_refuses_marketing(twice):
    segment_refresh(segment_id=twice.pk, now=NOW)
    Person.objects.filter(pk=101).update(of_age_on=AS_OF + timedelta(days=1))
    audience = segment_audience(segment_id=twice.pk, today=AS_OF)
    assert (audience.person_ids.tolist(), audience.kept_out, members(twice)) == ([105], 1, [101, 105])
    assert audience.list_hash == list_hash(np.array([105]))
    assert segment_audience(segment_id=twice.pk, today=AS_OF + timedelta(days=1)).person_ids.tolist() == [101, 105]
    said = {"person_id": 105, "channel_code": "sms", "answer_code": "withdrawn", "source_code": "phone", "said_at": NOW}
    Consent.objects.create(purpose_code="marketing", recorded_at=NOW, **said)
    with pytest.raises(NoAudience, match="empty"):
        segment_audience(segment_id=twice.pk, today=AS_OF)
    assert segment_audience(segment_id=twice.pk, today=AS_OF, purpose="service").person_ids.tolist() == [105]


def test_published_facts_plan_one_refresh_of_all(twice):
    for _ in range(2):
        hooks.run(Hook.FACTS_PUBLISHED, FactsPublished(1, AS_OF, NOW))
    assert Job.objects.filter(name="segments.refresh_all").count() == 1
    assert [one.members for one in segments_refresh(now=NOW)] == [2]
    Job.objects.all().delete()
    hooks.run(Hook.FACTS_PUBLISHED, FactsPublished(1, AS_OF, NOW))
    assert not Job.objects.filter(name="segments.refresh_all").exists()  # this version was looked at


@pytest.mark.db_both
def test_a_segment_is_a_field_of_customers(twice):
    assert "segment" not in catalogue_of(Noun.CUSTOMER, MARKETER)
    segment_refresh(segment_id=twice.pk, now=NOW)
    catalogue = catalogue_of(Noun.CUSTOMER, MARKETER)
    inside = Condition("segment", Operator.EQ, twice.pk)
    found = persons_in_reach(MANAGER).filter(filter_q(inside, catalogue, as_of=AS_OF)).values_list("pk", flat=True)
    outside = persons_in_reach(MANAGER).filter(filter_q(Not(inside), catalogue, as_of=AS_OF)).values_list("pk", flat=True)
    assert (list(found), sorted(outside)) == ([101], [102, 107])


def test_a_person_is_told_where_in_and_since_when_within_reach_only(twice):
    segment_refresh(segment_id=twice.pk, now=NOW)
    (stay,) = queries.stays_in_reach(MANAGER, 101)
    assert (stay.name, stay.version_number, stay.since, stay.is_open) == ("两单", 1, AS_OF, True)
    assert queries.stays_in_reach(MANAGER, 105) == []
    assert queries.stays_in_reach(STRANGER, 101) == []
    copied = [part["segments"] for part in hooks.run(Hook.PERSON_COPY, PersonCopy(101, (1,))) if "segments" in part]
    assert copied == [[{"name": "两单", "since": AS_OF.isoformat(), "until": None}]]


def test_an_erased_person_leaves_no_trace_and_does_not_come_back(twice):
    complained = segment_create(viewer=MARKETER, name="投诉", rule=COMPLAINED, now=NOW)
    segments_refresh(now=NOW)
    Person.objects.filter(pk=101).update(is_live=False, erased_at=NOW)
    hooks.run(Hook.ERASE, PersonErased(101, (1,), NOW))
    assert not SegmentMember.objects.filter(person_id=101).exists()
    segments_refresh(now=NOW)  # the analytical store still has the person until the next fold
    assert not SegmentMember.objects.filter(person_id=101).exists()
    assert (members(twice), members(complained)) == ([105], [])
    assert segment_audience(segment_id=twice.pk, today=AS_OF).person_ids.tolist() == [105]

"""Members left out by lot: out of every send, one comparison at a time, no uplift without two groups of thirty."""

import importlib
from datetime import timedelta

import numpy as np
import pytest
from tests.apps.segments.world import BUYS_TWICE, MARKETER, NOW, STRANGER
from tests.warehouse.chain import AS_OF

from huitou.apps.base.jobs import run_planned
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.segments import comparing
from huitou.apps.segments.comparing import comparison_kept, comparison_of, comparison_told
from huitou.apps.segments.models import Comparison, ComparisonResult, SegmentMember
from huitou.apps.segments.services import (
    NotComparable,
    comparison_ask,
    comparison_begin,
    comparison_count,
    comparison_end,
    comparisons_plan,
    segment_audience,
    segment_create,
    segment_refresh,
)
from huitou.core.value.holdout import Uplift, held_out

COMPARISON = importlib.import_module("huitou.apps.segments.services.comparison")
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def twice(chain):
    segment = segment_create(viewer=MARKETER, name="两单", rule=BUYS_TWICE, now=NOW)
    segment_refresh(segment_id=segment.pk, now=NOW)
    segment.refresh_from_db()
    return segment


def begun(segment, *, since=AS_OF, share=0.5):
    return comparison_begin(viewer=MARKETER, segment=segment, held_share=share, today=since, now=NOW)


def lot(comparison, *out):
    """Give the comparison an id by which exactly these of 101 and 105 are left out."""
    ids = np.array([101, 105])
    wanted = np.isin(ids, out)
    chosen = next(pk for pk in range(1_000, 2_000) if (held_out(ids, comparison.held_share, pk) == wanted).all())
    Comparison.objects.filter(pk=comparison.pk).update(id=chosen)
    return Comparison.objects.get(pk=chosen)


def test_who_is_left_out_by_lot_gets_no_send_until_the_end(twice):
    lot(begun(twice), 105)
    audience = segment_audience(segment_id=twice.pk, today=AS_OF)
    assert (audience.person_ids.tolist(), audience.kept_out) == ([101], 1)
    with pytest.raises(NotComparable, match="running"):
        begun(twice)
    comparison_end(viewer=MARKETER, segment=twice, now=NOW)
    comparison_end(viewer=MARKETER, segment=twice, now=NOW)
    assert segment_audience(segment_id=twice.pk, today=AS_OF).person_ids.tolist() == [101, 105]
    assert AuditEvent.objects.filter(action_code="segment.comparison_ended").count() == 1
    assert begun(twice).pk != comparison_of(twice).pk or comparison_of(twice).ended_at is None


def test_what_cannot_begin_is_refused(twice, chain):
    with pytest.raises(ValueError, match="0.3"):
        begun(twice, share=0.3)
    new = segment_create(viewer=MARKETER, name="没算过", rule={**BUYS_TWICE, "days": 30}, now=NOW)
    with pytest.raises(NotComparable, match="list"):
        begun(new)


@pytest.mark.accept("S76")
def test_the_change_of_each_person_is_counted_from_orders(twice, monkeypatch):
    """In 10 days person 101 bought once (300) after nothing, person 105 twice (200) after nothing, as of the last day."""
    since = AS_OF - timedelta(9)
    running = lot(begun(twice, since=since), 105)
    assert comparison_told(MARKETER, running).refusal == "few"
    seen = {}

    def told(treated, held):
        seen.update(treated=treated.tolist(), held=held.tolist())
        raise comparing.NoComparison("few")

    monkeypatch.setattr(comparing, "change_uplift", told)
    found = comparison_told(MARKETER, running)
    assert (found.members, found.held, found.days, found.uplift) == (2, 1, 10, None)
    assert seen == {"treated": [300.0], "held": [200.0]}
    comparison_told(STRANGER, running)
    assert seen == {"treated": [0.0], "held": [0.0]}


@pytest.mark.accept("S76")
def test_no_uplift_without_days_or_a_group(twice):
    assert comparison_told(MARKETER, begun(twice, since=AS_OF - timedelta(5))).refusal == "soon"
    comparison_end(viewer=MARKETER, segment=twice, now=NOW)
    alone = lot(begun(twice, since=AS_OF - timedelta(20)), 101, 105)
    assert comparison_told(MARKETER, alone).refusal == "none"
    SegmentMember.objects.all().delete()
    assert comparison_told(MARKETER, alone).members == 0


def test_what_a_job_counted_is_kept_by_stores_until_the_day_moves_on(twice, monkeypatch):
    running = lot(begun(twice, since=AS_OF - timedelta(9)), 105)
    assert comparison_kept(MARKETER, running) == (None, False)
    for _ in range(2):
        comparison_ask(viewer=STRANGER, comparison=running, now=NOW)
    asked = Job.objects.get(name="segments.compare").arguments
    assert asked == {"comparison_id": running.pk, "store_ids": sorted(STRANGER.store_ids)}

    earned = Uplift(1, 1, 300.0, 200.0, 100.0, -5.0, 205.0)
    monkeypatch.setattr(comparing, "change_uplift", lambda treated, held: earned)
    comparison_count(comparison_id=running.pk, store_ids=None, now=NOW)
    told, is_current = comparison_kept(MARKETER, running)
    assert is_current
    assert told == comparison_told(MARKETER, running)
    assert told.uplift == earned
    assert comparison_kept(STRANGER, running) == (None, False)  # sees other stores
    comparison_count(**asked, now=NOW)
    assert comparison_kept(STRANGER, running)[1]

    Job.objects.all().delete()
    assert comparisons_plan(now=NOW) == 0
    ComparisonResult.objects.update(as_of=AS_OF - timedelta(1))
    assert comparison_kept(MARKETER, running)[1] is False
    assert [comparisons_plan(now=NOW) for _ in range(2)] == [2, 2]
    assert Job.objects.filter(name="segments.compare").count() == 2
    run_planned()
    assert comparison_kept(MARKETER, running)[1]
    comparison_end(viewer=MARKETER, segment=twice, now=NOW)
    ComparisonResult.objects.update(as_of=None)
    assert comparisons_plan(now=NOW) == 0  # nobody waits for what has ended


def test_a_comparison_that_cannot_be_counted_says_so_and_keeps_no_other_from_it(twice, monkeypatch):
    running = lot(begun(twice, since=AS_OF - timedelta(9)), 105)
    for stores in (None, [1], [2]):
        comparison_count(comparison_id=running.pk, store_ids=stores, now=NOW)
    ComparisonResult.objects.update(as_of=AS_OF - timedelta(1))
    good = ComparisonResult.objects.get(store_ids=[2])
    count = COMPARISON.comparison_told

    def broken(viewer, comparison):
        if viewer.store_ids in ({1}, {2}):
            raise RuntimeError("no")
        return count(viewer, comparison)

    monkeypatch.setattr(COMPARISON, "comparison_told", broken)
    ComparisonResult.objects.filter(store_ids=[1]).update(refusal="few", uplift=None)
    ComparisonResult.objects.filter(store_ids=[2]).update(refusal="", uplift={})
    assert comparisons_plan(now=NOW) == 3
    run_planned()
    told = {str(one.store_ids): (one.refusal == "failed", one.as_of) for one in ComparisonResult.objects.all()}
    # figures that stood stay, with their day
    assert told == {"None": (False, AS_OF), "[1]": (True, None), "[2]": (False, AS_OF - timedelta(1))}
    good.refresh_from_db()
    assert good.uplift == {}
    assert sorted(job.arguments["store_ids"] for job in Job.objects.exclude(error="")) == [[1], [2]]
    monkeypatch.undo()
    comparison_count(comparison_id=running.pk, store_ids=[1], now=NOW)
    assert not ComparisonResult.objects.filter(refusal="failed").exists()

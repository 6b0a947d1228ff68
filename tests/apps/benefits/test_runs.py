"""Coupons for a segment by a job: who gets one, caps that stop it, a kill at any place, taking back what nobody used."""

import importlib
from datetime import date, timedelta

import numpy as np
import pytest
from tests.apps.benefits.test_coupons import CHAIN, NOW, issue, kind_make, redeem
from tests.apps.customers.people import person_make

from huitou.apps.accounts.models import User
from huitou.apps.base import jobs
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, CouponEntry, CouponKind, IssueRun, IssueRunPart, Occasion
from huitou.apps.benefits.queries import balance, run_estimate, run_is_dead
from huitou.apps.benefits.services import IssueRefused, run_begin, run_end, run_resume, run_withdraw
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.privacy.models import Consent
from huitou.apps.privacy.outreach import MARKETING
from huitou.apps.segments.lists import packed
from huitou.apps.segments.models import Segment, SegmentList, SegmentRefresh, SegmentVersion
from huitou.apps.segments.services import segment_audience
from huitou.core.benefits.coupons import Caps

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S99")]
SERVICE = importlib.import_module("huitou.apps.benefits.services.runs")
TOP = {"top_category_id": 11, "second_category_id": 12, "third_category_id": 13}


@pytest.fixture
def marketer(monkeypatch):
    monkeypatch.setattr(SERVICE, "PART", 2)
    return Viewer(User.objects.create(username="m", role_code="marketer").pk, "marketer", None)


@pytest.fixture
def segment():
    """Members 1 to 8: 3 refuses marketing, 4 is a child, 5 holds a coupon of the kind already."""
    for number in range(1, 9):
        person_make(number, store_id=5, of_age_on=date(2030, 1, 1) if number == 4 else None, **TOP)
    Consent.objects.create(
        person_id=3, channel_code="sms", purpose_code=MARKETING, answer_code="withdrawn", source_code="counter", said_at=NOW,
        recorded_at=NOW,
    )  # fmt: skip
    one = Segment.objects.create(name="s", owner_id=1, created_at=NOW, updated_at=NOW)
    SegmentVersion.objects.create(segment=one, number=1, rule={"all": []}, author_id=1, created_at=NOW)
    refresh = SegmentRefresh.objects.create(
        segment=one, version_number=1, facts_version=1, as_of=NOW.date(), members=8, started_at=NOW, ended_at=NOW
    )
    SegmentList.objects.create(segment=one, refresh_id=refresh.pk, ids=packed(np.arange(1, 9)))
    Segment.objects.filter(pk=one.pk).update(refresh_id=refresh.pk)
    return one


def begin(viewer, kind, segment, *, occasion=Occasion.GIFT, key="r1", now=NOW):
    return run_begin(viewer=viewer, kind_id=kind.pk, segment_id=segment.pk, occasion=occasion, run_key=key, now=now)


def counts(run):
    run.refresh_from_db()
    return {name: value for name in ("issued", "held", "kept_out", "unfit", "gone", "waiting") if (value := getattr(run, name))}


def holders(kind):
    return sorted(Coupon.objects.filter(kind=kind).values_list("person_id", flat=True))


def test_everybody_gets_one_but_who_is_kept_out_and_the_counts_add_up(marketer, segment):
    kind = kind_make()
    issue(kind, 5)
    told = run_estimate(kind, segment_id=segment.pk, each=1, now=NOW)
    assert (told.members, told.persons, told.most_fen, told.room) == (8, 6, 6_000, None)
    run = begin(marketer, kind, segment)
    assert begin(marketer, kind, segment).pk == run.pk  # a second click
    assert counts(run) == {"kept_out": 2, "waiting": 6}
    Person.objects.filter(pk=7).update(is_live=False)
    Person.objects.filter(pk=8).update(of_age_on=date(2030, 1, 1))  # known to be a child only after the run began
    jobs.run_planned()
    assert counts(run) == {"issued": 3, "held": 1, "kept_out": 3, "gone": 1}
    assert holders(kind) == [1, 2, 5, 6]
    assert balance(kind.pk, now=NOW).issued == CouponEntry.objects.count() == 4
    traces = AuditEvent.objects.filter(subject_kind="coupon_run").order_by("pk").values_list("action_code", "detail__issued")
    assert list(traces) == [("coupon.run", None), ("coupon.run_ended", 3)]
    assert run.ended_at is not None
    with pytest.raises(IssueRefused) as refused:
        run_resume(viewer=marketer, run_id=run.pk, now=NOW)
    assert refused.value.reason == "run"


@pytest.mark.parametrize("negated", [False, True])
def test_what_is_inferred_of_people_never_decides_who_pays_less(marketer, segment, negated):
    kind = kind_make()
    asked = {"field": "inferred_occupation", "op": "eq", "value": "driver"}
    rule = {"all": [{"field": "orders", "op": "gte", "value": 1}, {"not": {"any": [asked]}} if negated else asked]}
    SegmentVersion.objects.create(segment=segment, number=2, rule=rule, author_id=1, created_at=NOW)
    Segment.objects.filter(pk=segment.pk).update(version_number=2)
    SegmentRefresh.objects.update(version_number=2)
    for give in (
        lambda: begin(marketer, kind, segment),
        lambda: run_estimate(kind, segment_id=segment.pk, each=1, now=NOW),
    ):
        with pytest.raises(IssueRefused) as refused:
            give()
        assert refused.value.reason == "inferred"
    assert not IssueRun.objects.exists()
    assert segment_audience(segment_id=segment.pk, today=NOW.date()).person_ids.size == 6  # to be written to, for the same price
    rule["all"].pop()
    SegmentVersion.objects.create(segment=segment, number=3, rule=rule, author_id=1, created_at=NOW)
    Segment.objects.filter(pk=segment.pk).update(version_number=3)
    SegmentRefresh.objects.update(version_number=3)
    assert begin(marketer, kind, segment).asked == 8


@pytest.mark.parametrize(("caps", "why"), [(Caps(day_most=3), "day_most"), (Caps(budget_fen=3_999), "budget")])
def test_a_cap_stops_the_run_and_it_goes_on_once_there_is_room(marketer, segment, caps, why):
    kind = kind_make(caps=caps)
    run = begin(marketer, kind, segment)
    jobs.run_planned()
    assert counts(run) == {"issued": 3, "kept_out": 2, "waiting": 3}
    assert (run.stopped_code, run.ended_at, run_is_dead(run), holders(kind)) == (why, None, False, [1, 2, 5])
    kind_make(caps=Caps(), kind_id=kind.pk)
    run_resume(viewer=marketer, run_id=run.pk, now=NOW)
    jobs.run_planned()
    assert counts(run) == {"issued": 6, "kept_out": 2}
    assert holders(kind) == [1, 2, 5, 6, 7, 8]


@pytest.mark.parametrize("name", ["coupons_write", "caps_take", "kept_out"])
@pytest.mark.parametrize("at", range(3))
def test_a_kill_at_any_part_loses_nobody_and_doubles_nobody(marketer, segment, monkeypatch, name, at):
    kind = kind_make(caps=Caps(budget_fen=6_000))
    run = begin(marketer, kind, segment)
    real, calls = getattr(SERVICE, name), iter(range(100))

    def cut(*given, **named):
        done = real(*given, **named)
        if next(calls) == at:
            raise RuntimeError("killed")
        return done

    monkeypatch.setattr(SERVICE, name, cut)
    jobs.run_planned()
    jobs.run_planned()
    assert counts(run) == {"issued": 6, "kept_out": 2}
    assert holders(kind) == [1, 2, 5, 6, 7, 8]
    kind.refresh_from_db()
    assert (kind.issued_count, kind.committed_fen) == (6, 6_000)


def test_a_pack_for_a_segment_leaves_out_who_bought_in_too_few_categories(marketer, segment):
    kind = kind_make(caps=Caps(person_most=2))
    with pytest.raises(IssueRefused) as refused:
        begin(marketer, kind, segment, occasion=Occasion.RETURN_PACK)
    assert refused.value.reason == "pack"
    kind_make(caps=Caps(person_most=3), kind_id=kind.pk)
    PersonFacts.objects.filter(pk__in=(1, 2)).update(third_category_id=None)
    run = begin(marketer, kind, segment, occasion=Occasion.RETURN_PACK)
    jobs.run_planned()
    assert counts(run) == {"issued": 4, "unfit": 2, "kept_out": 2}
    assert list(Coupon.objects.filter(person_id=5).order_by("pk").values_list("category_id", "slot")) == [
        (11, 1),
        (12, 2),
        (13, 3),
    ]
    assert Coupon.objects.values("expires_at").distinct().count() == 1


def test_what_nobody_used_is_taken_back_and_gives_its_cost_back(marketer, segment):
    kind = kind_make()
    run = begin(marketer, kind, segment)
    jobs.run_planned()
    redeem(used := Coupon.objects.get(person_id=2), person_id=2, now=used.issued_at)
    run_withdraw(viewer=marketer, run_id=run.pk, now=NOW)
    jobs.run_planned()
    told = balance(kind.pk, now=NOW)
    assert (told.redeemed, told.withdrawn, told.usable) == (1, 5, 0)
    kind.refresh_from_db()
    assert kind.committed_fen == 1_000


def test_it_is_ended_early_and_only_head_office_does_any_of_it(marketer, segment):
    kind = kind_make()
    run = begin(marketer, kind, segment)
    for act in (
        lambda who: begin(who, kind, segment, key="r2"), lambda who: run_end(viewer=who, run_id=run.pk, now=NOW),
        lambda who: run_withdraw(viewer=who, run_id=run.pk, now=NOW), lambda who: run_resume(viewer=who, run_id=run.pk, now=NOW),
    ):  # fmt: skip
        with pytest.raises(IssueRefused) as refused:
            act(Viewer(9, "store_manager", frozenset({5})))
        assert refused.value.reason == "role"
    run_end(viewer=marketer, run_id=run.pk, now=NOW)
    jobs.run_planned()
    assert (counts(run), IssueRunPart.objects.count(), Coupon.objects.count()) == ({"kept_out": 2, "waiting": 6}, 0, 0)


def test_an_author_who_lost_the_role_gives_nothing_and_a_failed_job_goes_on(marketer, segment):
    kind = kind_make()
    run = begin(marketer, kind, segment)
    User.objects.update(role_code="guide")
    jobs.run_planned()
    assert (counts(run)["waiting"], run.stopped_code, Coupon.objects.count()) == (6, "role", 0)
    User.objects.update(role_code="marketer")
    run_resume(viewer=marketer, run_id=run.pk, now=NOW)
    Job.objects.update(state="failed")
    run.refresh_from_db()
    assert run_is_dead(run)
    run_resume(viewer=marketer, run_id=run.pk, now=NOW + timedelta(minutes=1))
    jobs.run_planned()
    assert counts(run)["issued"] == 6
    assert (IssueRun.objects.count(), CouponKind.objects.get().issued_count, CHAIN.role_code) == (1, 6, "marketer")

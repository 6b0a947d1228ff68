"""Whom of a segment a send may reach: each reason once, and all of them add up, on either database."""

from datetime import timedelta

import numpy as np
import pytest
from tests.apps.segments.world import BUYS_TWICE, MANAGER, MARKETER, NOW, STRANGER

from huitou.apps.base.jobs import run_attempt
from huitou.apps.base.models import Job
from huitou.apps.customers.models import Person, SearchKey
from huitou.apps.identity.models import PersonIdentifier
from huitou.apps.identity.queries import contact_holders
from huitou.apps.privacy.consent import persons_agreeing
from huitou.apps.privacy.models import Consent, ErasureRequest, Suppression
from huitou.apps.privacy.outreach import MARKETING, kept_out
from huitou.apps.segments import reaching
from huitou.apps.segments.counting import counting
from huitou.apps.segments.lists import among, marked, marks_of, unmarked
from huitou.apps.segments.reaching import BLOCKS, ChannelReach, Reach, known_lately, known_of, reach_today
from huitou.apps.segments.services import comparison_begin, known_ask, known_keep, segment_create, segment_refresh
from huitou.core.filters.tree import EVERYTHING
from huitou.core.periods import business_date
from huitou.core.value.holdout import held_out

TODAY = NOW.date()
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def _holds(person_id: int, kind: str, *, hub: bool = False, ended: bool = False) -> None:
    PersonIdentifier.objects.create(
        person_id=person_id, kind_code=kind, value_hash=1_000 * person_id + len(kind), verified=False, is_hub=hub,
        valid_to=NOW if ended else None,
    )  # fmt: skip


def _says(person_id: int, channel: str, answer: str, *, days: int = 0, purpose: str = MARKETING) -> None:
    said_at = NOW - timedelta(days=days)
    Consent.objects.create(
        person_id=person_id, channel_code=channel, purpose_code=purpose, answer_code=answer, source_code="counter",
        said_at=said_at, recorded_at=said_at,
    )  # fmt: skip


@pytest.fixture
def answers(chain) -> None:
    """
    Everybody has a phone but 107 and 108. 101 agreed to texts and to calls, 102 refused and later agreed to texts,
    103 is to be erased, 104 a child, 105 refuses mail, 106 was never asked, 107 has an e-mail and agreed to mail.
    """
    for person_id in range(101, 107):
        _holds(person_id, "phone")
    _holds(107, "email")
    for channel in ("sms", "phone", "wecom"):
        _says(101, channel, "granted")
    _says(102, "sms", "withdrawn", days=2)
    _says(102, "sms", "granted", days=1)
    _says(103, "sms", "granted")
    ErasureRequest.objects.create(person_id=103, asked_by=1, asked_at=NOW, due_at=NOW, reason_code="asked")
    Person.objects.filter(pk=104).update(of_age_on=TODAY + timedelta(days=1))
    _says(104, "sms", "granted")
    _says(105, "sms", "granted", days=9)
    _says(105, "email", "withdrawn")
    _says(106, "sms", "granted", purpose="service")
    _says(107, "email", "granted")
    _says(108, "sms", "granted")


def _reach(viewer=MARKETER, **more) -> Reach:
    with counting(viewer, now=NOW) as desk:
        ids = desk.matching(desk.step(EVERYTHING)).ids()
        return reach_today(ids, known_lately(ids, today=TODAY, now=NOW), **more)


def _adds_up(found: Reach) -> None:
    assert found.members == found.reached + sum(found.blocked.values())
    assert set(found.blocked) <= set(BLOCKS)
    for one in found.channels:
        assert found.members == found.gated + one.persons + one.no_contact + one.unasked, one.code


def test_every_reason_is_told_once_and_the_sums_are_the_members(chain, answers):
    found = _reach()
    _adds_up(found)
    assert (found.members, found.reached, found.gated) == (8, 3, 3)
    assert found.blocked == {"erasing": 1, "minor": 1, "refused": 1, "no_contact": 1, "unasked": 1}
    assert found.channels == (
        ChannelReach("sms", 2, 2, 1),
        ChannelReach("phone", 1, 2, 2),
        ChannelReach("wecom", 0, 5, 0),  # 101 agreed, but nobody knows an id there
        ChannelReach("email", 1, 4, 0),
    )
    with counting(MARKETER, now=NOW) as desk:
        ids = desk.matching(desk.step(EVERYTHING)).ids()
    assert reach_today(ids, known_of(None, today=TODAY, now=NOW)) == found  # read of everybody
    assert {103, 104, 105} == kept_out(MARKETING, today=TODAY)  # the gate itself says the same
    assert persons_agreeing(MARKETING) == {"sms": {101, 102, 103, 104, 105, 108}, "phone": {101}, "wecom": {101}, "email": {107}}
    assert persons_agreeing(MARKETING, person_ids=[102, 106, 107]) == {"sms": {102}, "email": {107}}
    assert contact_holders(("phone", "email"), person_ids=[101, 107, 108]) == {101, 107}
    assert _reach(MANAGER).members == 3  # 101, 102 and 107 of store 1


def test_a_person_of_another_store_is_in_no_count_of_a_manager(chain, answers):
    before = _reach(MANAGER)
    _adds_up(before)
    assert (before.members, before.reached, before.blocked) == (3, 3, {})
    _says(103, "phone", "withdrawn")
    _says(106, "phone", "granted")
    assert _reach(MANAGER) == before
    assert _reach().reached == 4


def test_the_first_reason_counts_where_several_hold(chain, answers):
    Person.objects.filter(pk__in=[103, 105]).update(of_age_on=TODAY + timedelta(days=1))
    _says(104, "sms", "withdrawn")
    Suppression.objects.create(kind_code="phone", value_hash=77, reason_code="erased", since=NOW)
    SearchKey.objects.create(key_hash=77, person_id=106)
    found = _reach()
    _adds_up(found)
    assert found.blocked == {"erasing": 1, "suppressed": 1, "minor": 2, "no_contact": 1}


def test_a_value_that_many_hold_or_that_ended_is_no_contact(chain, answers):
    PersonIdentifier.objects.filter(person_id=101).delete()
    _holds(101, "phone", hub=True)
    PersonIdentifier.objects.filter(person_id=102).update(valid_to=NOW)
    _holds(102, "openid")
    found = _reach()
    _adds_up(found)
    assert (found.reached, found.blocked["no_contact"], found.blocked["unasked"]) == (1, 2, 2)
    assert found.channels[2] == ChannelReach("wecom", 0, 4, 1)


def test_who_is_left_out_by_lot_is_told_apart(chain, answers):
    segment = segment_create(viewer=MARKETER, name="两单", rule=BUYS_TWICE, now=NOW)
    segment_refresh(segment_id=segment.pk, now=NOW)
    segment.refresh_from_db()
    lot = comparison_begin(viewer=MARKETER, segment=segment, held_share=0.5, today=TODAY, now=NOW)
    ids = np.arange(101, 109)
    held = held_out(ids, lot.held_share, lot.pk) & ~np.isin(ids, [103, 104, 105])
    found = _reach(segment=segment)
    _adds_up(found)
    assert found.blocked.get("held", 0) == held.sum()


def test_nobody_is_counted_for_an_empty_list(chain):
    found = reach_today(np.array([], dtype=np.int64), known_of([], today=TODAY, now=NOW))
    assert (found.members, found.reached, found.blocked) == (0, 0, {})
    _adds_up(found)


def test_of_many_it_is_what_the_job_read_of_everybody_with_its_time(chain, answers, monkeypatch):
    today = business_date(NOW)
    with counting(MARKETER, now=NOW) as desk:
        ids = desk.matching(desk.step(EVERYTHING)).ids()
    before = reach_today(ids, known_lately(ids, today=today, now=NOW))
    monkeypatch.setattr(reaching, "_MANY", 1)
    assert known_lately(ids, today=today, now=NOW) is None  # no job was at it
    known_ask(now=NOW)
    run_attempt(Job.objects.get(name="segments.known").pk, lambda: NOW)
    assert reach_today(ids, known_lately(ids, today=today, now=NOW)) == before  # the job read what the request had read
    assert (_reach(STRANGER).members, _reach(STRANGER).reached) == (0, 0)
    _says(106, "sms", "granted")
    later = NOW + timedelta(minutes=5)
    known = known_lately(ids, today=today, now=later)
    assert (known.read_at, known.is_fresh(today=today, now=NOW), known.is_fresh(today=today, now=later)) == (NOW, True, False)
    assert not known.is_fresh(today=today + timedelta(days=1), now=NOW)  # who comes of age is told anew
    assert reach_today(ids, known) == before
    known_keep(now=later)
    assert reach_today(ids, known_lately(ids, today=today, now=later)).reached == before.reached + 1
    assert reach_today(ids[:1], known_lately(ids[:1], today=today, now=NOW)).members == 1


@pytest.mark.parametrize("ids", [[], [0], [7], [1, 8, 64, 1_000_003], list(range(2_000))])
def test_marks_come_back_and_nobody_higher_is_marked(ids):
    marks = unmarked(marked(marks_of(np.array(ids[::-1], dtype=np.int64))))
    asked = sorted({*ids, 0, 6, 9, 1_999, 2_000, 2_001, 1_000_003, 1_000_004, 2**40})
    assert [one for one in asked if among(np.array([one], dtype=np.int64), marks)[0]] == [one for one in asked if one in set(ids)]
    assert np.flatnonzero(marks).tolist() == ids

"""The gate of outreach: children until their 14th birthday, who refuses, and who is found under an erased phone stay out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries import minors
from huitou.apps.identity.services import person_merge
from huitou.apps.privacy import outreach
from huitou.apps.privacy.consent import GUARDIANS, MINOR, granting
from huitou.apps.privacy.outreach import MARKETING, PERSONAL, barred, is_barred, kept_out, kept_out_why
from huitou.apps.privacy.services import ConsentRefused, consent_record, person_erase

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
AGENT = Viewer(7, "agent", None)
TODAY = date(2026, 11, 21)  # of the chain


@pytest.fixture
def family(chain):
    """Record 1 a child of 13 until tomorrow, 2 born on 29 February, 3 an adult, 4 of unknown age."""
    chain.apply("mall", [
        {"record_id": 1, "phone": "13912345678", "name": "王小宝", "phone_verified": True, "birthday": "2012-11-22"},
        {"record_id": 2, "phone": "13987654321", "name": "李小闰", "phone_verified": True, "birthday": "2016-02-29"},
        {"record_id": 3, "phone": "13711112222", "name": "王建国", "phone_verified": True, "birthday": "1980-01-01"},
        {"record_id": 4, "phone": "13733334444", "name": "赵没说", "phone_verified": True},
    ])  # fmt: skip
    return chain


def say(chain, person_id, answer="granted", *, channel="mother", purpose=MINOR, viewer=AGENT, minutes=0):
    return consent_record(
        viewer=viewer, person_id=person_id, channel=channel, purpose=purpose, answer=answer, source="counter", reason="asked",
        said_at=chain.now + timedelta(minutes=minutes), now=chain.now + timedelta(minutes=minutes),
    )  # fmt: skip


def test_a_child_stays_out_until_the_birthday_whatever_was_answered_and_no_job_has_to_run(family, monkeypatch):
    child, leap, adult, unknown = (family.persons()[number] for number in (1, 2, 3, 4))
    everybody = [child, leap, adult, unknown]
    say(family, child, channel="sms", purpose=MARKETING)
    say(family, child)
    for purpose in (MARKETING, PERSONAL):
        assert kept_out(purpose, today=TODAY) == kept_out(purpose, today=TODAY, person_ids=everybody) == {child, leap}
        assert kept_out(purpose, today=TODAY + timedelta(days=1)) == {leap}
        assert kept_out(purpose, today=date(2030, 2, 28)) == {leap}
        assert kept_out(purpose, today=date(2030, 3, 1)) == set()
    assert kept_out(MARKETING, today=TODAY, person_ids=[adult, unknown]) == set()
    monkeypatch.setattr(outreach, "_MANY", 1)  # of so many everybody is read and cut
    assert kept_out(MARKETING, today=TODAY, person_ids=[child, adult]) == {child}
    monkeypatch.undo()
    say(family, adult, "withdrawn", channel="sms", purpose=MARKETING)
    assert kept_out(MARKETING, today=TODAY) == {child, leap, adult}
    assert kept_out(PERSONAL, today=TODAY) == {child, leap}
    assert barred(today=TODAY, person_ids=[leap, adult]) == {leap}


def test_a_guardian_answers_for_a_child_alone_and_is_remembered_with_who_and_when(family):
    child, adult = family.persons()[1], family.persons()[3]
    for person, channel, code in ((adult, "mother", "of_age"), (child, "sms", "unknown"), (child, "aunt", "unknown")):
        with pytest.raises(ConsentRefused, match=code):
            say(family, person, channel=channel)
    with pytest.raises(ConsentRefused, match="unknown"):  # a guardian answers nothing else
        say(family, child, channel=GUARDIANS[0], purpose=MARKETING)
    with pytest.raises(ConsentRefused, match="not_found"):
        say(family, child, viewer=Viewer(8, "store_manager", frozenset({99})))
    row = say(family, child)
    assert (row.channel_code, row.by, row.said_at) == ("mother", 7, family.now)
    assert set(granting(MINOR)) == {child}
    say(family, child, "withdrawn", channel="father", minutes=1)
    assert set(granting(MINOR)) == set()  # the other one refuses


def test_a_merge_and_a_corrected_birthday_move_the_line(family):
    child, unknown = family.persons()[1], family.persons()[4]
    person_merge(person_id=unknown, other_id=child, by=7, reason="", now=family.now)
    (one,) = minors(today=TODAY) - {family.persons()[2]}
    assert one == family.persons()[1]
    family.apply("mall", [{
        "record_id": 2, "phone": "13987654321", "name": "李小闰", "phone_verified": True, "birthday": "1996-02-29",
    }])  # fmt: skip
    assert minors(today=TODAY) == {one}
    person_erase(person_id=one, by=7, reason_code="asked", now=family.now)
    assert not Person.objects.exclude(of_age_on=None).exists()


@pytest.mark.parametrize("few", [0, 500])
def test_few_are_asked_by_their_own_keys_and_many_by_those_of_the_erased(family, few, monkeypatch):
    monkeypatch.setattr(outreach, "_FEW", few)
    erased, other = family.persons()[3], family.persons()[4]
    person_erase(person_id=erased, by=7, reason_code="asked", now=family.now)
    family.apply("pos", [{"record_id": 11, "phone": "13711112222", "name": "王建国", "phone_verified": True}])
    back = family.persons()[11]
    why = kept_out_why(MARKETING, today=TODAY, person_ids=[back, other])
    assert why == {"erasing": set(), "suppressed": {back}, "minor": set(), "refused": set()}
    assert is_barred(why)
    assert barred(today=TODAY, person_ids=[back, other]) == {back}
    asked = kept_out_why(MARKETING, today=TODAY, person_ids=[other])
    assert not is_barred(asked)
    assert kept_out_why(MARKETING, today=TODAY, person_ids=[])["suppressed"] == set()
    say(family, other, "withdrawn", channel="sms", purpose=MARKETING)
    refused = kept_out_why(MARKETING, today=TODAY, person_ids=[other])
    assert (refused["refused"], is_barred(refused)) == ({other}, False)  # a refusal bars from what was refused alone


def test_whoever_comes_back_under_an_erased_phone_stays_out(family):
    person_erase(person_id=family.persons()[3], by=7, reason_code="asked", now=family.now)
    assert kept_out(MARKETING, today=date(2040, 1, 1)) == set()
    family.apply("pos", [{"record_id": 9, "phone": "13711112222", "name": "王建国"}])
    back = family.persons()[9]
    assert kept_out(MARKETING, today=date(2040, 1, 1)) == barred(today=date(2040, 1, 1), person_ids=[back]) == {back}


def test_a_child_that_was_written_long_ago_is_of_age_without_being_written_again(family):
    Person.objects.filter(pk=family.persons()[1]).update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert family.persons()[1] in minors(today=TODAY)
    assert family.persons()[1] not in minors(today=TODAY + timedelta(days=1))

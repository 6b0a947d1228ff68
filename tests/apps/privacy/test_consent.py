"""Consent is appended, follows the person through merge, undo and split, and goes with an erasure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.identity.services import identity_undo, person_merge, person_split
from huitou.apps.privacy.consent import consent_file
from huitou.apps.privacy.models import Consent
from huitou.apps.privacy.services import (
    ConsentRefused,
    KeptAnswer,
    consent_record,
    consents_take_over,
    person_copy,
    person_erase,
)

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
HEADQUARTERS = Viewer(7, "agent", None)
STRANGER = Viewer(8, "store_manager", frozenset({99}))


@pytest.fixture
def two(chain):
    """Records 1 and 3 are one person, 2 another; both of store 1."""
    chain.apply("mall", [
        {"record_id": 1, "phone": "13912345678", "name": "王小芳", "phone_verified": True},
        {"record_id": 2, "phone": "13987654321", "name": "李雷", "phone_verified": True},
    ])  # fmt: skip
    chain.apply("pos", [{"record_id": 3, "phone": "13912345678"}])
    return chain


def say(chain, person_id: int, answer: str, *, channel: str = "sms", days_ago: int = 0, **other: object) -> Consent:
    values = {"viewer": HEADQUARTERS, "purpose": "marketing", "source": "counter", "reason": "asked"} | other
    moment = chain.now - timedelta(days=days_ago)
    return consent_record(person_id=person_id, channel=channel, answer=answer, said_at=moment, now=chain.now, **values)


def answers(person_id: int, viewer: Viewer = HEADQUARTERS) -> dict[str, str]:
    return {cell[0]: entry.answer.value for cell, entry in consent_file(viewer, person_id).current.items()}


def test_rows_are_appended_and_an_old_agreement_stored_late_does_not_undo_a_refusal(two):
    person = two.persons()[1]
    say(two, person, "granted", days_ago=9)
    say(two, person, "withdrawn", days_ago=2)
    say(two, person, "granted", days_ago=5)
    assert answers(person) == {"sms": "withdrawn"}
    assert [entry.answer.value for entry in consent_file(HEADQUARTERS, person).entries] == ["withdrawn", "granted", "granted"]


def test_strictest_wins_on_a_merge_and_survives_its_undo(two):
    first, second = two.persons()[1], two.persons()[2]
    say(two, first, "granted")
    say(two, second, "withdrawn", days_ago=300)
    say(two, second, "granted", channel="phone")
    merge = person_merge(person_id=first, other_id=second, by=7, reason="", now=two.now)
    assert answers(first) == {"sms": "withdrawn", "phone": "granted"}
    say(two, first, "withdrawn", channel="email")
    identity_undo(event_id=merge.pk, by=7, reason="", now=two.now + timedelta(minutes=1))
    assert answers(first) == {"sms": "withdrawn", "phone": "granted", "email": "withdrawn"}
    assert answers(second) == {"sms": "withdrawn", "phone": "granted", "email": "withdrawn"}


def test_a_split_takes_refusals_along_and_no_agreement(two):
    person = two.persons()[1]
    say(two, person, "withdrawn")
    say(two, person, "granted", channel="phone")
    person_split(person_id=person, record_ids=[3], by=7, reason="", now=two.now + timedelta(minutes=1))
    other = two.persons()[3]
    assert other != person
    assert answers(other) == {"sms": "withdrawn"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"channel": "fax"}, "unknown"), ({"purpose": "fun"}, "unknown"), ({"reason": ""}, "unknown"),
        ({"source": "change"}, "unknown"), ({"viewer": STRANGER}, "not_found"), ({"days_ago": -1}, "future"),
    ],
)  # fmt: skip
def test_what_is_unknown_out_of_reach_or_not_yet_is_refused(two, wrong: dict[str, object], code: str):
    with pytest.raises(ConsentRefused, match=code):
        say(two, two.persons()[1], **{"answer": "granted", **wrong})
    assert not Consent.objects.exists()


def test_a_stranger_sees_nothing_the_copy_has_all_and_an_erasure_takes_all(two):
    first, second = two.persons()[1], two.persons()[2]
    Person.objects.update(home_store_id=1)
    say(two, second, "withdrawn", days_ago=300)
    person_merge(person_id=first, other_id=second, by=7, reason="", now=two.now)
    assert answers(first, STRANGER) == {}
    assert len(person_copy(person_id=first, by=7, now=two.now)["consent"]) == 2  # of the file that went, and carried over
    person_erase(person_id=first, by=7, reason_code="asked", now=two.now)
    assert not Consent.objects.exists()


def test_answers_kept_elsewhere_are_taken_over_by_the_same_rules(two):
    person, other = two.persons()[1], two.persons()[2]
    say(two, person, "withdrawn", days_ago=2)
    long_ago, kept = two.now - timedelta(days=300), ("sms", "marketing", "granted", "online")
    answers_kept = [KeptAnswer(one, *kept, long_ago) for one in (person, other, 999_999)]
    assert consents_take_over(viewer=HEADQUARTERS, answers=answers_kept, now=two.now) == 2
    assert answers(person) == {"sms": "withdrawn"}, "an older agreement took a refusal back"
    assert answers(other) == {"sms": "granted"}
    assert consents_take_over(viewer=STRANGER, answers=answers_kept, now=two.now) == 0
    told = AuditEvent.objects.filter(action_code="privacy.consents").order_by("pk").values_list("user_id", "detail")
    assert [(user, (detail["answers"], detail["left_out"])) for user, detail in told] == [
        (HEADQUARTERS.user_id, (2, 1)), (STRANGER.user_id, (0, 3)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"channel": "fax"}, "unknown"), ({"answer": "maybe"}, "unknown"), ({"purpose": "minor"}, "unknown"),
        ({"said_at": 1}, "future"),
    ],
)  # fmt: skip
def test_one_wrong_answer_refuses_all_that_were_kept_elsewhere(two, wrong, code):
    good = KeptAnswer(two.persons()[1], "sms", "marketing", "granted", "online", two.now)
    if "said_at" in wrong:
        wrong = {"said_at": two.now + timedelta(seconds=wrong["said_at"])}
    with pytest.raises(ConsentRefused) as error:
        consents_take_over(viewer=HEADQUARTERS, answers=[good, replace(good, **wrong)], now=two.now)
    assert error.value.code == code
    assert not Consent.objects.exists()

"""Erasures that wait: due after the delay in force, cancelled until then, out of marketing meanwhile, kept by a restore."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.services import persons_forget
from huitou.apps.identity.models import Identifier, Membership, PersonIdentifier, SourceRecord
from huitou.apps.identity.services import person_merge
from huitou.apps.intake.documents import document_keys_write
from huitou.apps.intake.models import Document
from huitou.apps.privacy.erasures import delay_days, erasures_missing, erasures_waiting
from huitou.apps.privacy.models import Erasure, ErasureDelay, ErasureRequest, Suppression
from huitou.apps.privacy.outreach import MARKETING, barred, kept_out
from huitou.apps.privacy.services import (
    ErasureRefused,
    PersonNotFound,
    delay_save,
    erasure_cancel,
    erasure_request,
    erasure_requests_import,
    erasures_run,
    missing_choose,
    missing_close,
    person_copy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
ADMIN = Viewer(7, "admin", None)
STRANGER = Viewer(8, "store_manager", frozenset({99}))
DAY = timedelta(days=1)


@pytest.fixture
def two(chain):
    chain.apply("mall", [
        {"record_id": 1, "phone": "13912345678", "name": "王小芳", "phone_verified": True},
        {"record_id": 2, "phone": "13987654321", "name": "李雷", "phone_verified": True},
    ])  # fmt: skip
    return chain


def ask(chain, person_id, *, viewer=ADMIN):
    return erasure_request(viewer=viewer, person_id=person_id, reason_code="asked", now=chain.now)


@pytest.mark.parametrize(("days", "is_taken"), [(0, True), (1, True), (15, True), (16, False), (-1, False)])
def test_the_delay_is_0_to_15_days(two, days: int, is_taken: bool):
    assert delay_days() == 0
    if is_taken:
        delay_save(days=days, by=7, now=two.now)
        assert delay_days() == days
        assert ErasureDelay.objects.exists() == (days > 0)  # the delay in force is no change
    else:
        with pytest.raises(ErasureRefused):
            delay_save(days=days, by=7, now=two.now)
        with pytest.raises(IntegrityError), transaction.atomic():  # nor past the service
            ErasureDelay.objects.create(days=days, saved_at=two.now, by=7)


def test_a_person_is_erased_when_the_day_has_come_and_not_before(two):
    person, other = two.persons()[1], two.persons()[2]
    delay_save(days=15, by=7, now=two.now)
    asked = ask(two, person)
    delay_save(days=2, by=7, now=two.now)
    assert ask(two, person) == asked  # the first day stays
    assert asked.due_at == two.now + 15 * DAY
    assert not Job.objects.filter(name="privacy.erase_due").exists()
    assert kept_out(MARKETING, today=two.now.date()) == barred(today=two.now.date(), person_ids=[person, other]) == {person}
    assert erasures_run(now=asked.due_at - timedelta(seconds=1)) == 0
    assert "erasure_requests" in person_copy(person_id=person, by=7, now=two.now)
    assert Person.objects.get(pk=person).is_live
    assert erasures_run(now=asked.due_at) == 1
    assert not Person.objects.get(pk=person).is_live
    assert Person.objects.get(pk=other).is_live
    assert (Erasure.objects.get().person_id, Erasure.objects.get().by) == (person, 7)
    assert erasures_run(now=asked.due_at + DAY) == 0
    assert erasures_waiting(ADMIN) == []
    assert kept_out(MARKETING, today=two.now.date()) == set()
    actions = AuditEvent.objects.filter(subject_kind="person", subject_id=str(person)).values_list("action_code", flat=True)
    assert {"privacy.erase_asked", "privacy.erase"} <= set(actions)


def test_it_is_cancelled_until_then_by_who_sees_the_person(two):
    person = two.persons()[1]
    delay_save(days=3, by=7, now=two.now)
    asked = ask(two, person)
    with pytest.raises(PersonNotFound):
        ask(two, person, viewer=STRANGER)
    assert erasures_waiting(STRANGER) == []
    with pytest.raises(PersonNotFound):
        erasure_cancel(viewer=STRANGER, request_id=asked.pk, now=two.now)
    with pytest.raises(ErasureRefused):
        erasure_cancel(viewer=ADMIN, request_id=asked.pk, now=asked.due_at)
    assert erasure_cancel(viewer=ADMIN, request_id=asked.pk, now=asked.due_at - timedelta(seconds=1)) == person
    with pytest.raises(PersonNotFound):  # it is over
        erasure_cancel(viewer=ADMIN, request_id=asked.pk, now=two.now)
    assert erasures_run(now=asked.due_at + DAY) == 0
    assert Person.objects.get(pk=person).is_live
    assert barred(today=two.now.date()) == set()
    assert ask(two, person).pk != asked.pk


def test_a_request_follows_the_person_into_a_merge(two):
    first, second = two.persons()[1], two.persons()[2]
    delay_save(days=3, by=7, now=two.now)
    asked = ask(two, second)
    person_merge(person_id=first, other_id=second, by=7, reason="", now=two.now)
    assert [one.person_id for one in erasures_waiting(ADMIN, person_id=first)] == [first]
    assert barred(today=two.now.date()) == {first}
    assert ask(two, first) == asked
    assert erasures_run(now=asked.due_at) == 1
    assert not Person.objects.filter(is_live=True).exists()


def test_one_that_fails_waits_and_keeps_nobody_else_waiting(two, monkeypatch):
    first, second = two.persons()[1], two.persons()[2]
    ask(two, first)
    ask(two, second)
    assert Job.objects.filter(name="privacy.erase_due").count() == 1  # without a delay the work is planned at once
    module = import_module("huitou.apps.privacy.services.erasure_run")
    real = module.person_erase

    def fail(*, person_id, **told):
        if person_id == first:
            raise OSError("disk full")
        return real(person_id=person_id, **told)

    monkeypatch.setattr(module, "person_erase", fail)
    with pytest.raises(OSError, match="disk full"):
        erasures_run(now=two.now)
    assert [one.person_id for one in erasures_waiting(ADMIN)] == [first]
    assert not Person.objects.get(pk=second).is_live
    with pytest.raises(ErasureRefused):  # it was begun
        erasure_cancel(viewer=ADMIN, request_id=ErasureRequest.objects.get(state="running").pk, now=two.now)
    monkeypatch.undo()
    assert erasures_run(now=two.now) == 1


@pytest.fixture
def older_backup(two):
    """The second person asked; then a backup came back that is older than that person. Return the id and the records' keys."""
    document_keys_write([1, 2], [1001, 1002])
    first, second = two.persons()[1], two.persons()[2]
    delay_save(days=3, by=7, now=two.now)
    ask(two, second)
    ErasureRequest.objects.all().delete()
    Membership.objects.filter(record_id=2).delete()
    Identifier.objects.filter(record_id=2).delete()
    PersonIdentifier.objects.filter(person_id=second).delete()
    SourceRecord.objects.filter(pk=2).delete()
    persons_forget([second], now=two.now)
    Document.objects.filter(pk=2).delete()
    assert erasure_requests_import() == 1
    return two, first, second


def test_a_request_of_somebody_newer_than_the_backup_waits_for_the_records(older_backup):
    chain, first, gone = older_backup
    late = chain.now + 9 * DAY
    assert erasure_requests_import() == 0
    assert (erasures_run(now=late), len(erasures_missing(ADMIN)), erasures_missing(STRANGER)) == (0, 1, [])
    assert Suppression.objects.filter(value_hash=keyring().hash("phone", "13987654321")).exists()
    chain.apply("mall", [{"record_id": 3, "phone": "13987654321", "name": "李雷", "phone_verified": True}])
    document_keys_write([3], [1002])
    back = chain.persons()[3]
    assert back > gone > first  # no id is given twice
    assert kept_out(MARKETING, today=chain.now.date()) == {back}
    assert erasures_run(now=chain.now) == 0  # not before its day
    assert [one.person_id for one in erasures_waiting(ADMIN)] == [back]
    assert actions("privacy.erase_found") == [(str(back), None)]
    assert erasures_run(now=late) == 1
    assert (Person.objects.get(pk=back).is_live, Person.objects.get(pk=first).is_live) == (False, True)
    assert erasures_missing(ADMIN) == []

    ErasureRequest.objects.all().delete()  # the same backup again: the journal knows that the request went on to who came back
    assert erasure_requests_import() == 0


@pytest.fixture
def scattered(older_backup):
    """The records of the missing person came back to two. Return the request and both."""
    chain, first, _gone = older_backup
    ErasureRequest.objects.update(record_keys=[1001, 1002])
    chain.apply("mall", [{"record_id": 3, "phone": "13700000000", "name": "赵六", "phone_verified": True}])
    document_keys_write([3], [1002])
    assert erasures_run(now=chain.now + 9 * DAY) == 0
    (one,) = erasures_missing(ADMIN)
    return chain, one, first, chain.persons()[3]


def actions(code):
    return list(AuditEvent.objects.filter(action_code=code).order_by("pk").values_list("subject_id", "user_id"))


@pytest.mark.parametrize("several", [False, True])
def test_records_that_came_back_to_several_persons_are_left_to_people(scattered, several):
    chain, one, first, second = scattered
    assert one.person_ids == (first, second)
    chosen, late = ([first, second] if several else [second]), chain.now + 9 * DAY
    for viewer, ids, refusal in (
        (STRANGER, chosen, PersonNotFound),
        (ADMIN, [], ErasureRefused),
        (ADMIN, [second + 1], ErasureRefused),
    ):
        with pytest.raises(refusal):
            missing_choose(viewer=viewer, request_id=one.request_id, person_ids=ids, now=late)
    assert erasures_waiting(ADMIN) == []
    assert missing_choose(viewer=ADMIN, request_id=one.request_id, person_ids=chosen, now=late) == chosen
    assert (erasures_missing(ADMIN), [row.person_id for row in erasures_waiting(ADMIN)]) == ([], chosen)
    assert actions("privacy.erase_chosen") == [(str(person), 7) for person in chosen]
    assert Job.objects.filter(name="privacy.erase_due").count() == 1
    with pytest.raises(PersonNotFound):  # it was decided
        missing_close(viewer=ADMIN, request_id=one.request_id, reason_code="gone", now=late)
    ErasureRequest.objects.all().delete()  # a restore to before the decision asks for the same persons again
    assert erasure_requests_import() == len(chosen)
    assert [row.person_id for row in erasures_waiting(ADMIN)] == chosen
    assert erasures_run(now=late) == len(chosen)
    assert Person.objects.get(pk=first).is_live != several


def test_who_waits_already_is_erased_on_the_earlier_of_both_days(scattered):
    """The person asked once more before it was decided who had asked; a restore brings the earlier day back, too."""
    chain, one, _first, second = scattered
    delay_save(days=15, by=7, now=chain.now)
    own = erasure_request(viewer=ADMIN, person_id=second, reason_code="asked", now=chain.now + 9 * DAY)
    backup = list(ErasureRequest.objects.values())
    missing_choose(viewer=ADMIN, request_id=one.request_id, person_ids=[second], now=chain.now + 9 * DAY)
    (waiting,) = erasures_waiting(ADMIN)
    assert (waiting.request_id, waiting.due_at) == (own.pk, one.due_at)
    assert one.due_at < own.due_at
    assert actions("privacy.erase_chosen") == [(str(second), 7)]
    ErasureRequest.objects.all().delete()
    ErasureRequest.objects.bulk_create(ErasureRequest(**row) for row in backup)
    assert erasure_requests_import() == 2
    assert [(row.request_id, row.due_at) for row in erasures_waiting(ADMIN)] == [(own.pk, one.due_at)]
    assert (erasures_missing(ADMIN), erasure_requests_import()) == ([], 0)


def test_a_request_that_finds_nobody_is_ended_for_a_reason_and_stays_ended(older_backup):
    chain, _first, _gone = older_backup
    (one,) = erasures_missing(ADMIN)
    backup = list(ErasureRequest.objects.values())
    assert one.person_ids == ()
    for viewer, reason, refusal in ((STRANGER, "gone", PersonNotFound), (ADMIN, "because", ErasureRefused)):
        with pytest.raises(refusal):
            missing_close(viewer=viewer, request_id=one.request_id, reason_code=reason, now=chain.now)
    assert len(erasures_missing(ADMIN)) == 1
    missing_close(viewer=ADMIN, request_id=one.request_id, reason_code="gone", now=chain.now)
    assert erasures_missing(ADMIN) == []
    assert actions("privacy.erase_closed") == [(str(one.request_id), 7)]
    assert Suppression.objects.filter(value_hash=keyring().hash("phone", "13987654321")).exists()
    ErasureRequest.objects.all().delete()
    assert erasure_requests_import() == 0
    ErasureRequest.objects.bulk_create(ErasureRequest(**row) for row in backup)  # a backup in which it still waits
    assert (erasure_requests_import(), erasures_missing(ADMIN)) == (1, [])


def test_a_restore_brings_requests_and_their_cancellation_back(two):
    first, second = two.persons()[1], two.persons()[2]
    delay_save(days=3, by=7, now=two.now)
    early = ask(two, first)
    backup = list(ErasureRequest.objects.values())
    erasure_cancel(viewer=ADMIN, request_id=early.pk, now=two.now + DAY)
    late = ask(two, second)
    ErasureRequest.objects.all().delete()
    ErasureRequest.objects.bulk_create(ErasureRequest(**row) for row in backup)
    assert erasure_requests_import() == 2
    assert erasure_requests_import() == 0
    assert [(one.person_id, one.due_at) for one in erasures_waiting(ADMIN)] == [(second, late.due_at)]
    assert ErasureRequest.objects.get(person_id=first).state == "cancelled"
    assert erasures_run(now=late.due_at) == 1
    assert Person.objects.get(pk=first).is_live

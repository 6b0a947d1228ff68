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
    module = import_module("huitou.apps.privacy.services.erasure_request")
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
    assert erasures_run(now=late) == 1
    assert (Person.objects.get(pk=back).is_live, Person.objects.get(pk=first).is_live) == (False, True)
    assert erasures_missing(ADMIN) == []


def test_records_that_came_back_to_several_persons_are_left_to_people(older_backup):
    chain, first, _gone = older_backup
    ErasureRequest.objects.update(record_keys=[1001, 1002])
    chain.apply("mall", [{"record_id": 3, "phone": "13700000000", "name": "赵六", "phone_verified": True}])
    document_keys_write([3], [1002])
    assert erasures_run(now=chain.now + 9 * DAY) == 0
    assert len(erasures_missing(ADMIN)) == 1
    assert Person.objects.get(pk=first).is_live


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

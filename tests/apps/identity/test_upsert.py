"""One record at a time: whose it is, at once, with evidence, and one person however many bring it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from tests.apps.identity_chain import NOW, Chain

from huitou.apps.customers.models import Person
from huitou.apps.identity.models import IdentityEvent, ResolveMark, SourceRecord
from huitou.apps.identity.services import CustomerRecord, Outcome, map_resolve, record_upsert, records_upsert
from huitou.apps.intake.services import document_reserve

PHONE = "13912345678"


def customer(source_id: str, *, source: str = "mall", version: int = 0, **texts: str) -> CustomerRecord:
    return CustomerRecord(source, source_id, texts, NOW + timedelta(minutes=version), phone_verified=True)


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S21", "S22")
def test_a_record_joins_opens_or_raises_a_question_and_says_why(chain: Chain):
    first = record_upsert(customer("A1", phone=PHONE, name="王小芳", gender="女"), now=NOW)
    assert (first.outcome, first.evidence, first.question_ids) == (Outcome.NEW, (), ())
    joined = record_upsert(customer("P1", source="pos", phone="+86 139 1234 5678", name="王小芳"), now=NOW)
    assert (joined.outcome, joined.person_id) == (Outcome.JOINED, first.person_id)
    assert [link.kind_code for link in joined.evidence] == ["phone"]
    event = IdentityEvent.objects.latest("pk")
    assert (event.kind_code, event.detail["evidence"]) == ("join", {"phone": 1})
    queued = record_upsert(customer("P2", source="pos", phone=PHONE, name="李雷", gender="男"), now=NOW)
    assert queued.outcome is Outcome.QUEUED
    assert queued.question_ids
    assert queued.person_id != first.person_id
    assert not ResolveMark.objects.exists()


@pytest.mark.django_db
def test_the_same_record_again_changes_nothing_and_its_batch_finds_the_same_id(chain: Chain):
    first = record_upsert(customer("A1", phone=PHONE), now=NOW)
    before = IdentityEvent.objects.count(), list(SourceRecord.objects.values())
    assert record_upsert(customer("A1", phone=PHONE), now=NOW + timedelta(hours=1)) == first
    assert record_upsert(customer("A1", version=-5, phone="13987654321"), now=NOW) == first
    assert (IdentityEvent.objects.count(), list(SourceRecord.objects.values())) == before
    assert document_reserve(source_code="mall", kind_code="customer", key="A1") == first.record_id
    moved = record_upsert(customer("A1", version=5, phone="13987654321"), now=NOW)
    assert (moved.record_id, moved.person_id) == (first.record_id, first.person_id)
    with pytest.raises(ValueError, match="no such fields"):
        record_upsert(customer("A2", fone=PHONE), now=NOW)


@pytest.mark.django_db
def test_many_at_once_give_what_one_by_one_gives(chain: Chain):
    records = [customer(f"A{at}", phone=f"139{at % 4}2{at % 4}5{at % 4}178", name="王小芳") for at in range(8)]
    together = records_upsert(records, now=NOW)
    assert len({told.person_id for told in together}) == 4
    assert [told.outcome for told in records_upsert(records, now=NOW)] == [Outcome.JOINED] * 8
    assert Person.objects.filter(is_live=True).count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.db_both
@pytest.mark.accept("S22")
def test_four_workers_who_bring_one_person_at_the_same_time_make_one():
    def work(at: int) -> int:
        try:
            return record_upsert(
                customer(f"W{at}", source=("mall", "pos")[at % 2], phone=PHONE, name="王小芳"), now=NOW
            ).person_id
        finally:
            connection.close()

    # the shared in-memory SQLite of the tests has no waiting writers: there the workers take turns
    with ThreadPoolExecutor(4 if connection.vendor == "postgresql" else 1) as workers:
        persons = set(workers.map(work, range(8)))
    assert len(persons) == 1
    assert Person.objects.filter(is_live=True).count() == 1
    assert Person.objects.get(is_live=True).record_count == 8


@pytest.mark.django_db
@pytest.mark.accept("S22")
def test_without_a_shared_number_name_and_birthday_decide_as_they_do_in_a_batch(chain: Chain):
    person = {"name": "欧阳静怡", "birthday": "1990-02-03", "gender": "女"}
    chain.apply(
        "mall", [{"record_id": 901, "phone": PHONE, **person}, {"record_id": 902, "name": "李雷", "birthday": "1990-02-03"}]
    )
    known = chain.persons()[901]
    told = record_upsert(customer("T1", source="pos", **person), now=NOW)
    assert (told.outcome, told.person_id) == (Outcome.JOINED, known)
    assert [link.kind_code for link in told.evidence] == ["similar"]
    assert record_upsert(customer("T2", source="pos", name="王平", birthday="1990-02-03"), now=NOW).outcome == Outcome.NEW
    before = chain.persons()
    map_resolve(changed=None, now=NOW)
    assert chain.persons() == before

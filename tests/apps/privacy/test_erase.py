"""Erasure and copy of one person: every trace goes, nobody else's does."""

import json
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from huitou.apps.base.models import AuditEvent
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open
from huitou.apps.identity.content import content_open
from huitou.apps.identity.models import SourceRecord
from huitou.apps.privacy import queries
from huitou.apps.privacy.models import Erasure, Suppression
from huitou.apps.privacy.services import PersonNotFound, erasures_replay, person_copy, person_erase
from huitou.warehouse.landing.read import read_table

pytestmark = pytest.mark.django_db

CANARIES = {
    "name": "王金雀", "phone": "15800001234", "member_card": "66018877665544", "wx_openid": "oCanary12345",
    "email": "canary@bird.cn", "address": "金丝雀市鸟笼路88号", "birthday": "1971-07-17",
}  # fmt: skip
OTHER = {"name": "李麻雀", "phone": "15800005678", "member_card": "66011122334455", "address": "麻雀市树枝路1号"}


@pytest.fixture
def two(chain):
    chain.apply(
        "mall", [{"record_id": 1, **CANARIES, "source_id": "SRC-CANARY", "phone_verified": True}, {"record_id": 2, **OTHER}]
    )
    chain.apply("pos", [{"record_id": 3, "member_card": CANARIES["member_card"]}])
    return chain


def dump():
    """Return all that the operations database holds: every row of every table, and every blob that decrypts."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"select * from {connection.ops.quote_name(table)}")
            texts += [str(row) for row in cursor.fetchall()]
    ring = keyring()
    texts += [json.dumps(profile_open(ring, person.pk, person.profile), ensure_ascii=False) for person in Person.objects.all()]
    texts += [content_open(ring, record.pk, record.fields).to_json() for record in SourceRecord.objects.all()]
    return "\n".join(texts)


def landed(chain):
    layout = chain.layout
    return str([
        read_table(layout, source, batch, table, keyring()).to_pylist()
        for batch, source in ((1, "mall"), (2, "pos")) for table in ("records", "identifiers")
    ])  # fmt: skip


def test_nothing_of_an_erased_person_is_left_and_others_stay(two):
    person = two.persons()[1]
    wanted = [*CANARIES.values(), "SRC-CANARY"]
    assert all(text in dump() for text in wanted)
    person_erase(person_id=person, by=7, reason_code="request", now=two.now)
    left, files = dump(), landed(two)
    assert [text for text in wanted if text in left or text in files] == []
    hashes = [str(keyring().hash(kind, CANARIES[kind])) for kind in ("name",)]
    assert [text for text in hashes if text in left] == []
    assert all(text in left for text in OTHER.values())
    assert OTHER["phone"] in files
    assert set(two.persons()) == {2}
    assert AuditEvent.objects.filter(action_code="privacy.erase", subject_id=str(person)).exists()


def test_an_erased_person_is_found_by_nobody_and_cannot_be_erased_twice(two):
    person = two.persons()[1]
    person_erase(person_id=person, by=7, reason_code="request", now=two.now)
    row = Person.objects.get(pk=person)
    assert (row.is_live, row.profile, row.erased_at) == (False, None, two.now)
    with pytest.raises(PersonNotFound):
        person_erase(person_id=person, by=7, reason_code="request", now=two.now)
    with pytest.raises(PersonNotFound):
        person_copy(person_id=person, by=7, now=two.now)


def test_what_is_imported_again_is_flagged_and_stays_suppressed(two):
    person_erase(person_id=two.persons()[1], by=7, reason_code="request", now=two.now)
    phone = keyring().hash("phone", CANARIES["phone"])
    assert queries.suppressed([phone, 5]) == {phone}
    assert queries.reimported_count() == 0
    two.apply("mall", [{"record_id": 9, "phone": "+86 158 0000 1234", "name": "王金雀"}])
    assert queries.suppressed([phone]) == {phone}
    assert queries.reimported_count() == 1
    assert Suppression.objects.get(value_hash=phone).reimported_at == two.now


def test_a_restore_replays_the_erasures(two):
    person = two.persons()[1]
    person_erase(person_id=person, by=7, reason_code="request", now=two.now)
    kept = list(Erasure.objects.values())
    state = dump()
    assert erasures_replay() == 1
    assert dump() == state
    assert list(Erasure.objects.values()) == kept


def test_an_exception_in_a_handler_keeps_everything(two, monkeypatch):
    before = dump()

    def fail(*_args, **_kwargs):
        raise RuntimeError("killed")

    monkeypatch.setattr(import_module("huitou.apps.privacy.services.person_erase"), "audit_record", fail)
    with pytest.raises(RuntimeError, match="killed"):
        person_erase(person_id=two.persons()[1], by=7, reason_code="request", now=two.now)
    assert dump() == before


def test_the_copy_holds_everything_of_the_person_and_nothing_of_others(two):
    copy = json.dumps(person_copy(person_id=two.persons()[1], by=7, now=two.now + timedelta(hours=1)), ensure_ascii=False)
    assert [text for text in [*CANARIES.values(), "SRC-CANARY"] if text not in copy] == []
    assert [text for text in OTHER.values() if text in copy] == []
    assert AuditEvent.objects.filter(action_code="privacy.copy").exists()


def test_every_table_is_searched_by_the_erasure_test():
    ours = [model for model in apps.get_models() if model.__module__.startswith("huitou.")]  # not what another test made
    assert {model._meta.db_table for model in ours} <= set(connection.introspection.table_names())

"""A backlog: stored in short transactions, resolved once from the landing, and taken up again wherever it was killed."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from tests.apps.identity_chain import NOW, Chain

from huitou.apps.base import pace
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, SearchKey
from huitou.apps.customers.profiles import profile_open
from huitou.apps.identity.component import stored_tables
from huitou.apps.identity.landed_view import landed_view
from huitou.apps.identity.models import (
    Edge,
    Identifier,
    IdentityEvent,
    Membership,
    PersonIdentifier,
    RecordKey,
    ResolveMark,
    SourceRecord,
)
from huitou.apps.identity.record_keys import keys_fill
from huitou.apps.identity.services import map_resolve, marked_resolve, person_merge, records_apply
from huitou.apps.intake.models import Batch, BatchState
from huitou.apps.intake.services import Lane, batches_apply, batches_store

pytestmark = pytest.mark.django_db

PHONE = "13912345678"
MALL = [
    {"record_id": 1, "phone": PHONE, "name": "王小芳", "phone_verified": True, "store_id": 7},
    {"record_id": 2, "phone": "13987654321", "name": "李雷", "email": "lilei@mail.cn"},
    {"record_id": 3, "name": "周五"},
    {
        "record_id": 4,
        "phone": "+86 139 1234 5678",
        "name": "赵六",
        "gender": "男",
        "birthday": "1990-02-03",
        "phone_verified": True,
    },
]
CARDS = [{"record_id": 5, "member_card": "66010001", "name": "王小芳", "address": "上海市静安区南京西路1号"}]
LISTED = [
    {"record_id": 5, "kind_code": "phone", "value": PHONE, "verified": True},
    {"record_id": 5, "kind_code": "card", "value": "6601-0001"},
    {"record_id": 6, "kind_code": "phone", "value": "13987654321"},
]


class Killed(Exception):
    """Stands for kill -9 between two transactions."""


def backlog(chain: Chain) -> None:
    """Land two batches that nobody has applied yet."""
    for source, records, identifiers in (("mall", MALL, []), ("membership", CARDS, LISTED)):
        landed = chain.land(source, records, identifiers)
        Batch.objects.create(id=landed.batch_id, source_code=source, manifest_sha256="", sealed_at=chain.now)


def written() -> dict[str, Any]:
    """Return what a load leaves behind, without the numbers that depend on how often it was begun."""
    rank = {person: place for place, person in enumerate(Person.objects.order_by("pk").values_list("pk", flat=True))}
    ring = keyring()
    return {
        "persons": [
            (rank[row.pk], profile_open(ring, row.pk, row.profile), row.home_store_id, row.record_count, row.source_count)
            for row in Person.objects.filter(is_live=True).order_by("pk")
        ],
        "keys": sorted((key, rank[person]) for key, person in SearchKey.objects.values_list("key_hash", "person_id")),
        "memberships": sorted((record, rank[person]) for record, person in _open_memberships()),
        "identifiers": sorted(
            (rank[row["person_id"]], row["kind_code"], row["value_hash"], row["verified"], str(row["valid_to"]), row["is_hub"])
            for row in PersonIdentifier.objects.values()
        ),
        "postings": sorted(Identifier.objects.values_list("record_id", "kind_code", "value_hash", "verified")),
        "edges": sorted(Edge.objects.values_list("record_a", "record_b", "kind_code", "evidence_code")),
        "contents": sorted(SourceRecord.objects.values_list("pk", "content_hash")),
        "marks": ResolveMark.objects.count(),
    }


def _open_memberships() -> list[tuple[int, int]]:
    return list(Membership.objects.filter(valid_to=None).values_list("record_id", "person_id"))


@pytest.fixture
def expected(chain: Chain) -> dict[str, Any]:
    """What the row-by-row way makes of the same rows, batch after batch; the tables are emptied again."""
    chain.apply("mall", MALL)
    chain.apply("membership", CARDS, LISTED)
    found = written()
    assert found["marks"] == 0
    for model in (Person, SearchKey, Edge, Identifier, IdentityEvent, Membership, PersonIdentifier, SourceRecord):
        model._default_manager.all().delete()
    chain.now = NOW
    return found


@pytest.mark.db_both
def test_the_landing_gives_the_persons_that_decrypting_gives(expected, chain):
    backlog(chain)
    assert batches_apply(now=chain.now) == [3, 4]
    assert landed_view() is not None
    assert written() == expected
    assert batches_apply(now=chain.now) == []


@pytest.mark.db_both
def test_keys_are_written_when_records_are_first_looked_at_and_again_where_they_are_lost(chain, monkeypatch):
    monkeypatch.setattr(import_module("huitou.apps.identity.services.records_store"), "_FEW", 0)
    backlog(chain)
    batches_store(Lane.LIVE, now=chain.now)
    assert not RecordKey.objects.exists()
    marked_resolve(now=chain.now)
    keys = set(RecordKey.objects.values_list("key_hash", "record_id"))
    assert {1, 2, 4, 5} <= {record_id for _, record_id in keys}
    for changed in (None, [4, 5]):  # as after a fill that was cut short
        RecordKey.objects.filter(record_id__gte=4).delete()
        map_resolve(changed=changed, now=chain.now)
        assert set(RecordKey.objects.values_list("key_hash", "record_id")) == keys


def test_who_is_erased_while_keys_are_written_leaves_none(chain):
    backlog(chain)
    batches_apply(now=chain.now)
    tables = stored_tables(None)
    RecordKey.objects.all().delete()
    SourceRecord.objects.filter(pk=4).update(fields=None)  # between the reading and the writing
    keys_fill(keyring(), *tables)
    assert not RecordKey.objects.filter(record_id=4).exists()
    assert RecordKey.objects.filter(record_id=5).exists()


@pytest.mark.accept("S3")
def test_a_load_killed_between_any_two_transactions_ends_as_if_it_had_not_been(expected, chain, monkeypatch):
    backlog(chain)
    monkeypatch.setattr(pace, "FEWEST", 1)
    monkeypatch.setattr(import_module("huitou.apps.identity.services.records_store"), "_FEW", 0)
    steps = 1
    while not _applied(chain, monkeypatch, steps=steps):
        steps += 1
    assert steps > 5
    assert written() == expected


def _applied(chain: Chain, monkeypatch: pytest.MonkeyPatch, *, steps: int) -> bool:
    """Apply the backlog until `steps` chunks have been written; False when that was not all."""
    left = iter(range(steps))
    cut: Callable[..., Any] = pace.Pace.cut

    def mortal(self: pace.Pace, items: Any) -> Any:
        self.rows = 1
        for part in cut(self, items):
            if next(left, None) is None:
                raise Killed
            yield part

    with monkeypatch.context() as patch:
        patch.setattr(pace.Pace, "cut", mortal)
        try:
            batches_apply(now=chain.now)
        except Killed:
            return False
    return not Batch.objects.exclude(state=BatchState.APPLIED).exists()


@pytest.mark.accept("S22")
def test_what_a_steward_decides_during_a_run_is_left_to_the_next(chain, monkeypatch):
    chain.apply("mall", [{"record_id": 1, "phone": PHONE}, {"record_id": 2, "phone": "13987654321"}])
    persons = chain.persons()
    module = import_module("huitou.apps.identity.services.map_resolve")
    matcher = module.component_resolve

    def slow(*args: Any) -> Any:
        found = matcher(*args)
        person_merge(person_id=persons[1], other_id=persons[2], by=1, reason="", now=chain.now)
        return found

    records_apply(chain.land("pos", [{"record_id": 3, "phone": PHONE}]))
    with monkeypatch.context() as patch:
        patch.setattr(module, "component_resolve", slow)
        map_resolve(changed=[3], now=chain.now)
    assert chain.groups() == {frozenset({1, 2})}
    assert ResolveMark.objects.count() == 2
    marked_resolve(now=chain.now)
    assert chain.groups() == {frozenset({1, 2, 3})}
    assert not ResolveMark.objects.exists()

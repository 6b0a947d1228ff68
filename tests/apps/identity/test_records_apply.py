"""From a landed batch to persons."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitou.apps.base import hooks
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person, SearchKey
from huitou.apps.customers.queries import person_file
from huitou.apps.identity import queries
from huitou.apps.identity.models import (
    Edge,
    HubValue,
    Identifier,
    IdentityEvent,
    Membership,
    PersonIdentifier,
    ReviewPair,
    SourceRecord,
)
from huitou.apps.identity.services import map_resolve, marked_resolve, records_apply, value_block

pytestmark = pytest.mark.django_db

TABLES = (Person, SearchKey, Edge, HubValue, Identifier, IdentityEvent, Membership, PersonIdentifier, ReviewPair, SourceRecord)
PHONE = "13912345678"
CHIEF = Viewer(1, "admin", None)
OUTSIDER = Viewer(2, "guide", frozenset({99}))


def everything():
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


@pytest.mark.db_both
@pytest.mark.accept("S2")
def test_four_records_under_four_keys_make_one_person_with_four_sources(chain):
    chain.apply("mall", [{"record_id": 1, "phone": "+86 139 1234 5678", "name": "王小芳", "wx_openid": "oAbc1234567"}])
    chain.apply("membership", [{"record_id": 2, "phone": PHONE, "member_card": "6601 2345 8842", "name": "王小芳"}])
    chain.apply("pos", [{"record_id": 3, "member_card": "660123458842"}])
    chain.apply("aftersales", [{"record_id": 4, "phone": "１３９１２３４５６７８"}])
    assert chain.groups() == {frozenset({1, 2, 3, 4})}
    person = Person.objects.get(is_live=True)
    assert (person.source_count, person.record_count, person.is_member) == (4, 4, True)
    sources = queries.source_records(CHIEF, person.pk)
    assert [view.source_code for view in sources] == ["mall", "membership", "pos", "aftersales"]
    assert all(view.received_at and view.source_id for view in sources)
    assert [link.kind_title for link in sources[2].joined_by] == ["卡号"]
    assert [link.kind_code for link in queries.why(CHIEF, 3, 4)] in (["card", "phone"], ["card", "phone", "phone"])
    assert queries.why(CHIEF, 1, 99) is None
    assert queries.why(OUTSIDER, 3, 4) is None


def test_the_same_batch_again_changes_nothing(chain):
    batch = chain.land("mall", [{"record_id": 1, "phone": PHONE, "phone_verified": True}, {"record_id": 2, "phone": PHONE}])
    assert records_apply(batch) == 2
    marked_resolve(now=batch.now)
    before = everything()
    assert records_apply(batch) == 0
    marked_resolve(now=batch.now)
    map_resolve(changed=None, now=batch.now)
    map_resolve(changed=[1], now=batch.now)
    after = everything()
    for model, rows in zip(TABLES, after, strict=True):
        if model not in (Person, PersonIdentifier, SearchKey):  # a named record has its person's file written anew
            assert rows == before[TABLES.index(model)], model


def test_an_exception_while_a_person_is_written_leaves_the_record_to_the_next_run(chain, monkeypatch):
    chain.apply("mall", [{"record_id": 1, "phone": PHONE}])
    before = chain.groups()
    batch = chain.land("pos", [{"record_id": 2, "phone": PHONE}, {"record_id": 3, "member_card": "66010001"}])

    def fail(*_args, **_kwargs):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(import_module("huitou.apps.identity.services.arrivals_resolve"), "hooks_run", fail)
        assert records_apply(batch) == 2
        with pytest.raises(RuntimeError, match="killed"):
            marked_resolve(now=batch.now)
    assert chain.groups() == before
    assert records_apply(batch) == 0
    marked_resolve(now=batch.now)
    assert chain.groups() == {frozenset({1, 2}), frozenset({3})}


def test_an_older_version_changes_nothing_and_a_newer_one_moves_the_record(chain):
    chain.apply("mall", [{"record_id": 1, "phone": PHONE}, {"record_id": 2, "phone": PHONE}])
    assert chain.apply("mall", [{"record_id": 2, "phone": "13987654321", "version_at": datetime(2020, 1, 1)}]) == 0  # noqa: DTZ001
    assert chain.groups() == {frozenset({1, 2})}
    person = chain.persons()[1]
    chain.apply("mall", [{"record_id": 2, "phone": "13987654321"}])
    assert chain.groups() == {frozenset({1}), frozenset({2})}
    assert chain.persons()[1] == person
    assert IdentityEvent.objects.filter(kind_code="split").count() == 1


def test_identifiers_may_come_before_their_record_and_end(chain):
    chain.apply("membership", identifiers=[{"record_id": 1, "kind_code": "card", "value": "66010001"}])
    chain.apply("pos", [{"record_id": 2, "member_card": "6601 0001"}])
    chain.apply("membership", [{"record_id": 1, "name": "王小芳", "member_card": "66010002"}])
    assert chain.groups() == {frozenset({1, 2})}
    ended = {"record_id": 1, "kind_code": "phone", "value": PHONE, "valid_to": datetime(2024, 1, 1)}  # noqa: DTZ001
    chain.apply("membership", identifiers=[ended])
    chain.apply("mall", [{"record_id": 3, "phone": PHONE}])
    assert chain.groups() == {frozenset({1, 2}), frozenset({3})}


def test_a_verified_phone_that_two_persons_claim_belongs_to_who_verified_it_last(chain):
    anna = {"phone": PHONE, "name": "王小芳", "gender": "女", "phone_verified": True}
    boris = {"phone": PHONE, "name": "李雷", "gender": "男", "phone_verified": True}
    chain.apply("mall", [{"record_id": 1, **anna}])
    chain.apply("mall", [{"record_id": 2, **boris}])
    persons = chain.persons()
    assert persons[1] != persons[2]
    owner = PersonIdentifier.objects.get(verified=True, kind_code="phone")
    assert owner.person_id == persons[2]
    assert ReviewPair.objects.get().reason_code == "contradiction"
    chain.apply("mall", [{"record_id": 1, **anna}])
    assert PersonIdentifier.objects.get(verified=True, kind_code="phone").person_id == persons[1]


def test_a_phone_that_becomes_a_hub_lets_everybody_go_and_is_listed(chain):
    for record in range(1, 15):
        chain.apply("pos", [{"record_id": record, "phone": PHONE, "store_id": 7}])
    assert len(chain.groups()) == 1
    chain.apply("pos", [{"record_id": 15, "phone": PHONE, "store_id": 7}, {"record_id": 16, "member_card": "66010001"}])
    assert len(chain.groups()) == 16
    (hub,) = queries.hub_list()
    assert (hub.value, hub.record_count, hub.store_id, hub.reason_code) == ("139****5678", 15, 7, "records")
    chain.apply("pos", [{"record_id": 17, "phone": PHONE}])
    assert len(chain.groups()) == 17
    assert not SearchKey.objects.filter(person_id=chain.persons()[17]).exists()
    assert "phone" not in person_file(CHIEF, chain.persons()[17]).fields


@pytest.mark.accept("S21")
def test_a_blocked_phone_parts_those_it_held_together_and_never_links_again(chain):
    chain.apply("mall", [{"record_id": 1, "phone": PHONE, "phone_verified": True}])
    chain.apply("pos", [{"record_id": 2, "phone": PHONE}])
    assert value_block(kind_code="phone", value="+86 139-1234-5678", by=1, now=chain.now)
    chain.apply("pos", [{"record_id": 3, "phone": PHONE}])
    map_resolve(changed=None, now=chain.now)
    assert chain.groups() == {frozenset({1}), frozenset({2}), frozenset({3})}
    assert not value_block(kind_code="phone", value="021-6234", by=1, now=chain.now)


def test_merges_by_the_matcher_reach_the_other_apps(chain, monkeypatch):
    told = []
    monkeypatch.setitem(hooks._handlers, hooks.Hook.MERGE, [told.append])
    chain.apply("mall", [{"record_id": 1, "phone": PHONE}, {"record_id": 2, "member_card": "66010001"}])
    before = chain.persons()
    chain.apply("membership", [{"record_id": 3, "phone": PHONE, "member_card": "66010001"}])
    (change,) = told
    assert change.closed_person_ids == (before[2],)
    assert [(move.record_id, move.from_person_id, move.to_person_id) for move in change.moves] == [(2, before[2], before[1])]
    event = IdentityEvent.objects.get(kind_code="merge")
    assert event.detail["evidence"] == {"card": 1}
    assert person_file(CHIEF, before[2]).person_id == before[1]


people = st.fixed_dictionaries(
    {},
    optional={
        "phone": st.sampled_from([PHONE, "13987654321", "13700001234"]),
        "member_card": st.sampled_from(["66010001", "66010002"]),
        "name": st.sampled_from(["王小芳", "李雷", "张伟"]),
        "gender": st.sampled_from(["男", "女"]),
        "phone_verified": st.booleans(),
    },
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(people, min_size=1, max_size=7))
def test_record_by_record_equals_one_batch(make_chain, rows):
    named = [{"record_id": at + 1, **row} for at, row in enumerate(rows)]
    found = []
    for batches in ([[row] for row in named], [named]):
        with transaction.atomic():
            chain = make_chain()
            for batch in batches:
                chain.apply("mall", batch)
            edges = set(Edge.objects.values_list("record_a", "record_b", "kind_code", "evidence_code"))
            review = set(ReviewPair.objects.values_list("record_a", "record_b", "reason_code"))
            found.append((chain.groups(), edges, review))
            transaction.set_rollback(True)
    assert found[0] == found[1]


def test_the_map_is_told_as_a_table_and_history_by_moment(chain):
    assert (queries.record_map().num_rows, queries.current_map_seq()) == (0, 0)
    chain.apply("mall", [{"record_id": 5, "phone": PHONE}, {"record_id": 3, "phone": PHONE}])
    assert queries.record_map().to_pydict()["record_id"] == [3, 5]
    changes, seq = queries.map_changes_since(0)
    assert changes.num_rows == 2
    assert seq == queries.current_map_seq()
    assert queries.as_of(3, datetime(2026, 1, 1, tzinfo=UTC)) is None

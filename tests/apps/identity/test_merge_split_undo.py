"""Changes of the map by hand and by matcher, and their undo."""

from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.identity import queries, services
from huitou.apps.identity.models import Decision, IdentityEvent, PersonIdentifier

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

ANNA = "13912345678"
BORIS = "13987654321"


@pytest.fixture
def two_persons(chain):
    chain.apply("mall", [
        {"record_id": 1, "phone": ANNA, "name": "王小芳", "phone_verified": True},
        {"record_id": 2, "phone": BORIS, "name": "李雷", "phone_verified": True},
    ])  # fmt: skip
    chain.apply("pos", [{"record_id": 3, "phone": ANNA}])
    return chain


def test_a_merge_keeps_the_larger_person_and_the_other_names_its_survivor(two_persons):
    before = two_persons.persons()
    services.person_merge(person_id=before[2], other_id=before[1], by=7, reason="同一人", now=two_persons.now)
    assert set(two_persons.persons().values()) == {before[1]}
    gone = Person.objects.get(pk=before[2])
    assert (gone.is_live, gone.merged_into_id, gone.profile) == (False, before[1], None)


def test_undo_of_a_merge_brings_back_the_same_map(two_persons):
    before = two_persons.persons()
    event = services.person_merge(person_id=before[2], other_id=before[1], by=7, reason="", now=two_persons.now)
    services.identity_undo(event_id=event.pk, by=7, reason="", now=two_persons.now)
    assert two_persons.persons() == before
    assert Person.objects.get(pk=before[2]).is_live


def test_merge_split_and_undo_bring_back_the_same_map(two_persons):
    before = two_persons.persons()
    merge = services.person_merge(person_id=before[1], other_id=before[2], by=7, reason="", now=two_persons.now)
    merged = two_persons.persons()
    split = services.person_split(person_id=before[1], record_ids=[3], by=7, reason="", now=two_persons.now)
    assert two_persons.groups() == {frozenset({1, 2}), frozenset({3})}
    services.identity_undo(event_id=split.pk, by=7, reason="", now=two_persons.now)
    assert two_persons.persons() == merged
    services.identity_undo(event_id=merge.pk, by=7, reason="", now=two_persons.now)
    assert two_persons.persons() == before


def test_an_undo_can_be_undone(two_persons):
    before = two_persons.persons()
    merge = services.person_merge(person_id=before[1], other_id=before[2], by=7, reason="", now=two_persons.now)
    merged = two_persons.persons()
    undo = services.identity_undo(event_id=merge.pk, by=7, reason="", now=two_persons.now)
    services.identity_undo(event_id=undo.pk, by=7, reason="", now=two_persons.now)
    assert two_persons.persons() == merged
    services.map_resolve(changed=None, now=two_persons.now)
    assert two_persons.persons() == merged


def test_a_record_that_moved_twice_goes_back_step_by_step_and_later_words_do_not_hold_it(two_persons):
    start = two_persons.persons()
    merge = services.person_merge(person_id=start[1], other_id=start[2], by=7, reason="", now=two_persons.now)
    split = services.person_split(person_id=start[1], record_ids=[2], by=7, reason="", now=two_persons.now)
    again = services.person_merge(person_id=start[1], other_id=two_persons.persons()[2], by=7, reason="", now=two_persons.now)
    for event in (again, split, merge):
        services.identity_undo(event_id=event.pk, by=7, reason="", now=two_persons.now)
    assert two_persons.persons() == start
    assert not Decision.objects.filter(retired_event_id=None).exists()
    services.map_resolve(changed=[1, 2, 3], now=two_persons.now)
    assert two_persons.persons() == start


def test_an_event_whose_records_moved_on_is_not_undone(two_persons):
    before = two_persons.persons()
    merge = services.person_merge(person_id=before[1], other_id=before[2], by=7, reason="", now=two_persons.now)
    services.person_split(person_id=before[1], record_ids=[2], by=7, reason="", now=two_persons.now)
    with pytest.raises(services.CannotUndo):
        services.identity_undo(event_id=merge.pk, by=7, reason="", now=two_persons.now)


def test_human_decisions_survive_the_next_run(two_persons):
    persons = two_persons.persons()
    services.person_split(person_id=persons[1], record_ids=[3], by=7, reason="", now=two_persons.now)
    services.person_merge(person_id=persons[1], other_id=persons[2], by=7, reason="", now=two_persons.now)
    decided = two_persons.persons()
    services.map_resolve(changed=None, now=two_persons.now)
    services.map_resolve(changed=[1, 2, 3], now=two_persons.now)
    assert two_persons.persons() == decided


def test_undoing_what_the_matcher_joined_is_not_repeated_by_it(two_persons):
    join = IdentityEvent.objects.get(kind_code="join")
    services.identity_undo(event_id=join.pk, by=7, reason="", now=two_persons.now)
    apart = two_persons.groups()
    assert apart == {frozenset({1}), frozenset({2}), frozenset({3})}
    services.map_resolve(changed=[1, 3], now=two_persons.now)
    assert two_persons.groups() == apart


def test_a_person_can_only_be_split_into_proper_parts(two_persons):
    person = two_persons.persons()[1]
    for part in ([], [1, 3], [2], [1, 2]):
        with pytest.raises(services.NotAProperPart):
            services.person_split(person_id=person, record_ids=part, by=7, reason="", now=two_persons.now)


def test_history_knows_every_moment(two_persons):
    persons = two_persons.persons()
    early = two_persons.now
    late = two_persons.land("pos")
    event = services.person_merge(person_id=persons[1], other_id=persons[2], by=7, reason="", now=late.now)
    assert queries.as_of(2, early) == persons[2]
    assert queries.as_of(2, late.now) == persons[1]
    assert queries.identity_events(Viewer(1, "admin", None), persons[1])[0].event_id == event.pk
    assert queries.identity_events(Viewer(2, "guide", frozenset({99})), persons[1]) == []


def test_map_changes_are_told_once(two_persons):
    persons = two_persons.persons()
    seq = queries.current_map_seq()
    services.person_merge(person_id=persons[1], other_id=persons[2], by=7, reason="", now=two_persons.now)
    changes, last = queries.map_changes_since(seq)
    assert changes.to_pydict() == {"record_id": [2], "person_id": [persons[1]]}
    assert queries.map_changes_since(last)[0].num_rows == 0


@pytest.mark.accept("S22")
@pytest.mark.parametrize(("change", "is_refused"), [
    ({}, True), ({"verified": False}, False), ({"is_hub": True}, False), ({"valid_to": datetime(2026, 1, 1, tzinfo=UTC)}, False),
    ({"kind_code": "card"}, False),
])  # fmt: skip
def test_the_database_refuses_a_second_person_with_a_verified_current_value(two_persons, change, is_refused):
    held = PersonIdentifier.objects.get(person_id=two_persons.persons()[1], verified=True)
    values = {"kind_code": held.kind_code, "value_hash": held.value_hash, "verified": True, **change}
    with pytest.raises(IntegrityError) if is_refused else nullcontext(), transaction.atomic():
        PersonIdentifier.objects.create(person_id=two_persons.persons()[2], **values)


STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "undo", "resolve"]), st.integers(0, 99), st.integers(0, 99)), max_size=8
)


@pytest.mark.accept("S22")
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_history_breaks_one_person_per_verified_identifier(django_db_blocker, make_chain, steps):
    """Merges, splits, undos and runs of the matcher in any order; undoing a whole tail of them restores the map."""
    with transaction.atomic():
        chain = make_chain()
        _play(chain, steps)
        transaction.set_rollback(True)


def _play(chain, steps):
    phones = [ANNA, BORIS, ANNA, "13911112222", BORIS]
    chain.apply("mall", [{"record_id": at + 1, "phone": phone, "phone_verified": at % 2 == 0} for at, phone in enumerate(phones)])
    for action, one, two in steps:
        persons = sorted(set(chain.persons().values()))
        by_person = {person: [record for record, held in chain.persons().items() if held == person] for person in persons}
        before = chain.persons()
        try:
            if action == "merge":
                event = services.person_merge(
                    person_id=persons[one % len(persons)], other_id=persons[two % len(persons)], by=1, reason="", now=chain.now
                )
            elif action == "split":
                person = persons[one % len(persons)]
                event = services.person_split(
                    person_id=person, record_ids=by_person[person][: 1 + two % 3], by=1, reason="", now=chain.now
                )
            elif action == "undo":
                events = list(IdentityEvent.objects.values_list("pk", flat=True))
                event = services.identity_undo(event_id=events[one % len(events)], by=1, reason="", now=chain.now)
            else:
                services.map_resolve(changed=[1 + one % 5], now=chain.now)
                assert chain.persons() == before or action == "resolve"
                continue
        except services.IdentityRefused:
            assert chain.persons() == before
            continue
        _check(chain)
        after = chain.persons()
        undo = services.identity_undo(event_id=event.pk, by=1, reason="", now=chain.now)
        assert chain.persons() == before
        services.identity_undo(event_id=undo.pk, by=1, reason="", now=chain.now)
        assert chain.persons() == after
        _check(chain)


def _check(chain):
    """Every record has one living person, and no verified current value has two."""
    living = set(Person.objects.filter(is_live=True).values_list("pk", flat=True))
    assert set(chain.persons().values()) == living
    owned = list(
        PersonIdentifier.objects.filter(verified=True, valid_to=None, is_hub=False).values_list("kind_code", "value_hash")
    )
    assert len(owned) == len(set(owned))
    assert set(PersonIdentifier.objects.values_list("person_id", flat=True)) <= living

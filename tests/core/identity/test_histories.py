"""Ten thousand random histories of merges, splits, undos, imports and runs of the matcher: every undo is exact."""

import random
from collections import Counter
from itertools import combinations

import pytest
from tests.core.identity.ledger import Ledger, Refused

from huitou.core.identity.changes import ChangeKind

HISTORIES, STEPS, RECORDS, VALUES = 10_000, 9, 7, 4
ACTIONS = ("merge", "split", "undo", "import", "resolve", "resolve", "refuse")


def matched(ledger):
    """What a matcher finds: equal values are one, and a person's word outranks it; the smallest records bind first."""
    group, decided = {record: record for record in ledger.values}, ledger.decided()
    joins = [pair for pair, same in sorted(decided.items()) if same and set(pair) <= group.keys()]
    vetoes = [pair for pair, same in decided.items() if not same]
    by_value = {}
    for record in sorted(ledger.values):
        by_value.setdefault(ledger.values[record], []).append(record)
    for one, two in [*joins, *(pair for held in by_value.values() for pair in combinations(held, 2))]:
        left, right = group[one], group[two]
        if left != right and not any({group[a], group[b]} == {left, right} for a, b in vetoes if a in group and b in group):
            group.update({record: left for record, root in group.items() if root == right})
    found = {}
    for record, root in sorted(group.items()):
        found.setdefault(root, []).append(record)
    return list(found.values())


def step(ledger, rng, refused):
    """Do one random thing; return the number of the event that a hand made, if any."""
    action = rng.choice(ACTIONS)
    persons = sorted(set(ledger.person.values()))
    if action == "merge":
        return ledger.merge(rng.choice(persons), rng.choice(persons))
    if action == "split":
        person = rng.choice(persons)
        records = ledger.records_of(person)
        return ledger.split(person, rng.sample(records, rng.randrange(len(records) + 1)))
    if action == "undo":
        return ledger.undo(rng.randrange(len(ledger.events)))
    if action == "refuse":
        person = rng.choice(persons)
        ledger.refuse(person)
        refused.update(ledger.records_of(person))
    elif action == "import":
        ledger.values[rng.randrange(RECORDS)] = rng.randrange(VALUES)  # known or new, changed or the same again
    else:
        _resolved(ledger)
    return None


def _resolved(ledger):
    before, known = dict(ledger.person), set(ledger.person.values())
    clusters = matched(ledger)
    ledger.resolve(clusters)
    assert sorted(map(sorted, ledger.persons().values())) == sorted(clusters)
    assert ledger.resolve(matched(ledger)) == 0  # a run again changes no id
    untouched = {tuple(cluster) for cluster in clusters} & {
        tuple(sorted(record for record, owner in before.items() if owner == person)) for person in known
    }
    for cluster in untouched:  # who holds the same records as before keeps the id
        assert ledger.person[cluster[0]] == before[cluster[0]]


@pytest.mark.accept("S22")
def test_in_ten_thousand_histories_every_undo_is_exact_no_id_is_used_twice_and_a_refusal_stays():
    rng, done = random.Random(20261126), Counter()
    for _ in range(HISTORIES):
        ledger, refused = Ledger(), set()
        ledger.values = {record: rng.randrange(VALUES) for record in range(RECORDS - 2)}
        ledger.resolve(matched(ledger))
        newest = max(ledger.person.values())
        for _ in range(STEPS):
            before, decided = dict(ledger.person), ledger.decided()
            try:
                number = step(ledger, rng, refused)
            except Refused:
                assert (ledger.person, ledger.decided()) == (before, decided)
                continue
            if number is not None:
                after, kept = dict(ledger.person), ledger.decided()
                back = ledger.undo(number)
                assert (ledger.person, ledger.decided()) == (before, decided)
                ledger.undo(back)
                assert (ledger.person, ledger.decided()) == (after, kept)
                done[ledger.events[number].change.kind] += 1
            if number is None or ledger.events[number].change.kind is not ChangeKind.UNDO:
                assert all(person > newest for person in set(ledger.person.values()) - set(before.values()))
            newest = max(newest, *ledger.person.values())
            assert all(ledger.refuses(ledger.person[record]) for record in refused)
    assert min(done[kind] for kind in (ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.UNDO)) > 1_000


def test_undoing_a_whole_history_backwards_gives_the_first_map_back():
    rng = random.Random(7)
    for _ in range(500):
        ledger = Ledger()
        ledger.values = {record: rng.randrange(VALUES) for record in range(RECORDS)}
        ledger.resolve(matched(ledger))
        maps, begun = [dict(ledger.person)], len(ledger.events)
        for _ in range(STEPS):
            for name in ("value", "merge", "split"):
                try:
                    _by(ledger, rng, name, maps)
                except Refused:
                    continue
        for number in range(len(ledger.events) - 1, begun - 1, -1):
            assert ledger.person == maps.pop()
            ledger.undo(number)
        assert ledger.person == maps.pop()


def _by(ledger, rng, name, maps):
    persons = sorted(set(ledger.person.values()))
    if name == "merge":
        ledger.merge(rng.choice(persons), rng.choice(persons))
    elif name == "split":
        ledger.split(person := rng.choice(persons), ledger.records_of(person)[:1])
    else:
        ledger.values[rng.randrange(RECORDS)] = rng.randrange(VALUES)
        for change_map in _one_by_one(ledger):
            maps.append(change_map)
        return
    maps.append(dict(ledger.person))


def _one_by_one(ledger):
    """Resolve; yield the map after each of the events that took."""
    begun = dict(ledger.person)
    first = len(ledger.events)
    ledger.resolve(matched(ledger))
    for event in ledger.events[first:]:
        begun.update({move.record_id: move.to_person_id for move in event.change.moves})
        yield dict(begun)


def test_undoing_what_the_matcher_did_is_not_repeated_by_it():
    rng = random.Random(11)
    for _ in range(500):
        ledger = Ledger()
        ledger.values = {record: rng.randrange(VALUES) for record in range(RECORDS)}
        ledger.resolve(matched(ledger))
        ledger.values[rng.randrange(RECORDS)] = rng.randrange(VALUES)
        first = len(ledger.events)
        ledger.resolve(matched(ledger))
        for number in range(len(ledger.events) - 1, first - 1, -1):
            ledger.undo(number)
        held = dict(ledger.person)
        ledger.resolve(matched(ledger))
        assert ledger.person == held

"""The map from records to persons in memory: what the identity app keeps in its database, with the same plans of changes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, product

from huitou.core.consent import Answer, Said, carried, current
from huitou.core.identity.changes import (
    Change,
    ChangeKind,
    answered_apart,
    answered_together,
    kept_together,
    merged,
    parted,
    planned,
    standing,
    star,
    undo_across,
    undone,
)

CELL = ("sms", "marketing")
_START = datetime(2026, 1, 1, tzinfo=UTC)


class Refused(Exception):
    """The map was not changed."""


@dataclass
class Event:
    """A change that was written. by_hand: a person did it; undoes: the number of the event that it took back."""

    change: Change
    by_hand: bool
    undoes: int | None = None


@dataclass
class Word:
    """What was decided about two records, by which event; origin: the event that said it first, before it was taken up again."""

    pair: tuple[int, int]
    same: bool
    event: int
    origin: int
    retired: int | None = None


class Ledger:
    """Records, the values they hold, who owns them, what was decided, and every event since the beginning."""

    def __init__(self) -> None:
        self.values: dict[int, int] = {}  # what a source last said of a record: equal values belong together
        self.person: dict[int, int] = {}
        self.moved_by: dict[int, list[tuple[int, int | None]]] = defaultdict(list)  # events, and what each took back
        self.words: list[Word] = []
        self.events: list[Event] = []
        self.said: dict[int, list[Said]] = defaultdict(list)
        self._ids, self._numbers = count(1), count(1)

    def ids(self, wanted: int) -> list[int]:
        return [next(self._ids) for _ in range(wanted)]

    def records_of(self, person: int) -> list[int]:
        return sorted(record for record, owner in self.person.items() if owner == person)

    def persons(self) -> dict[int, set[int]]:
        held: dict[int, set[int]] = defaultdict(set)
        for record, person in self.person.items():
            held[person].add(record)
        return held

    def resolve(self, clusters: list[list[int]]) -> int:
        """Bring the map to what the matcher found; return how many events that took."""
        changes = planned(self.person, clusters, self.ids)
        for change in changes:
            self._write(change, by_hand=False)
        return len(changes)

    def merge(self, one: int, other: int) -> int:
        left, right = self.records_of(one), self.records_of(other)
        if one == other or not left or not right:
            raise Refused
        self._write(merged(one, left, other, right), by_hand=True)
        self._retire(across(left, right), same=False)
        self._decide(star([*left, *right]), same=True)
        return len(self.events) - 1

    def split(self, person: int, chosen: list[int]) -> int:
        rest = sorted(set(self.records_of(person)) - set(chosen))
        if not chosen or not rest:
            raise Refused
        self._write(parted(person, chosen, rest, *self.ids(1)), by_hand=True)
        retired = self._retire(across(chosen, rest), same=True)
        self._decide(product(chosen, rest), same=False)
        self._decide(kept_together(chosen, rest, retired), same=True)
        return len(self.events) - 1

    def undo(self, number: int) -> int:
        event = self.events[number]
        moves = event.change.moves
        if event.change.kind is ChangeKind.CREATE or any(other.undoes == number for other in self.events):
            raise Refused
        if any(number not in (self.moved_by[move.record_id][-1][0], standing(self.moved_by[move.record_id])) for move in moves):
            raise Refused
        before = {move.record_id: move.from_person_id for move in moves if move.from_person_id is not None}
        fresh = None if len(before) == len(moves) else self.ids(1)[0]
        moved = [(move.record_id, move.to_person_id) for move in sorted(moves, key=lambda move: move.record_id)]
        persons = self.persons()
        after = {person: persons[person] for person in {*dict(moved).values(), *before.values()} if person in persons}
        change = undone(moved, before, after, fresh)
        self._write(change, by_hand=True, undoes=number)
        self._words_undo(number, change, after)
        if not event.by_hand:
            if event.change.kind is ChangeKind.SPLIT:
                self._decide(answered_together(change.moves, after), same=True)
            self._decide(answered_apart(change.moves, after), same=False)
        return len(self.events) - 1

    def decided(self) -> dict[tuple[int, int], bool]:
        return {word.pair: word.same for word in self.words if word.retired is None}

    def refuse(self, person: int) -> None:
        """The person wants no more messages."""
        self._say(person, Answer.WITHDRAWN)

    def agree(self, person: int) -> None:
        self._say(person, Answer.GRANTED)

    def refuses(self, person: int) -> bool:
        said = current(self.said[person]).get(CELL)
        return said is not None and said.answer is Answer.WITHDRAWN

    def _say(self, person: int, answer: Answer) -> None:
        number = next(self._numbers)
        self.said[person].append(Said(*CELL, answer, _START + timedelta(minutes=number), number))

    def _write(self, change: Change, *, by_hand: bool, undoes: int | None = None) -> Event:
        event = Event(change, by_hand, undoes)
        for move in change.moves:
            assert self.person.get(move.record_id) == move.from_person_id
            assert move.to_person_id is not None
            self.person[move.record_id] = move.to_person_id
            self.moved_by[move.record_id].append((len(self.events), undoes))
        pairs = {(move.from_person_id, move.to_person_id) for move in change.moves if move.from_person_id is not None}
        for source, target in sorted(pairs):
            answers = carried(current(self.said[source]), current(self.said[target]), is_whole=source in change.closed)
            for answer in answers.values():
                self._say(target, answer)
        self.events.append(event)
        return event

    def _decide(self, pairs, *, same: bool, origin: int | None = None) -> None:
        event, known = len(self.events) - 1, self.decided()
        for one, two in pairs:
            pair = (min(one, two), max(one, two))
            if one != two and pair not in known:
                known[pair] = same
                self.words.append(Word(pair, same, event, event if origin is None else origin))

    def _retire(self, pairs, *, same: bool, since: int = -1) -> list[tuple[int, int]]:
        gone = [
            word for word in self.words
            if word.retired is None and word.pair in pairs and word.same is same and word.event > since
        ]  # fmt: skip
        for word in gone:
            word.retired = len(self.events) - 1
        return [word.pair for word in gone]

    def _words_undo(self, number: int, change: Change, after) -> None:
        undoing = len(self.events) - 1
        for word in self.words:
            if word.retired is None and number in (word.event, word.origin):
                word.retired = undoing
        apart, together = undo_across(change.moves, after)
        moved = {move.record_id for move in change.moves}
        held = self._retire(apart, same=True, since=number)
        self._decide(kept_together(moved, {record for pair in held for record in pair} - moved, held), same=True)
        self._retire(together, same=False, since=number)
        for word in [word for word in self.words if word.retired == number]:
            self._decide([word.pair], same=word.same, origin=word.origin)


def across(left, right) -> set[tuple[int, int]]:
    return {(min(pair), max(pair)) for pair in product(left, right)}

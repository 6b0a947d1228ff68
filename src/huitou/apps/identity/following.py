"""
Rows of other apps that belong to a person and go along with merges, splits and undos: coupons, tasks, given
tags, what is kept out of recommendations.

Each move is a row of its own, so that taking an event back gives the state before it, whatever came between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from huitou.apps.base.bulk import chunked, rows_any, rows_set
from huitou.apps.base.hooks import IdentityChange
from huitou.apps.identity.queries import records_that_left

_IDS_PER_STATEMENT = 5_000
_ROWS_PER_STATEMENT = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """A row that went from one person to another."""

    row_id: int
    from_person_id: int
    to_person_id: int


@dataclass(frozen=True, slots=True)
class Follower:
    """
    A table whose rows go along with their person. rows: its model, with `person_id`; moves: the model that holds each move
    (`event_id`, `from_person_id`, `to_person_id`, `at`, `undone_event_id`); link: the column of it that names the row.

    freed: nullable columns that a row leaves behind (its place among the person's own); the caller settles them anew.
    """

    rows: type[Any]
    moves: type[Any]
    link: str
    freed: tuple[str, ...] = ()

    def follow(self, change: IdentityChange) -> list[Moved]:
        """
        Let rows go along, and return what moved. Run again it changes nothing.

        A closed person's go where most of the records went; they come back once that person is opened again, and go to whom
        most of the records they came with are split off to.
        """
        return [*self._brought_back(change), *self._taken_along(change), *self._parted(change)]

    def _brought_back(self, change: IdentityChange) -> Iterator[Moved]:
        first: dict[int, Any] = {}
        for part in chunked(change.opened_person_ids, _IDS_PER_STATEMENT):
            rows = self.moves.objects.filter(from_person_id__in_list=part, undone_event_id=None)
            for move in rows.select_related(self.link).order_by("-pk"):
                first[getattr(move, self.link).pk] = move  # the oldest of a row is written last
        for row_id, move in first.items():
            later = self.moves.objects.filter(**{f"{self.link}_id": row_id}, pk__gte=move.pk, undone_event_id=None)
            later.update(undone_event_id=change.event_id)
            yield from self._handed_over([(getattr(move, self.link), move.from_person_id)])

    def _taken_along(self, change: IdentityChange) -> Iterator[Moved]:
        heirs = change.heirs()
        for part in chunked(heirs, _IDS_PER_STATEMENT):
            if not rows_any(self.rows, among={"person_id": part}):  # as most often
                continue
            rows = list(self.rows.objects.filter(person_id__in_list=part).order_by("pk"))
            yield from self._moved([(row, heirs[row.person_id]) for row in rows], change)

    def _parted(self, change: IdentityChange) -> list[Moved]:
        """Records split off a person who stays: what had come with most of them once goes with them now."""
        left: dict[int, dict[int, int]] = {}
        for move in change.moves:
            if move.from_person_id is not None and move.to_person_id is not None:
                left.setdefault(move.from_person_id, {})[move.record_id] = move.to_person_id
        stay = sorted(left.keys() - set(change.closed_person_ids))
        origins: dict[int, Any] = {}
        for part in chunked(stay, _IDS_PER_STATEMENT) if rows_any(self.rows, among={"person_id": stay}) else ():
            came = self.moves.objects.filter(**{f"{self.link}__person_id__in_list": part}, undone_event_id=None)
            for move in came.exclude(event_id=change.event_id).select_related(self.link).order_by("-pk"):
                origins[getattr(move, self.link).pk] = move  # the oldest of a row is written last
        lost = records_that_left({(origin.event_id, origin.from_person_id) for origin in origins.values()})
        taken = []
        for origin in origins.values():
            row, records = getattr(origin, self.link), lost[origin.event_id, origin.from_person_id]
            goes = [left[row.person_id][record] for record in records if record in left[row.person_id]]
            target = next((one for one in sorted(set(goes)) if 2 * goes.count(one) > len(records)), None)
            if target is not None:
                taken.append((row, target))
        return self._moved(taken, change)

    def _moved(self, taken: Sequence[tuple[Any, int]], change: IdentityChange) -> list[Moved]:
        """Note of each row whose it becomes, and hand it over."""
        moves = [
            self.moves(
                **{self.link: row}, event_id=change.event_id, from_person_id=row.person_id, to_person_id=person_id, at=change.at
            )
            for row, person_id in taken
        ]
        self.moves.objects.bulk_create(moves, batch_size=_ROWS_PER_STATEMENT)
        return self._handed_over(taken)

    def _handed_over(self, taken: Sequence[tuple[Any, int]]) -> list[Moved]:
        if self.freed:
            for part in chunked([row.pk for row, _ in taken], _IDS_PER_STATEMENT):
                self.rows.objects.filter(pk__in_list=part).update(**dict.fromkeys(self.freed))
        rows_set(self.rows, "person_id", by="id", values={row.pk: person_id for row, person_id in taken})
        return [Moved(row.pk, row.person_id, person_id) for row, person_id in taken]

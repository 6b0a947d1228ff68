"""What a rule comes to before it is saved: counts, what it is made of, some people, what it shares with other segments."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.segments.counting import Count, Counting
from huitou.apps.segments.lists import unpacked
from huitou.apps.segments.models import SegmentList
from huitou.apps.segments.queries import segments
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.filters.json_form import leaves_of
from huitou.core.filters.tree import All, Condition, Node, Operator
from huitou.warehouse.panel import MISSING
from huitou.warehouse.population import Selection

SAMPLE = 5
_SPARE = 5  # of a sample: some may have been erased since the version was built
MOST_OVERLAPS = 8
BREAKDOWNS = ("tier_", "stage")  # the first field of each is told


@dataclass(frozen=True, slots=True)
class Part:
    """How many of the persons have one value of a field."""

    code: str
    label: str
    persons: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The persons by one field; those without a value are in no part."""

    field: Field
    parts: tuple[Part, ...]

    @property
    def shares(self) -> list[tuple[str, float]]:
        """Return each part of those that have a value, 0..1, by code."""
        whole = sum(part.persons for part in self.parts)
        return [(part.code, part.persons / whole) for part in self.parts] if whole else []


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many persons are in another segment, too, as last refreshed; share: 0..1 of this one, None when it is empty."""

    segment_id: int
    name: str
    shared: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Preview:
    """
    The answer to a rule. alone: how many match each condition by itself, in reading order; running: how many are left after
    each part of the outermost group, empty when it is no group of "all". net_365d_fen and stores are of the matching persons.
    """

    count: Count
    alone: tuple[int, ...]
    running: tuple[int, ...]
    sample: tuple[int, ...]
    breakdowns: tuple[Breakdown, ...]
    overlaps: tuple[Overlap, ...]
    net_365d_fen: int
    stores: int


def preview(desk: Counting, viewer: Viewer, node: Node, *, seed: int, language: str, without: int | None = None) -> Preview:
    """Return everything about a checked rule in the viewer's reach. without: the segment that is being edited."""
    found = desk.matching(desk.step(node))
    count = desk.count(node)
    net = desk.population.column(desk.reading.cursor, "net_365d_fen", found)
    stores = desk.population.column(desk.reading.cursor, "main_store_id", found)
    return Preview(
        count=count,
        alone=tuple(desk.count(leaf).persons for leaf in leaves_of(node)),
        running=_running(desk, node),
        sample=_sample(viewer, found, seed),
        breakdowns=tuple(_breakdowns(desk, found, language)),
        overlaps=tuple(_overlaps(desk, found, without)),
        net_365d_fen=int(net.sum()),
        stores=int(np.unique(stores[stores != MISSING]).size),
    )


def _running(desk: Counting, node: Node) -> tuple[int, ...]:
    if not isinstance(node, All):
        return ()
    return tuple(desk.count(All(node.children[: index + 1])).persons for index in range(len(node.children)))


def _sample(viewer: Viewer, found: Selection, seed: int) -> tuple[int, ...]:
    """Return some persons, the same for the same seed, in random order."""
    ids = found.ids()
    if not ids.size:
        return ()
    chosen = np.random.default_rng(seed).choice(ids, size=min(SAMPLE + _SPARE, ids.size), replace=False).tolist()
    living = set(persons_in_reach(viewer).filter(pk__in=chosen).values_list("pk", flat=True))
    return tuple([one for one in chosen if one in living][:SAMPLE])


def _breakdowns(desk: Counting, found: Selection, language: str) -> Sequence[Breakdown]:
    fields = []
    for start in BREAKDOWNS:
        enums = (one for one in desk.catalogue if one.type is FieldType.ENUM and one.name.startswith(start))
        fields += [field for field in [next(enums, None)] if field is not None]
    return [Breakdown(field, tuple(_parts(desk, found, field, language))) for field in fields]


def _parts(desk: Counting, found: Selection, field: Field, language: str) -> Sequence[Part]:
    return [
        Part(choice.code, choice.label.text(language), (found & _with(desk, field, choice.code)).count)
        for choice in field.choices
    ]


def _with(desk: Counting, field: Field, code: str) -> Selection:
    return desk.matching(desk.step(Condition(field.name, Operator.EQ, code)))


def _overlaps(desk: Counting, found: Selection, without: int | None) -> list[Overlap]:
    """Return the other segments by how many they share, most first."""
    names = dict(segments().exclude(pk=without or 0).values_list("pk", "name"))
    stored = SegmentList.objects.filter(segment_id__in=list(names), refresh_id__isnull=False).values_list("segment_id", "ids")
    total, shared = found.count, []
    for segment_id, ids in stored.iterator():
        count = (found & desk.population.chosen(unpacked(ids))).count
        shared.append(Overlap(segment_id, names[segment_id], count, count / total if total else None))
    return sorted(shared, key=lambda one: (-one.shared, one.name))[:MOST_OVERLAPS]

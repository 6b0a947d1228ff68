"""
What people did before they first bought, as paths of touches (docs/algorithms/paths.md).

A touch is a kind of event; the same kind several times in a row is one step with its count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from huitou.core.value.contacts import EVENT_TYPES

TOUCHES = ("view", "search", "add_to_cart", "community", "enquiry", "follow_up", *EVENT_TYPES)  # kinds of behaviour events
LONGEST = 5  # steps of a path: the last ones before the purchase
MOTIVE_IN = "purchase_motive"  # the custom attribute of choices that surveys, guides and files fill


@dataclass(frozen=True, slots=True)
class Step:
    """So many touches of one kind in a row."""

    kind: str
    times: int


@dataclass(frozen=True, slots=True)
class PathLine:
    """Kinds in order, and how many persons came this way; share: of all buyers looked at, 0..1."""

    kinds: tuple[str, ...]
    persons: int
    share: float


@dataclass(frozen=True, slots=True)
class Paths:
    """The most trodden paths of `buyers`. untouched: persons without a touch; others: persons on paths that are not listed."""

    buyers: int
    lines: tuple[PathLine, ...]
    untouched: int
    others: int


def steps_of(kinds: Sequence[str]) -> tuple[Step, ...]:
    """Return the last steps of touches given in order; empty for none."""
    return tuple(Step(kind, len(list(run))) for kind, run in groupby(kinds))[-LONGEST:]


def top_paths(touches: Mapping[int, Sequence[str]], *, buyers: int, most: int) -> Paths:
    """
    Count the paths of persons with touches in order; most persons first, ties by the kinds.

    buyers: how many were looked at, those without a touch too. Raises ValueError when fewer than have touches.
    """
    if buyers < len(touches):
        raise ValueError(f"{len(touches)} persons with touches among {buyers} buyers")
    counts = Counter(tuple(step.kind for step in steps_of(kinds)) for kinds in touches.values() if kinds)
    top = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    lines = tuple(PathLine(kinds, persons, persons / buyers) for kinds, persons in top[:most])
    return Paths(buyers, lines, buyers - counts.total(), sum(persons for _, persons in top[most:]))

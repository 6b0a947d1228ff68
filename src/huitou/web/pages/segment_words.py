"""Why one person is in a segment, in words: each part of the rule with the person's own value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from huitou.apps.segments.explain import Explained
from huitou.core.filters.catalogue import Catalogue, FieldType
from huitou.core.filters.reading import Chip, Frame, ReferenceName, amount_text, reading, value_text
from huitou.core.filters.tree import All, Any, Condition, Leaf, Node, Not, Window
from huitou.core.labels import Label

SHOWN = 2  # reasons of one line


@dataclass(frozen=True, slots=True)
class WhyPart:
    """
    One part as the page draws it. kind: all, any, not or leaf; chip: the words of a leaf; told: the person's own value in
    words, empty where there is none; counts: whether the part speaks for the person being in.
    """

    kind: str
    joint: str
    holds: bool
    counts: bool
    chip: Chip | None = None
    told: str = ""
    parts: tuple["WhyPart", ...] = ()


def why_part(node: Node, found: Explained, catalogue: Catalogue, *, as_of: date, language: str, names: ReferenceName) -> WhyPart:
    """Return the explained rule in words."""
    words = reading(node, catalogue, language=language, reference_name=names)
    return _Words(catalogue, as_of, language, names).part(found, words)


def because(part: WhyPart, *, language: str) -> str:
    """Return the first reasons for the person being in, as one line."""
    return Label("；", "; ").text(language).join(list(_reasons(part))[:SHOWN])


def _reasons(part: WhyPart) -> Iterator[str]:
    if not part.counts:
        return
    if part.chip is not None:
        yield f"{part.chip.field} {part.told or part.chip.value}".strip()
    for one in part.parts:
        yield from _reasons(one)


@dataclass(frozen=True, slots=True)
class _Words:
    catalogue: Catalogue
    as_of: date
    language: str
    names: ReferenceName

    def part(self, found: Explained, words: Chip | Frame) -> WhyPart:
        match found.node:
            case Condition() | Window():
                chip = words if isinstance(words, Chip) else None
                return WhyPart("leaf", "", found.holds, found.counts, chip, self._told(found.node, found))
            case Not() | All() | Any():
                if not isinstance(words, Frame):
                    raise TypeError(f"a group reads as a frame, not as {words!r}")
                parts = tuple(self.part(one, inner) for one, inner in zip(found.parts, words.parts, strict=True))
                return WhyPart(words.kind, words.joint, found.holds, found.counts, parts=parts)

    def _told(self, leaf: Leaf, found: Explained) -> str:
        if found.value is None:
            return ""
        if isinstance(leaf, Window):
            return amount_text(leaf.measure, int(str(found.value)), language=self.language)
        field = self.catalogue[leaf.field]
        value = found.value
        if field.type is FieldType.DAYS_AGO and isinstance(value, date):
            value = (self.as_of - value).days
        return value_text(field, value, language=self.language, reference_name=self.names)

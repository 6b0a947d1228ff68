"""
Why customers stay away: one reason per person, and how much of it is the chain's own doing (docs/algorithms/churn.md).

What somebody stated goes before what a ticket tells, and that before a low rating. Who told nothing has no reason: shares are of
those with one, and both numbers are shown. Tickets and ratings can tell of poor experience alone, so its share is of those who
were asked.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from huitou.core.labels import Label

STATED_IN = "churn_reason"  # the custom attribute of choices that surveys, guides and files fill
TOLD_WITHIN_DAYS = 90  # a ticket or rating tells if it is at most so much older than the last purchase
LOW_RATING = 2


class Source(StrEnum):
    """Where a reason is known from, the strongest first. Stored nowhere."""

    STATED = "stated"
    TICKET = "ticket"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. code: as the attribute's choice. is_experience: a poor experience or a need that was not met."""

    code: str
    label: Label
    is_experience: bool


REASONS: tuple[Reason, ...] = (
    Reason("quality", Label("商品质量", "Product quality"), True),
    Reason("service", Label("服务不好", "Poor service"), True),
    Reason("delivery", Label("配送问题", "Delivery"), True),
    Reason("range", Label("没有想要的商品", "Wanted products missing"), True),
    Reason("price", Label("价格或优惠", "Price or offers"), False),
    Reason("elsewhere", Label("改去别家", "Shops elsewhere"), False),
    Reason("moved", Label("搬家或不顺路", "Moved or out of the way"), False),
    Reason("no_need", Label("不再需要", "No longer needed"), False),
    Reason("other", Label("其他", "Other"), False),
)
_CODES = frozenset(reason.code for reason in REASONS)
TICKET_REASON: Mapping[str, str] = {
    "complaint": "service",
    "delivery": "delivery",
    "exchange": "quality",
    "repair": "quality",
    "return": "quality",
}
RATING_REASON = "quality"


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason that occurs. share: of all persons with a reason; running: of them by this line and those before; 0..1."""

    reason: Reason
    persons: int
    share: float
    running: float


@dataclass(frozen=True, slots=True)
class Pareto:
    """
    The reasons, most persons first (ties: as in REASONS). known: persons with a reason.

    experience_share: of those who stated one, by poor experience or an unmet need; None when nobody did.
    """

    known: int
    lines: tuple[ReasonLine, ...]
    sources: Mapping[Source, int]
    experience_share: float | None


def reasons_of(
    stated: Mapping[int, str], tickets: Mapping[int, str], low_raters: Collection[int]
) -> dict[int, tuple[str, Source]]:
    """
    Return one reason per person and where it is from.

    stated: choice by person; tickets: type of the newest ticket by person. A choice or type that is no reason tells nothing.
    """
    found = dict.fromkeys(low_raters, (RATING_REASON, Source.RATING))
    found |= {person: (TICKET_REASON[type], Source.TICKET) for person, type in tickets.items() if type in TICKET_REASON}
    return found | {person: (code, Source.STATED) for person, code in stated.items() if code in _CODES}


def pareto(persons: Mapping[tuple[str, Source], int]) -> Pareto:
    """Add up persons by reason and source, each person in one of them. A code that is no reason is not counted."""
    told = {key: count for key, count in persons.items() if key[0] in _CODES}
    known = sum(told.values())
    counts: Counter[str] = Counter()
    sources: Counter[Source] = Counter()
    for (code, source), count in told.items():
        counts[code] += count
        sources[source] += count
    lines, running = [], 0
    for reason in sorted((one for one in REASONS if counts[one.code]), key=lambda one: -counts[one.code]):
        running += counts[reason.code]
        lines.append(ReasonLine(reason, counts[reason.code], counts[reason.code] / known, running / known))
    stated = sources[Source.STATED]
    experience = sum(told.get((reason.code, Source.STATED), 0) for reason in REASONS if reason.is_experience)
    return Pareto(known, tuple(lines), {one: sources[one] for one in Source}, experience / stated if stated else None)

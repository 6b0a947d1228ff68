"""
What it costs to serve a tier, beside what the tier brings.

cost = sum over kinds of tickets (count x cost of one) + sum over channels (contacts x cost of one) + persons x months x what the
tier's service may cost a month. The table holds assumptions, not measurements: whoever knows the house edits it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from huitou.core.value.contacts import TOUCH, event_type

TICKET_COSTS_FEN: Mapping[str, int] = {
    "complaint": 3_000,
    "delivery": 1_200,
    "enquiry": 400,
    "exchange": 2_500,
    "praise": 200,
    "repair": 6_000,
    "return": 2_000,
}
CONTACT_COSTS_FEN: Mapping[str, int] = {
    event_type(TOUCH, "sms"): 5,
    event_type(TOUCH, "phone"): 300,
    event_type(TOUCH, "wecom"): 50,
    event_type(TOUCH, "email"): 1,
}
UNIT_COSTS_FEN: Mapping[str, int] = {**TICKET_COSTS_FEN, **CONTACT_COSTS_FEN}
MOST_FEN = 1_000_000  # of one ticket or contact
MONTHS = 12
SERVING_DAYS = 365


class UnitCostsInvalid(ValueError):
    """A table of unit costs that cannot be used."""


@dataclass(frozen=True, slots=True)
class Serving:
    """
    Cost of one tier over 12 months, fen. tickets: all counted, uncosted: those of them whose kind has no unit cost. contacts:
    messages and calls that reached its persons; None, and no cost of them: not counted yet.

    benefits_fen: the most that the tier's service may cost; None: the tier has no cap, so it is not known.
    """

    tickets: int
    uncosted: int
    tickets_fen: int
    contacts: int | None
    contacts_fen: int
    benefits_fen: int | None
    net_fen: int

    @property
    def cost_fen(self) -> int:
        return self.tickets_fen + self.contacts_fen + (self.benefits_fen or 0)

    @property
    def share(self) -> float | None:
        """Cost for each yuan of net revenue; None where nothing, or less, was brought."""
        return self.cost_fen / self.net_fen if self.net_fen > 0 else None


def check_unit_costs(costs: Mapping[str, int]) -> None:
    """Raise UnitCostsInvalid unless every kind, and nothing else, has whole fen from 0 to MOST_FEN."""
    if costs.keys() != UNIT_COSTS_FEN.keys():
        raise UnitCostsInvalid(f"unit costs must name {list(UNIT_COSTS_FEN)}, got {list(costs)}")
    wrong = {kind: fen for kind, fen in costs.items() if type(fen) is not int or not 0 <= fen <= MOST_FEN}
    if wrong:
        raise UnitCostsInvalid(f"unit costs must be whole fen from 0 to {MOST_FEN}, got {wrong}")


def serving(
    tickets: Mapping[str, int],
    contacts: Mapping[str, int] | None,
    costs: Mapping[str, int],
    *,
    persons: int,
    monthly_fen: int | None,
    net_fen: int,
) -> Serving:
    """Return what a tier costs. tickets, contacts: of the 12 months by kind. A ticket of a kind without a cost is uncosted."""
    touches = contacts or {}
    return Serving(
        tickets=sum(tickets.values()),
        uncosted=sum(number for kind, number in tickets.items() if kind not in costs),
        tickets_fen=sum(number * costs[kind] for kind, number in tickets.items() if kind in costs),
        contacts=None if contacts is None else sum(touches.values()),
        contacts_fen=sum(number * costs[kind] for kind, number in touches.items()),
        benefits_fen=None if monthly_fen is None else persons * MONTHS * monthly_fen,
        net_fen=net_fen,
    )

"""The stores of the cockpit, ranked by net revenue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from huitou.core.metrics.registry import metric
from huitou.core.metrics.shares import Share, share_interval
from huitou.warehouse.queries.totals import Totals
from huitou.web.figures import Change, change
from huitou.web.pages.cockpit_figures import identified_share, ticket_fen

FALL_SHOWN = -0.15  # a store that lost more of its revenue than this is marked
HIGH_VALUE_LEAST = 0.15  # a store whose whole interval lies below this is a low ground of value
ORDERS_LEAST = 200  # in each of both windows, else the change is chance: few orders
Key = int | str | date | None


@dataclass(frozen=True, slots=True)
class HighValue:
    """The share of high-value customers of a store with its 95 % interval, and whether all of that lies below the limit."""

    share: float
    low: float
    high: float
    persons: int

    @property
    def is_low(self) -> bool:
        return self.high < HIGH_VALUE_LEAST


def high_value(share: Share | None) -> HighValue | None:
    """Return the share with its interval; None for a store nobody of whom has a tier."""
    interval = share_interval(share) if share else None
    if share is None or interval is None or share.value is None:
        return None
    return HighValue(share.value, *interval, round(share.denominator))


@dataclass(frozen=True, slots=True)
class StoreLine:
    """
    One store of the ranking. state: "low" (few high-value customers), "falls", "few" (too few orders to judge), "new" (nothing
    to compare) or "".
    """

    store_id: int
    name: str
    net_fen: int
    change: Change | None
    orders: int
    ticket_fen: int | None
    identified: float | None
    high_value: HighValue | None
    state: str


def store_lines(
    now: Mapping[Key, Totals], before: Mapping[Key, Totals], names: Mapping[int, str], tiers: Mapping[int, Share]
) -> list[StoreLine]:
    """Return the stores with a sale in the window, most net revenue first, ties by id; stores without a name are left out."""
    known = metric("net_revenue")
    lines = [
        StoreLine(
            store_id=store_id,
            name=names[store_id],
            net_fen=sums.net_fen,
            change=change(known, sums.net_fen, before[store_id].net_fen if store_id in before else None),
            orders=sums.orders,
            ticket_fen=ticket_fen(sums),
            identified=_value(identified_share(sums)),
            high_value=high_value(tiers.get(store_id)),
            state=_state(sums, before.get(store_id), high_value(tiers.get(store_id)), has_before=bool(before)),
        )
        for store_id, sums in now.items()
        if isinstance(store_id, int) and store_id in names
    ]
    return sorted(lines, key=lambda line: (-line.net_fen, line.store_id))


def _value(share: Share | None) -> float | None:
    return None if share is None else share.value


def _state(now: Totals, before: Totals | None, value: HighValue | None, *, has_before: bool) -> str:
    if value is not None and value.is_low:
        return "low"
    if not has_before:
        return ""
    if before is None or before.net_fen <= 0:
        return "new"
    if min(now.orders, before.orders) < ORDERS_LEAST:
        return "few"
    return "falls" if now.net_fen / before.net_fen - 1 < FALL_SHOWN else ""

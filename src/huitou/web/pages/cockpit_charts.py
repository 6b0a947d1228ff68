"""The charts of the cockpit: revenue over time, where its change comes from, what sells."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from huitou.core.filters.tree import Condition, Operator
from huitou.warehouse.queries.product_sales import ProductSums
from huitou.warehouse.queries.sellers import Seller
from huitou.warehouse.queries.totals import Level, Totals
from huitou.web import charts, formats
from huitou.web.charts import Chart, Frame, Point, Series, Unit

DAILY_UP_TO = 31  # longer windows are drawn by week
WEEK = 7
Key = int | str | date | None
Daily = Mapping[date, Totals | ProductSums]  # every day of a window
Pair = tuple[Mapping[Key, Totals], Mapping[Key, Totals]]


@dataclass(frozen=True, slots=True)
class Cause:
    """
    A part of the revenue's change: what moved, from where to where, and what that did in fen. asked: what the list of orders is
    asked for the part, besides the window; None: it cannot be asked.
    """

    name: str
    basis: str
    effect_fen: int
    asked: tuple[Condition, ...] | None


def revenue_chart(now: Daily, before: Daily | None, *, against: str, as_of: date) -> Chart:
    """Draw net revenue by day, by week in longer windows, and the window it is compared with dashed beside it."""
    width = 1 if len(now) <= DAILY_UP_TO else WEEK
    days = list(now)
    labels = [f"{day.month}-{day.day}" for day in days[::width]]
    series = [Series(_("本期"), _sums(now, width))]
    if before:
        name = {"year": _("去年同期"), "month": _("上月")}.get(against) or _("上期")
        series.append(Series(name, _as_long(_sums(before, width), len(labels)), look="compare"))
    is_cut = before is not None and len(before) > len(now)
    daily = _("按日，元，退货已减；上月较长，多出的日子不画") if is_cut else _("按日，元，退货已减")
    note = daily if width == 1 else _("按周，周首日为名，元，退货已减")
    return charts.lines(Frame("revenue", _("净营收走势"), note, Unit.MONEY, as_of), labels, series)


def _as_long(values: list[int], length: int) -> list[int | None]:
    """Return one value per label: months differ in length, and a day that the other has not is not drawn."""
    return [*values[:length], *[None] * (length - len(values))]


def _sums(days: Daily, width: int) -> list[int]:
    values = [sums.net_fen for sums in days.values()]
    return [sum(values[at : at + width]) for at in range(0, len(values), width)]


def causes(
    cut: str, now: Totals, before: Totals | None, by: Callable[[Level], Pair], region_names: Mapping[str, str]
) -> list[Cause]:
    """Return what the change of net revenue consists of; the effects add up to it. Nothing without a window before."""
    if before is None:
        return []
    if cut == "region":
        regions = {key: Condition("region", Operator.EQ, key) for key in region_names}
        return _by_part(
            by(Level.REGION), lambda key: region_names.get(str(key), _("没有区域")), lambda key: regions.get(str(key))
        )
    if cut == "channel":
        return _by_part(
            by(Level.CHANNEL),
            lambda key: _("线上商城") if key == 1 else _("门店"),
            lambda key: Condition("channel", Operator.EQ, "online" if key == 1 else "store"),
        )
    return [
        *_orders_and_ticket(
            (_("会员单数"), _("会员客单价")),
            "known",
            (now.identified_orders, now.identified_net_fen),
            (before.identified_orders, before.identified_net_fen),
        ),
        *_orders_and_ticket(
            (_("匿名单数"), _("匿名客单价")),
            "anonymous",
            (now.orders - now.identified_orders, now.net_fen - now.identified_net_fen),
            (before.orders - before.identified_orders, before.net_fen - before.identified_net_fen),
        ),
    ]


def _orders_and_ticket(names: tuple[str, str], buyer: str, now: tuple[int, int], before: tuple[int, int]) -> list[Cause]:
    """Split a change into more or fewer orders at the old ticket, and the rest: another ticket of the orders there are."""
    (orders, net_fen), (orders_before, net_before_fen) = now, before
    ticket, ticket_before = (_ticket(*one) for one in (now, before))
    of_orders = round((orders - orders_before) * (ticket_before or 0))
    bought = (Condition("buyer", Operator.EQ, buyer),)
    counts = f"{formats.count_text(orders_before)} → {formats.count_text(orders)}"
    tickets = f"{formats.money_text(ticket_before, decimals=2)} → {formats.money_text(ticket, decimals=2)}"
    return [
        Cause(names[0], counts, of_orders, (*bought, Condition("net", Operator.GT, 0))),  # what counts as an order
        Cause(names[1], tickets, net_fen - net_before_fen - of_orders, bought),
    ]


def _ticket(orders: int, net_fen: int) -> int | None:
    return round(net_fen / orders) if orders else None


def _by_part(pair: Pair, name: Callable[[Key], str], asked: Callable[[Key], Condition | None]) -> list[Cause]:
    now, before = pair
    found = []
    for key in sorted({*now, *before}, key=lambda key: (key is None, str(key))):
        net = now[key].net_fen if key in now else 0
        net_before = before[key].net_fen if key in before else 0
        basis = f"{formats.short_money_text(net_before)} → {formats.short_money_text(net)}"
        one = asked(key)
        found.append(Cause(name(key), basis, net - net_before, None if one is None else (one,)))
    return sorted(found, key=lambda cause: cause.effect_fen)


def revenue_waterfall(before: Totals, now: Totals, changes: Sequence[Cause], *, as_of: date) -> Chart:
    """Draw how the revenue before became the one now; the axis begins near the lowest step, which the note says."""
    levels = [before.net_fen]
    for one in changes:
        levels.append(levels[-1] + one.effect_fen)
    floor = _floor(min(levels), max(levels))
    note = _("纵轴从 %(floor)s 起") % {"floor": formats.short_money_text(floor)}
    return charts.waterfall(
        Frame("change", _("净营收的变化来自哪里"), note, Unit.MONEY_SHORT, as_of),
        start=Point(_("前一时段"), before.net_fen),
        changes=[Point(one.name, one.effect_fen) for one in changes],
        end=Point(_("本期"), now.net_fen),
        floor=floor,
    )


def _floor(low: int, high: int) -> int:
    """Return where the axis begins: one spread below the lowest level, rounded down to one digit; 0 when that is not above 0."""
    wanted = low - max(high - low, low // 50)
    if wanted <= 0:
        return 0
    step = 10 ** int(math.log10(wanted))
    return wanted // step * step if wanted // step > 1 else wanted // (step // 10 or 1) * (step // 10 or 1)


def category_chart(sellers: Sequence[Seller], all_fen: int, *, as_of: date) -> Chart:
    """Draw the first-level categories by net revenue and say what they are of all."""
    note = _("净营收，前 %(count)s 类合计占 %(share)s") % {"count": len(sellers), "share": _share_text(sellers, all_fen)}
    return _sellers_chart(Frame("categories", _("品类"), note, Unit.MONEY_SHORT, as_of), sellers)


def product_chart(sellers: Sequence[Seller], all_fen: int, *, as_of: date) -> Chart:
    """Draw the products by net revenue and say what they are of all."""
    note = _("净营收，前 %(count)s 件合计占 %(share)s") % {"count": len(sellers), "share": _share_text(sellers, all_fen)}
    return _sellers_chart(Frame("products", _("商品"), note, Unit.MONEY_SHORT, as_of), sellers)


def _share_text(sellers: Sequence[Seller], all_fen: int) -> str:
    return formats.percent_text(sum(one.net_fen for one in sellers) / all_fen) if all_fen > 0 else formats.MISSING


def _sellers_chart(frame: Frame, sellers: Sequence[Seller]) -> Chart:
    return charts.bars(frame, [Point(one.name, one.net_fen) for one in sellers])

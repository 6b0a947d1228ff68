"""The tiles of the cockpit: four of the chosen window, four of today's state."""

from collections.abc import Mapping, Sequence
from datetime import date

from huitou.apps.quality.queries import MetricValue
from huitou.core.filters.tree import Condition, Operator
from huitou.core.metrics.shares import Share
from huitou.core.value.lifecycle import Stage
from huitou.warehouse.queries.product_sales import ProductSums
from huitou.warehouse.queries.stages import StageSum
from huitou.warehouse.queries.totals import Totals
from huitou.web.drill import DORMANT_MEMBERS, customers_url, orders_url, route_url, sold_in
from huitou.web.figures import Figure, aim, figure, parts_text, share_figure
from huitou.web.pages.sales import Sales


def period_figures(sales: Sales, by_day: Mapping[date, Totals], role_code: str, where: Sequence[Condition] = ()) -> list[Figure]:
    """
    Return revenue, orders, average ticket, returns and what is tied to a person, of the window, with their course by day.

    Each leads to its orders. where: what they are besides sold in the window, as the list of orders asks it.
    """
    now, before, days = sales.now, sales.before, list(by_day.values())
    sold = (*where, *sold_in(sales.period))
    bought = orders_url(role_code, *sold, Condition("net", Operator.GT, 0))  # what counts as an order
    return [
        figure(
            "net_revenue",
            now.net_fen,
            as_of=sales.last_day,
            before=before.net_fen if before else None,
            trend=[day.net_fen for day in days],
            url=orders_url(role_code, *sold),
        ),
        figure(
            "orders",
            now.orders,
            as_of=sales.last_day,
            before=before.orders if before else None,
            trend=[day.orders for day in days],
            url=bought,
        ),
        figure(
            "average_ticket",
            ticket_fen(now),
            as_of=sales.last_day,
            before=ticket_fen(before) if before else None,
            trend=[value for day in days if (value := ticket_fen(day)) is not None],
            url=bought,
        ),
        share_figure(
            "return_share",
            return_share(now),
            as_of=sales.last_day,
            before=return_share(before) if before else None,
            trend=[share.value for day in days if (share := return_share(day)) and share.value is not None],
            url=orders_url(role_code, *sold, Condition("returned", Operator.GT, 0)),
        ),
        share_figure(
            "identified_share",
            identified_share(now),
            as_of=sales.last_day,
            before=identified_share(before) if before else None,
            trend=[share.value for day in days if (share := identified_share(day)) and share.value is not None],
            url=orders_url(role_code, *sold, Condition("buyer", Operator.EQ, "known")),
        ),
    ]


def state_figures(
    chain: Mapping[str, MetricValue] | None, stages: Sequence[StageSum], persons: int, as_of: date, role_code: str
) -> list[Figure]:
    """Return the state of the customer base: the daily snapshot of the chain, or what the day's facts say of some stores."""
    if chain is None:
        return _reach_figures(stages, persons, as_of, role_code)
    return [
        _snapshot(chain["dormancy_rate"], customers_url(role_code, *DORMANT_MEMBERS)),
        _snapshot(chain["duplicate_rate_after"], route_url(role_code, "data:data"), was=chain["duplicate_rate_before"]),
        _snapshot(chain["completeness_share"], route_url(role_code, "data:data")),
    ]


def _reach_figures(stages: Sequence[StageSum], persons: int, as_of: date, role_code: str) -> list[Figure]:
    buyers = sum(one.persons for one in stages)
    dormant = next(one.persons for one in stages if one.stage is Stage.DORMANT)
    stage = customers_url(role_code, Condition("stage", Operator.EQ, Stage.DORMANT.value))
    return [
        figure("persons", persons, as_of=as_of, url=customers_url(role_code)),
        share_figure("dormant_share", Share(dormant, buyers), as_of=as_of, url=stage),
    ]


def _snapshot(value: MetricValue, url: str, *, was: MetricValue | None = None) -> Figure:
    share = value.share.value if value.share else None
    return Figure(
        value.metric,
        share,
        parts=parts_text(value.metric, value.share) if value.share else "",
        aim=aim(value.metric, share, value.target.share if value.target else None),
        trend=[point.value for point in value.trend if point.value is not None],
        as_of=value.as_of.date() if value.as_of else None,
        url=url,
        was=was.share.value if was and was.share else None,
    )


def ticket_fen(sums: Totals) -> int | None:
    """Return net revenue per order in whole fen; None without an order."""
    return round(sums.net_fen / sums.orders) if sums.orders else None


def return_share(sums: Totals | ProductSums) -> Share | None:
    """Return returned of sold amount; None where returns outweigh sales: they are of sales before the window."""
    return Share(sums.refund_fen, sums.gross_fen) if 0 <= sums.refund_fen <= sums.gross_fen else None


def identified_share(sums: Totals | ProductSums) -> Share | None:
    """Return the net revenue tied to a person of all; None where returns turn one of them negative."""
    return Share(sums.identified_net_fen, sums.net_fen) if 0 <= sums.identified_net_fen <= sums.net_fen else None

"""What the person page says of the future: the value of twelve months in its two factors, the next date, the chances."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huitou.apps.base.scope import Viewer
from huitou.apps.value.models import ForecastRun, PersonForecast
from huitou.apps.value.queries import person_forecast, published_forecast
from huitou.core.value.soon import NoDate
from huitou.web import formats, words, words_person
from huitou.web.lazy import LazyText
from huitou.web.pages.backtest import MODELS
from huitou.web.policy import may_open

ALIVE_LEAST = 0.05  # below it a division by the chance says nothing that a person could check


@dataclass(frozen=True, slots=True)
class Line:
    """One line under the factors: what, the answer, and what it rests on."""

    label: LazyText
    text: str
    note: LazyText


@dataclass(frozen=True, slots=True)
class ForecastCard:
    """
    A person's forecast as the card shows it; purchases × each_fen = value_fen, to the rounding of the two.

    if_stays: purchases of somebody who does come back, so that alive × if_stays = purchases; None where alive is too small or
    unknown.

    most: where the axis of the interval ends, in purchases.
    """

    row: PersonForecast
    run: ForecastRun
    if_stays: float | None
    each_fen: int | None
    most: float
    lines: list[Line]
    models: list[LazyText]


def forecast_context(viewer: Viewer, person_id: int) -> dict[str, Any]:
    """Return `forecast` for the cards of the person page, or None with the sentence why there is none."""
    run = published_forecast()
    row = None if run is None else person_forecast(viewer, person_id)
    opens = may_open("forecast:backtest", viewer.role_code)
    if run is None or row is None or row.run_id != run.pk:
        why = _("还没有发布过预测") if run is None else _("没有买过，或刚买：下一次预测才有")
        return {"forecast": None, "no_forecast": why, "may_backtest": opens}
    each = round(row.value_fen / row.purchases) if row.value_fen is not None and row.purchases > 0 else None
    most = max(row.high * 1.25, row.purchases * 1.25, 1.0)
    if_stays = row.purchases / row.alive if row.alive is not None and row.alive >= ALIVE_LEAST else None
    card = ForecastCard(
        row, run, if_stays, each, most, _lines(row, with_alive=if_stays is None), [MODELS[code] for code in run.blend]
    )
    return {"forecast": card, "may_backtest": opens}


def next_text(row: PersonForecast) -> str:
    """Say when the next purchase is expected: the day with its interval, or why no day is named."""
    if row.next_date is None:
        return str(words.word(words_person.NO_DATES, row.next_reason or NoDate.ONCE))
    return _("%(day)s%(range)s") % {"day": formats.day_text(row.next_date), "range": _days(row.next_low, row.next_high)}


def _lines(row: PersonForecast, *, with_alive: bool) -> list[Line]:
    cycle = "—"
    if row.cycle_days is not None:
        days = round(row.cycle_days)
        cycle = ngettext("%(days)s 天", "%(days)s 天", days) % {"days": days}
    return [
        Line(_("下次购买"), next_text(row), _("括号里是八成把握的区间") if row.next_date else ""),
        Line(_("购买周期"), cycle, _("两次购买之间的典型天数")),
        *([Line(_("仍会回来"), formats.percent_text(row.alive), _("没有流失的概率"))] if with_alive else []),
        Line(_("30 天内购买"), formats.percent_text(row.buys_30d), ""),
        Line(_("90 天内不买"), formats.percent_text(row.lapses_90d), _("流失风险")),
    ]


def _days(low: date | None, high: date | None) -> str:
    if low is None or high is None:
        return "—"
    return _("（%(low)s – %(high)s）") % {"low": formats.day_text(low), "high": formats.day_text(high)}

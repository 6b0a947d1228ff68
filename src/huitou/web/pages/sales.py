"""Sales of whole weeks beside the window they are compared with, and the split by lifecycle: for cockpit and store page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from huitou.apps.base.kept import kept, reach_key
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.census import reach_count
from huitou.core.filters.tree import Condition, Operator
from huitou.core.periods import Period
from huitou.warehouse.queries.stages import StageSum
from huitou.warehouse.queries.totals import Level, Totals, first_sale_day, totals, totals_by
from huitou.warehouse.reader import Reading
from huitou.web.drill import customers_url

WINDOWS = (28, 91, 364)  # whole weeks, so that a comparison meets the same weekdays
YEAR_DAYS = 364
MONTHS_MOST = 24


def window_asked(text: str) -> int:
    """Return the window an address asks for; the first one for anything else."""
    return int(text) if text.isdecimal() and len(text) < 4 and int(text) in WINDOWS else WINDOWS[0]


@dataclass(frozen=True, slots=True)
class Windows:
    """A window and the one it is compared with; `compared` None: the data do not reach back so far."""

    period: Period
    compared: Period | None
    against: str  # "year", "previous" or "month"
    first_day: date | None

    @property
    def against_text(self) -> str:
        return {"year": _("较去年同期"), "month": _("较上月")}.get(self.against) or _("较上期")

    @property
    def last_day(self) -> date:
        return self.period.end - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sales(Windows):
    """Revenue of the window and of the one it is compared with; `before` None as `compared`."""

    now: Totals
    before: Totals | None


def by_level(reading: Reading, viewer: Viewer, level: Level, period: Period | None) -> dict[int | str | date | None, Totals]:
    """Return the sums per key of the level; nothing without a period."""
    return reading.once(totals_by, scope=viewer.scope(), level=level, period=period) if period else {}


def persons_of(reading: Reading, viewer: Viewer) -> int:
    """Return how many persons the viewer reaches, some minutes old: counting a million takes a quarter of a second."""
    persons: int = kept("persons", lambda: reach_count(viewer), reading.version.number, reach_key(viewer))
    return persons


def windows_of(reading: Reading, viewer: Viewer, days: int) -> Windows:
    """Compare with the same days a year ago, else with the days right before, else with nothing."""
    period = Period.last_days(days, as_of=reading.as_of)
    first = reading.once(first_sale_day, scope=viewer.scope())
    against, back = "year", timedelta(days=YEAR_DAYS)
    if first is None or first > period.start - back:
        against, back = "previous", timedelta(days=days)
    compared = None if first is None or first > period.start - back else Period(period.start - back, period.end - back)
    return Windows(period, compared, against, first)


def months_of(reading: Reading, viewer: Viewer) -> list[date]:
    """Return the first days of the months that lie wholly between the first sale and the as-of date, newest first."""
    first = reading.once(first_sale_day, scope=viewer.scope())
    found: list[date] = []
    month = Period.month(reading.as_of + timedelta(days=1)).start
    while first is not None and len(found) < MONTHS_MOST and (month := _month_before(month)) >= first:
        found.append(month)
    return found


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def month_windows(reading: Reading, viewer: Viewer, month: date) -> Windows:
    """Compare a month with the same one a year ago, else with the month before, else with nothing."""
    first = reading.once(first_sale_day, scope=viewer.scope())
    against, back = "year", month.replace(year=month.year - 1)
    if first is None or first > back:
        against, back = "month", _month_before(month)
    return Windows(Period.month(month), None if first is None or first > back else Period.month(back), against, first)


def sales_of(reading: Reading, viewer: Viewer, days: int, month: date | None = None) -> Sales:
    """Return the sums of both windows: of the last days, as `windows_of` chooses them, or of a month."""
    found = month_windows(reading, viewer, month) if month else windows_of(reading, viewer, days)
    scope = viewer.scope()
    return Sales(
        found.period,
        found.compared,
        found.against,
        found.first_day,
        now=reading.once(totals, scope=scope, period=found.period),
        before=reading.once(totals, scope=scope, period=found.compared) if found.compared else None,
    )


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage with its share of all customers and of their spend; `quiet` are new ones without any order."""

    code: str
    persons: int
    quiet: int
    person_share: float | None
    net_fen: int
    net_share: float | None
    url: str


def stage_lines(stages: Sequence[StageSum], persons: int, role_code: str, conditions: Sequence[Condition]) -> list[StageLine]:
    """
    Return the split of all persons in reach; conditions: what the customer list is asked besides the stage.

    Persons without an order are new, too; the analytical store does not know where they belong, so they are the rest.
    """
    buyers, net = sum(one.persons for one in stages), sum(one.net_365d_fen for one in stages)
    quiet = max(persons - buyers, 0)
    found = []
    for one in stages:
        more = quiet if one.stage == "new" else 0
        count = one.persons + more
        url = customers_url(role_code, *conditions, Condition("stage", Operator.EQ, one.stage.value))
        share = count / persons if persons else None
        found.append(
            StageLine(one.stage.value, count, more, share, one.net_365d_fen, one.net_365d_fen / net if net else None, url)
        )
    return found

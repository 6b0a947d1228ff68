"""
Forecast everybody once per base: purchases, value, chances and next dates, with the backtest that they must pass.

A forecast that is refused leaves the rows of the last good one; the run says why. The other horizons are runs of their own,
kept for their backtests: persons have the forecast of one horizon alone. docs/algorithms/forecast.md, soon.md.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from huitou.apps.base import jobs, leases
from huitou.apps.base.bulk import rows_write
from huitou.apps.base.clock import utc_now
from huitou.apps.base.pace import Pace
from huitou.apps.base.page_cache import large_page_cache
from huitou.apps.base.planner import statistics_refresh
from huitou.apps.base.storage import warehouse
from huitou.apps.value.models import HORIZON_DAYS, ForecastRun, PersonForecast
from huitou.core.value import clv, soon
from huitou.core.value.clv.forecast import forecast_ledger
from huitou.core.value.clv.ledger import Ledger, ledger
from huitou.warehouse.queries.purchase_days import purchase_days
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.scope import CHAIN

FORECAST_LEASE = "value.forecast"
HORIZONS = (HORIZON_DAYS, 180, 90, 30)
CHANCE_DAYS, LAPSE_DAYS = 30, 90
DIGITS = 4
COLUMNS = (
    "person", "run_id", "purchases", "low", "high", "value_fen", "alive", "buys_30d", "lapses_90d",
    "cycle_days", "next_date", "next_low", "next_high", "next_reason",
)  # fmt: skip

Column = npt.NDArray[np.object_]


def forecast_run(*, now: datetime, pace: Pace | None = None) -> ForecastRun | None:
    """
    Forecast from the published base, and return the run that persons have their rows from; None when that was done already,
    or nothing is published.

    Raises LeaseTaken while another forecast is at work. A good one plans `value.run`, which takes the new values up.
    """
    with leases.hold(FORECAST_LEASE) as lease, large_page_cache():
        try:
            with warehouse().read() as reading:
                version, as_of = reading.version, reading.as_of
                missing = _missing(version.base, as_of)
                if not missing:
                    return None
                began = time.monotonic()
                book = ledger(purchase_days(reading.cursor, scope=CHAIN, as_of=as_of), as_of)
                read_seconds = round(time.monotonic() - began, 2)
        except NothingPublished:
            return None
        made = None
        for days in missing:
            lease.check()
            run = ForecastRun.objects.create(
                base_number=version.base, version=version.number, as_of=as_of, horizon_days=days, started_at=utc_now(),
                seconds={"read": read_seconds},
            )  # fmt: skip
            found = _tested(run, book)
            if days == HORIZON_DAYS:
                made = run
                if found is not None:
                    _publish(run, book, found, lease, pace or Pace())
                    statistics_refresh()
            run.ended_at = utc_now()
            run.save()
            if run is made and not run.refusal:
                jobs.plan_once("value.run", now=now)
    return made


def is_made(base_number: int, as_of: date) -> bool:
    """Say whether the forecasts of this base and day have ended, with whatever result."""
    return not _missing(base_number, as_of)


def _missing(base_number: int, as_of: date) -> list[int]:
    """Return the horizons whose forecast of this base and day has not ended; that of persons first."""
    ended = ForecastRun.objects.filter(base_number=base_number, as_of=as_of, ended_at__isnull=False)
    known = set(ended.values_list("horizon_days", flat=True))
    return [days for days in HORIZONS if days not in known]


def _tested(run: ForecastRun, book: Ledger) -> clv.Forecast | None:
    """Forecast the run's horizon and note its backtest; None, with the reason in the run, when it is not to be published."""
    began = time.monotonic()
    try:
        found = forecast_ledger(book, run.as_of, run.horizon_days, clock=time.perf_counter)
    except clv.NoForecast as refused:
        run.refusal, run.told = refused.refusal.value, str(refused)[:300]
        return None
    run.seconds["forecast"] = round(time.monotonic() - began, 2)
    run.seconds["models"] = {model.value: round(seconds, 3) for model, seconds in found.seconds.items()}
    run.blend = [model.value for model in found.models]
    run.backtest = backtest_json(found.backtest)
    run.persons, run.purchases = found.person_ids.size, float(found.purchases.sum())
    run.value_fen = None if found.value_fen is None else round(float(found.value_fen.sum()))
    run.refusal = "" if found.refusal is None else found.refusal.value
    return found if found.refusal is None else None


def _publish(run: ForecastRun, book: Ledger, found: clv.Forecast, lease: leases.Held, pace: Pace) -> None:
    """Write the rows of persons."""
    began = time.monotonic()
    columns = _columns(found) | _chances(run, book) | _next_dates(run, book)
    run.seconds["soon"] = round(time.monotonic() - began, 2)
    began = time.monotonic()
    for positions in pace.cut(range(found.person_ids.size)):
        lease.check()
        rows_write(
            PersonForecast, COLUMNS, _rows(run, found.person_ids, columns, positions), conflict=("person",), update=COLUMNS[1:]
        )
    PersonForecast.objects.exclude(run_id=run.pk).delete()
    run.seconds["write"] = round(time.monotonic() - began, 2)


def _columns(found: clv.Forecast) -> dict[str, Column]:
    nothing = np.full(found.person_ids.size, None, dtype=object)
    return {
        "purchases": np.round(found.purchases, DIGITS).astype(object),
        "low": found.low.astype(object),
        "high": found.high.astype(object),
        "value_fen": nothing if found.value_fen is None else np.rint(found.value_fen).astype(np.int64).astype(object),
        "alive": nothing if found.alive is None else np.round(found.alive, DIGITS).astype(object),
    }


def _chances(run: ForecastRun, book: Ledger) -> dict[str, Column]:
    """Chances of a purchase and of a lapse; all null, with the reason in the run, when they are refused."""
    columns = {}
    for name, days in (("buys_30d", CHANCE_DAYS), ("lapses_90d", LAPSE_DAYS)):
        columns[name] = np.full(book.persons.size, None, dtype=object)
        try:
            found = soon.chance_of(book, run.as_of, days)
        except clv.NoForecast as refused:
            run.chances[str(days)] = {"refusal": refused.refusal.value, "told": str(refused)}
            continue
        run.chances[str(days)] = {
            **asdict(replace(found.test, groups=())),
            "cutoff": found.test.cutoff.isoformat(),
            "groups": [asdict(group) for group in found.test.groups],
            "refusal": "" if found.refusal is None else found.refusal.value,
        }
        if found.refusal is None:
            values = found.chances if days == CHANCE_DAYS else 1 - found.chances
            columns[name] = np.round(values, DIGITS).astype(object)
    return columns


def _next_dates(run: ForecastRun, book: Ledger) -> dict[str, Column]:
    last = (run.as_of - date(1970, 1, 1)).days - book.epoch
    found = soon.cycles(book.person, np.zeros_like(book.person), book.day, last)
    told = found.reason == ""

    def day(days: npt.NDArray[np.float64]) -> Column:
        column = np.full(days.size, None, dtype=object)
        column[told] = [(run.as_of + timedelta(round(float(left)))).isoformat() for left in days[told]]
        return column

    cycle = np.round(found.cycle_days, 1).astype(object)
    cycle[np.isnan(found.cycle_days)] = None
    return {
        "cycle_days": cycle,
        "next_date": day(found.days_left),
        "next_low": day(found.low),
        "next_high": day(found.high),
        "next_reason": found.reason.astype(object),
    }


def _rows(
    run: ForecastRun, person_ids: npt.NDArray[np.int64], columns: dict[str, Column], positions: list[int]
) -> Iterator[tuple[Any, ...]]:
    picked = [columns[name][positions].tolist() for name in COLUMNS[2:]]
    return zip(person_ids[positions].tolist(), [run.pk] * len(positions), *picked, strict=True)


def backtest_json(backtest: clv.Backtest) -> dict[str, Any]:
    """Return a backtest as plain values; what is None in it stays None."""
    return {
        "cutoff": backtest.cutoff.isoformat(),
        "tested_days": backtest.tested_days,
        "customers": backtest.customers,
        "purchases": backtest.purchases,
        "spend_fen": backtest.spend_fen,
        "rows": [{**asdict(row), "model": row.model.value} for row in backtest.rows],
        "deciles": [asdict(group) for group in backtest.deciles],
        "calibration": [asdict(group) for group in backtest.calibration],
        "top_most": backtest.top_most,
    }

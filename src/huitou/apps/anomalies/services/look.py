"""Look at the newest two weeks of a version: late receipts may still change them, so what was found there is found anew."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np

from huitou.apps.anomalies.models import Anomaly, AnomalyRun, Kind
from huitou.apps.base import leases
from huitou.apps.base.bulk import rows_write
from huitou.apps.base.clock import utc_now
from huitou.apps.base.pace import Pace
from huitou.apps.base.storage import warehouse
from huitou.core.value.anomaly import Days, card_limit, return_days, store_days
from huitou.warehouse.queries.unusual import CardDays, StoreGrid, card_orders, card_points, store_grid
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.scope import CHAIN

ANOMALY_LEASE = "anomalies"
PAST_DAYS = 19 * 7  # for medians of eight weeks, and spreads of eight weeks of these
JUDGED_DAYS = 14
COLUMNS = ("kind_code", "subject_id", "store_id", "day", "actual", "expected", "low", "high", "away", "run_id", "found_at")
KEY = (*COLUMNS[:2], "day")

Row = tuple[Any, ...]


def anomalies_look(*, now: datetime) -> AnomalyRun | None:
    """Write what is odd in the newest fourteen days; None before the first build. Raises LeaseTaken."""
    with leases.hold(ANOMALY_LEASE):
        try:
            with warehouse().read() as reading:
                run = AnomalyRun.objects.create(version=reading.version.number, as_of=reading.as_of, started_at=now)
                first = reading.as_of - timedelta(PAST_DAYS - 1)
                rows = [*_of_stores(reading.cursor, run, first), *_of_cards(reading.cursor, run)]
        except NothingPublished:
            return None
        whole = [(*row, run.pk, now) for row in rows]
        for part in Pace().cut(whole):
            rows_write(Anomaly, COLUMNS, part, conflict=KEY, update=("store_id", *COLUMNS[4:10]))
        judged = run.as_of - timedelta(JUDGED_DAYS - 1)
        Anomaly.objects.filter(day__gte=judged, day__lte=run.as_of).exclude(run_id=run.pk).delete()
        run.found, run.ended_at = len(whole), utc_now()
        run.save()
    return run


def _of_stores(cursor: duckdb.DuckDBPyConnection, run: AnomalyRun, first: date) -> Iterator[Row]:
    grid = store_grid(cursor, scope=CHAIN, first=first, last=run.as_of)
    kinds = (
        (Kind.REVENUE, grid.gross_fen, store_days(grid.gross_fen / 100)),
        (Kind.ORDERS, grid.orders, store_days(grid.orders)),
        (Kind.RETURNS, grid.returns, return_days(grid.returns, grid.orders)),
    )
    for kind, actual, found in kinds:
        run.answers += int((~np.isnan(found.away[-JUDGED_DAYS:])).sum())
        yield from _odd(kind, actual, found, grid, first, 100 if kind is Kind.REVENUE else 1)


def _odd(kind: Kind, actual: Any, found: Days, grid: StoreGrid, first: date, unit: int) -> Iterator[Row]:
    for day, place in np.argwhere(found.is_odd).tolist():
        if day < PAST_DAYS - JUDGED_DAYS:
            continue
        store = int(grid.store_ids[place])
        expected, low, high = (round(float(values[day, place]) * unit, 1) for values in (found.expected, found.low, found.high))
        on = (first + timedelta(day)).isoformat()
        yield (
            kind.value,
            store,
            store,
            on,
            float(actual[day, place]),
            expected,
            low,
            high,
            round(float(found.away[day, place]), 1),
        )


def _of_cards(cursor: duckdb.DuckDBPyConnection, run: AnomalyRun) -> Iterator[Row]:
    first = run.as_of - timedelta(JUDGED_DAYS - 1)
    readers = ((Kind.CARD_ORDERS, card_orders), (Kind.CARD_POINTS, card_points))
    for kind, read in readers:
        yield from _often(kind, read(cursor, scope=CHAIN, first=first, last=run.as_of), first)


def _often(kind: Kind, cards: CardDays, first: date) -> Iterator[Row]:
    for day in range(JUDGED_DAYS):
        today = np.flatnonzero(cards.days == day)
        limit = card_limit(cards.counts[today])
        if limit is None:
            continue
        on = (first + timedelta(day)).isoformat()
        for place in today[cards.counts[today] >= limit].tolist():
            store = int(cards.stores[place])
            person, uses = int(cards.persons[place]), float(cards.counts[place])
            yield kind.value, person, None if store < 0 else store, on, uses, 1.0, 0.0, float(limit - 1), None

"""A slow trickle of new business while the demo is open, so that the pipeline has something to bring in. Synthetic."""

import logging
import random
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta

from huitou.apps.base.clock import utc_now
from huitou.connectors.fakes import RunningFakes

EVERY_SECONDS = 40.0
RECENT = timedelta(days=60)  # only who bought lately buys again: the planted share of dormant members stays what it is

_log = logging.getLogger(__name__)


def start_trickle(fakes: RunningFakes, stop: threading.Event, *, every_seconds: float = EVERY_SECONDS) -> threading.Thread:
    """Let orders and anonymous receipts happen until `stop` is set; returns the running thread."""
    thread = threading.Thread(target=_flow, args=(fakes, stop, every_seconds), name="demo trickle", daemon=True)
    thread.start()
    return thread


def _flow(fakes: RunningFakes, stop: threading.Event, every_seconds: float) -> None:
    rng = random.Random()
    while not stop.wait(every_seconds):
        try:
            happen(fakes, now=utc_now(), rng=rng)
        except (sqlite3.Error, OSError) as error:  # the demo stays open without new business
            _log.warning("demo trickle: %s", error)


def happen(fakes: RunningFakes, *, now: datetime, rng: random.Random) -> None:
    """Let one thing happen now: an online order of a recent customer, or an anonymous receipt."""
    customers = recent_customers(fakes, now=now)
    if customers and rng.random() < 0.6:
        fakes.emit_order(now=now, customer_id=rng.choice(customers))
    else:
        fakes.emit_receipt(now=now)


def recent_customers(fakes: RunningFakes, *, now: datetime) -> list[str]:
    """Return the mall's customers with a paid order in the last 60 days, sorted."""
    since = (now - RECENT).strftime("%Y-%m-%dT%H:%M:%SZ")
    with closing(sqlite3.connect(fakes.mall_path, timeout=20)) as connection:
        rows = connection.execute(
            "select distinct json_extract(payload, '$.customer_id') from orders"
            " where json_extract(payload, '$.payment.paid_at') >= ? order by 1",
            [since],
        ).fetchall()
    return [row[0] for row in rows if row[0] is not None]

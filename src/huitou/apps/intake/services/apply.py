"""
Hand sealed batches to the apps above: dimensions, identity, tickets.

All batches of a lane are stored before the persons behind them are sought once for all of them. Handlers write in short
transactions of their own; the state of a batch says how far it came, so that a killed run goes on there.

There are two lanes. What comes by itself is live: somebody looks for it within a minute. A back-fill is bulk: the batches of an
uploaded file, and those larger than a minute brings. Each lane has a lease of its own, and they take turns under a third: the
back-fill for one batch at a time, and not at all while it seeks the persons behind its batches, which takes the longest.
"""

import time
from datetime import datetime
from enum import StrEnum

from django.db import models

from huitou.apps.base import hooks, leases
from huitou.apps.intake.models import Batch, BatchState
from huitou.apps.intake.services.seal import import_is_running

BULK_ROWS = 50_000  # accepted rows; a larger batch is a back-fill whoever sent it
_TURN = "intake.apply"
_WAIT_SECONDS = 60.0  # for the turn of the other lane to end
_GIVE_WAY_SECONDS = 0.2  # between two turns of one lane: longer than those who wait take to ask again
_IS_BULK = models.Q(import_id__isnull=False) | models.Q(accepted__gt=BULK_ROWS)


class Lane(StrEnum):
    """Whether somebody waits for a batch. `lease`: who holds it is the only one that applies batches of the lane."""

    LIVE = "live"
    BULK = "bulk"

    @property
    def lease(self) -> str:
        return f"intake.{self}"


def batches_apply(*, now: datetime) -> list[int]:
    """Bring the sealed batches of both lanes to their end; return the ids applied. Raises LeaseTaken while somebody else does."""
    return sorted(batch_id for lane in Lane for batch_id in lane_apply(lane, now=now))


def lane_apply(lane: Lane, *, now: datetime) -> list[int]:
    """
    Store every sealed batch of a lane, then seek the persons behind them; return the ids applied.

    While a file is still being imported its batches are stored and no more: the persons behind all of them are sought once.
    Raises LeaseTaken while somebody else does, and when the other lane does not give the turn away.
    """
    with leases.hold(lane.lease):
        batches_store(lane, now=now)
        return [] if lane is Lane.BULK and _more_comes() else stored_settle(lane, now=now)


def batches_store(lane: Lane, *, now: datetime) -> int:
    """Run BATCH_LANDED for every sealed batch of a lane in order of its id, each in a turn of its own; return how many."""
    sealed = list(_in_state(BatchState.SEALED, lane).values_list("pk", "source_code"))
    for place, (batch_id, source_code) in enumerate(sealed):
        if place and lane is Lane.BULK:
            time.sleep(_GIVE_WAY_SECONDS)
        with leases.hold(_TURN, wait_seconds=_WAIT_SECONDS):
            hooks.run(hooks.Hook.BATCH_LANDED, hooks.BatchLanded(batch_id, source_code, now, is_bulk=lane is Lane.BULK))
            Batch.objects.filter(pk=batch_id, state=BatchState.SEALED).update(state=BatchState.STORED)
    return len(sealed)


def stored_settle(lane: Lane, *, now: datetime) -> list[int]:
    """Seek the persons behind the batches of a lane that were handed over, and let versions take them; return their ids."""
    stored = list(_in_state(BatchState.STORED, lane).values_list("pk", flat=True))
    if stored:
        batches = hooks.BatchesApplied(tuple(stored), now, is_bulk=lane is Lane.BULK)
        hooks.run(hooks.Hook.BATCHES_STORED, batches)
        with leases.hold(_TURN, wait_seconds=_WAIT_SECONDS):
            hooks.run(hooks.Hook.BATCHES_APPLIED, batches)
            Batch.objects.filter(pk__in_list=stored, state=BatchState.STORED).update(state=BatchState.APPLIED, applied_at=now)
    return stored


def bulk_waits() -> bool:
    """Return whether a batch of a back-fill is not applied yet."""
    return Batch.objects.filter(_IS_BULK, state__in=(BatchState.SEALED, BatchState.STORED)).exists()


def import_waits(import_id: int) -> bool:
    """Return whether the rows of an import wait for the rest of another file that somebody is importing now."""
    own = Batch.objects.filter(import_id=import_id, state__in=(BatchState.SEALED, BatchState.STORED))
    return own.exists() and _more_comes()


def _more_comes() -> bool:
    stored = _in_state(BatchState.STORED, Lane.BULK).exclude(import_id=None).order_by()
    found = stored.values_list("import_id", flat=True).distinct()
    return any(import_is_running(import_id) for import_id in found if import_id is not None)


def _in_state(state: BatchState, lane: Lane) -> models.QuerySet[Batch]:
    return Batch.objects.filter(_IS_BULK if lane is Lane.BULK else ~_IS_BULK, state=state).order_by("id")

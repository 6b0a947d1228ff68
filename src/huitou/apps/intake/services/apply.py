"""
Hand sealed batches to the apps above: dimensions, identity, tickets.

All batches of a backlog are stored before the persons behind them are sought once for all of them. Handlers write in short
transactions of their own; the state of a batch says how far it came, so that a killed run goes on there.
"""

from datetime import datetime

from django.db import models, transaction

from huitou.apps.base import hooks
from huitou.apps.intake.models import Batch, BatchState

APPLY_LEASE = "intake.apply"


def batches_apply(*, now: datetime) -> list[int]:
    """
    Store every sealed batch, then seek the persons behind them; return the ids applied.

    The caller holds a lease: two runs at once would do the work twice.
    """
    batches_store(now=now)
    return stored_settle(now=now)


def batches_store(*, now: datetime) -> int:
    """Run BATCH_LANDED for every sealed batch in order of its id; return how many. The caller holds a lease."""
    sealed = list(_in_state(BatchState.SEALED).values_list("pk", "source_code"))
    for batch_id, source_code in sealed:
        hooks.run(hooks.Hook.BATCH_LANDED, hooks.BatchLanded(batch_id=batch_id, source_code=source_code, now=now))
        Batch.objects.filter(pk=batch_id, state=BatchState.SEALED).update(state=BatchState.STORED)
    return len(sealed)


def stored_settle(*, now: datetime) -> list[int]:
    """Run BATCHES_APPLIED for the batches that were handed over, and let versions take them; return their ids."""
    stored = list(_in_state(BatchState.STORED).values_list("pk", flat=True))
    if stored:
        hooks.run(hooks.Hook.BATCHES_APPLIED, hooks.BatchesApplied(batch_ids=tuple(stored), now=now))
        with transaction.atomic():
            Batch.objects.filter(pk__in_list=stored, state=BatchState.STORED).update(state=BatchState.APPLIED, applied_at=now)
    return stored


def _in_state(state: BatchState) -> models.QuerySet[Batch]:
    return Batch.objects.filter(state=state).order_by("id")

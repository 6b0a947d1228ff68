"""Hand a sealed batch to the apps above: dimensions, identity, tickets."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base import hooks
from huitou.apps.intake.models import Batch, BatchState


@transaction.atomic
def batch_apply(*, batch_id: int, now: datetime) -> bool:
    """
    Run BATCH_LANDED for one batch, once; return False when it was applied before.

    The handlers' writes and the state stand or fall together. Raises Batch.DoesNotExist.
    """
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.state != BatchState.SEALED:
        return False
    hooks.run(hooks.Hook.BATCH_LANDED, hooks.BatchLanded(batch_id=batch.pk, source_code=batch.source_code, now=now))
    batch.state, batch.applied_at = BatchState.APPLIED, now
    batch.save(update_fields=["state", "applied_at"])
    return True


def batches_apply(*, now: datetime) -> list[int]:
    """Apply every sealed batch in order of its id, each in a transaction of its own; return the ids."""
    waiting = list(Batch.objects.filter(state=BatchState.SEALED).order_by("id").values_list("id", flat=True))
    return [batch_id for batch_id in waiting if batch_apply(batch_id=batch_id, now=now)]

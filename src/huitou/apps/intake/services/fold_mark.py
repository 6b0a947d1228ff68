"""Remember which batches a published version of the analytical store holds."""

from collections.abc import Collection
from datetime import datetime

from huitou.apps.intake.models import Batch, BatchState


def batches_mark_folded(*, batch_ids: Collection[int], now: datetime) -> int:
    """Mark applied batches as folded; return how many changed. A batch that was not applied yet stays as it is."""
    applied = Batch.objects.filter(state=BatchState.APPLIED, id__in=batch_ids)
    return applied.update(state=BatchState.FOLDED, folded_at=now)

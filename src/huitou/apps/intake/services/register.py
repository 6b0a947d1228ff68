"""Make a batch known that was written into the landing from outside the inbox (the load generator)."""

from datetime import datetime

from django.db import transaction

from huitou.apps.intake.accounting import batch_record, day_count
from huitou.apps.intake.models import BatchState
from huitou.warehouse.landing.manifest import Manifest


@transaction.atomic
def batch_register(manifest: Manifest, *, is_applied: bool, now: datetime) -> None:
    """Take the batch into the books; is_applied: nothing in it concerns the apps above (order lines only)."""
    batch = batch_record(manifest)
    if is_applied:
        batch.state, batch.applied_at = BatchState.APPLIED, now
        batch.save(update_fields=["state", "applied_at"])
    day_count(manifest.source_code, manifest.counts, now=now)

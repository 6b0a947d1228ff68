"""Make a batch known that was written into the landing from outside the inbox (the load generator)."""

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F, Max

from huitou.apps.intake.models import Batch, BatchState, SourceDay
from huitou.core.periods import business_date
from huitou.warehouse.landing.manifest import Manifest


def next_batch_id() -> int:
    """Return the id after the last known batch."""
    last: int = Batch.objects.aggregate(last=Max("id"))["last"] or 0
    return last + 1


@transaction.atomic
def batch_register(manifest: Manifest, *, is_applied: bool, now: datetime) -> None:
    """Take the batch into the books; is_applied: nothing in it concerns the apps above (order lines only)."""
    Batch.objects.create(
        id=manifest.batch_id,
        source_code=manifest.source_code,
        state=BatchState.APPLIED if is_applied else BatchState.SEALED,
        counts={kind: asdict(count) for kind, count in manifest.counts.items()},
        manifest_sha256=sha256(manifest.to_json().encode()).hexdigest(),
        sealed_at=now,
        applied_at=now if is_applied else None,
    )
    for kind, count in manifest.counts.items():
        day, _ = SourceDay.objects.get_or_create(
            source_code=manifest.source_code, business_date=business_date(now), kind_code=kind
        )
        SourceDay.objects.filter(pk=day.pk).update(**{name: F(name) + value for name, value in asdict(count).items()})

"""The rows that say what a batch brought: the batch itself, refused rows by reason, rows by day."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256

import pyarrow as pa
from django.db.models import F, Max

from huitou.apps.intake.models import Batch, ImportRun, QuarantineCount, SourceDay, TouchpointHour
from huitou.core.periods import business_date
from huitou.warehouse.landing.manifest import KindCounts, Manifest

_TOUCHPOINT_LENGTH = 32


def manifest_hash(manifest: Manifest) -> str:
    """Return the hash by which the operations database knows a manifest."""
    return sha256(manifest.to_json().encode()).hexdigest()


def next_batch_id() -> int:
    """Return the id after the last known batch."""
    last: int = Batch.objects.aggregate(last=Max("id"))["last"] or 0
    return last + 1


def batch_record(manifest: Manifest, *, import_id: int | None = None) -> Batch:
    """Name a landed batch."""
    return Batch.objects.create(
        id=manifest.batch_id,
        import_id=import_id,
        source_code=manifest.source_code,
        counts={kind: asdict(count) for kind, count in manifest.counts.items()},
        received=sum(count.received for count in manifest.counts.values()),
        accepted=sum(count.accepted for count in manifest.counts.values()),
        merged=sum(count.merged for count in manifest.counts.values()),
        quarantined=sum(count.quarantined for count in manifest.counts.values()),
        manifest_sha256=manifest_hash(manifest),
        sealed_at=manifest.sealed_at,
        sealed_on=business_date(manifest.sealed_at),
    )


def quarantine_count(manifest: Manifest, quarantine: pa.Table) -> None:
    """Count the refused rows of a batch by kind and reason."""
    groups = quarantine.group_by(["kind", "reason_code"]).aggregate([([], "count_all")]) if quarantine.num_rows else None
    for row in groups.to_pylist() if groups is not None else ():
        QuarantineCount.objects.create(
            batch_id=manifest.batch_id,
            source_code=manifest.source_code,
            kind_code=row["kind"],
            reason_code=row["reason_code"],
            row_count=row["count_all"],
        )


def day_count(source_code: str, counts: Mapping[str, KindCounts], *, now: datetime) -> None:
    """Add row counts to the business day of `now`."""
    for kind, count in counts.items():
        day, _ = SourceDay.objects.get_or_create(source_code=source_code, business_date=business_date(now), kind_code=kind)
        SourceDay.objects.filter(pk=day.pk).update(**{name: F(name) + value for name, value in asdict(count).items()})


def import_count(import_id: int, counts: Mapping[str, KindCounts], updated: Mapping[str, int]) -> None:
    """Add what sealing a part of a file came to, in the caller's transaction."""
    run = ImportRun.objects.select_for_update().get(pk=import_id)
    for kind, count in counts.items():
        before = run.counts.get(kind, {})
        added = {**asdict(count), "updated": updated.get(kind, 0)}
        run.counts[kind] = {name: before.get(name, 0) + value for name, value in added.items()}
    run.save(update_fields=["counts"])


def touchpoint_count(source_code: str, rows: Mapping[str, int], *, now: datetime) -> None:
    """Add rows by touchpoint to the hour of `now`."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    for code, count in rows.items():
        if len(code) > _TOUCHPOINT_LENGTH:
            continue
        row, _ = TouchpointHour.objects.get_or_create(source_code=source_code, code=code, hour=hour, defaults={"last_at": now})
        TouchpointHour.objects.filter(pk=row.pk).update(row_count=F("row_count") + count, last_at=now)

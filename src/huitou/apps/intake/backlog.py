"""What the pipeline has before it: sources to pull, pages to seal, batches to fold. Read by the builds app."""

from datetime import datetime, timedelta

from django.db.models import Min

from huitou.apps.intake.models import Batch, BatchState, InboxPage, SourceConfig, SourceCursor

READY = (BatchState.APPLIED, BatchState.FOLDED)


def due_source_codes(now: datetime) -> list[str]:
    """Return the sources that are to be pulled by now, in order of code: those whose last pull is as long ago as they say."""
    ended = dict(SourceCursor.objects.order_by().values_list("source_code").annotate(Min("last_pull_at")))
    sources = SourceConfig.objects.filter(is_enabled=True).order_by("code").values_list("code", "every_minutes")
    return [
        code
        for code, minutes in sources
        if minutes <= 1 or ended.get(code) is None or ended[code] + timedelta(minutes=minutes) <= now
    ]


def ready_batch_ids() -> frozenset[int]:
    """Return the batches whose records, products and stores are known: all that a version may hold."""
    return frozenset(Batch.objects.filter(state__in=READY).values_list("pk", flat=True))


def handed_batches() -> list[tuple[int, str]]:
    """Return id and source of every batch whose records are stored, oldest first."""
    handed = (BatchState.STORED, *READY)
    return list(Batch.objects.filter(state__in=handed).order_by("pk").values_list("pk", "source_code"))


def landed_batch_ids() -> frozenset[int]:
    """Return every batch that counts, however far it has come."""
    return frozenset(Batch.objects.exclude(state=BatchState.WITHDRAWN).values_list("pk", flat=True))


def waiting_batch_ids() -> frozenset[int]:
    """Return the applied batches that no published version holds."""
    return frozenset(Batch.objects.filter(state=BatchState.APPLIED).values_list("pk", flat=True))


def oldest_waiting_at() -> datetime | None:
    """Return since when the oldest page or batch has waited to reach readers; None when nothing waits."""
    page = InboxPage.objects.aggregate(oldest=Min("received_at"))["oldest"]
    batch = Batch.objects.exclude(state__in=(BatchState.FOLDED, BatchState.WITHDRAWN)).aggregate(oldest=Min("sealed_at"))[
        "oldest"
    ]
    return min((moment for moment in (page, batch) if moment is not None), default=None)

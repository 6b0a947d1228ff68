"""Which touchpoints spoke lately and which fell silent: by source and kind of row, events by their type."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Sum

from huitou.apps.intake.models import SourceConfig, TouchpointHour

WINDOW = timedelta(hours=24)
REMEMBERED = timedelta(days=60)
# How long a kind may be silent. Master data, tickets' states and balances come when they come: they never alert.
SILENT_AFTER = {
    "order": timedelta(hours=24), "customer": timedelta(hours=48), "points": timedelta(hours=48), "ticket": timedelta(days=7),
    "view": timedelta(hours=24), "search": timedelta(hours=24), "add_to_cart": timedelta(hours=24), "pay": timedelta(hours=24),
    "review": timedelta(days=7), "community": timedelta(days=7), "enquiry": timedelta(days=7),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """One cell of the coverage matrix. silent_for: since when nothing came, where that is longer than it may be."""

    source_code: str
    code: str
    rows_24h: int
    last_at: datetime
    silent_after: timedelta | None
    silent_for: timedelta | None


def touchpoints(*, now: datetime) -> list[Touchpoint]:
    """Return every touchpoint of an enabled source that spoke in the last sixty days, by source and code."""
    enabled = SourceConfig.objects.filter(is_enabled=True).values_list("code", flat=True)
    known = TouchpointHour.objects.filter(source_code__in=list(enabled), hour__gte=now - REMEMBERED)
    lately = {
        (row["source_code"], row["code"]): row["rows"]
        for row in known.filter(last_at__gte=now - WINDOW).values("source_code", "code").annotate(rows=Sum("row_count"))
    }
    found = []
    for row in known.values("source_code", "code").annotate(last=Max("last_at")).order_by("source_code", "code"):
        limit = SILENT_AFTER.get(row["code"])
        silence = now - row["last"]
        found.append(
            Touchpoint(
                source_code=row["source_code"],
                code=row["code"],
                rows_24h=lately.get((row["source_code"], row["code"]), 0),
                last_at=row["last"],
                silent_after=limit,
                silent_for=silence if limit is not None and silence > limit else None,
            )
        )
    return found

"""Read where the sources stand, what came from them, and what was refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow.compute as pc
from django.db.models import Count, Max, Min, Sum

from huitou.apps.accounts.roles import Role
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.models import Batch, BatchState, ImportRun, InboxPage, SourceConfig, SourceCursor, SourceDay
from huitou.apps.intake.sources import source_open
from huitou.connectors.protocol import SourceMisconfigured, Stream
from huitou.core.canonical import KINDS
from huitou.core.periods import Period
from huitou.warehouse.landing.manifest import KindCounts
from huitou.warehouse.landing.read import read_table

# Refused rows are raw text with names and phones in clear: for those who mend them.
QUARANTINE_ROLES = frozenset({Role.ADMIN.value, Role.ENGINEER.value})
QUARANTINE_PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class SourceState:
    """
    One source as the data page shows it. lag_seconds: since the oldest of its streams last reached the end of what the
    source had; None when a stream never did. `error` is empty when all is well.
    """

    code: str
    title: str
    is_enabled: bool
    last_pull_at: datetime | None
    lag_seconds: float | None
    last_row_at: datetime | None
    waiting_pages: int
    waiting_rows: int
    error: str
    kind_code: str = ""
    every_minutes: int = 1


@dataclass(frozen=True, slots=True)
class KindAccount:
    """Rows of one kind from one source in a period; they add up."""

    source_code: str
    kind_code: str
    group: str
    counts: KindCounts


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One refused row; `raw` is what the source sent."""

    batch_id: int
    source_code: str
    kind_code: str
    page_name: str
    row_no: int | None
    column: str
    reason_code: str
    reason: str
    raw: str


def source_states(*, now: datetime) -> list[SourceState]:
    """Return every connected source in order of its code. Four queries, however many sources."""
    cursors: dict[str, Any] = {
        row["source_code"]: row
        for row in SourceCursor.objects.values("source_code").annotate(
            pulled=Min("last_pull_at"), streams=Count("pk"), reached=Count("last_pull_at"), row=Max("last_row_at")
        )
    }
    errors: dict[str, str] = {}
    for code, error in SourceCursor.objects.exclude(last_error="").order_by("failed_at").values_list("source_code", "last_error"):
        errors[code] = error  # the latest failure wins
    waiting: dict[str, Any] = {
        row["source_code"]: row
        for row in InboxPage.objects.order_by().values("source_code").annotate(pages=Count("pk"), rows=Sum("row_count"))
    }
    return [
        _state(config, cursors.get(config.code, {}), waiting.get(config.code, {}), errors.get(config.code, ""), now)
        for config in SourceConfig.objects.order_by("code")
    ]


def _state(config: SourceConfig, cursor: Mapping[str, Any], waiting: Mapping[str, Any], error: str, now: datetime) -> SourceState:
    last_pull_at: datetime | None = cursor.get("pulled") if cursor.get("streams") == cursor.get("reached") else None
    return SourceState(
        code=config.code,
        title=config.title,
        is_enabled=config.is_enabled,
        last_pull_at=last_pull_at,
        lag_seconds=(now - last_pull_at).total_seconds() if last_pull_at else None,
        last_row_at=cursor.get("row"),
        waiting_pages=waiting.get("pages", 0),
        waiting_rows=waiting.get("rows", 0) or 0,
        error=error,
        kind_code=config.kind_code,
        every_minutes=config.every_minutes,
    )


def row_accounting(period: Period) -> list[KindAccount]:
    """Return the rows sealed on the period's business days per source and kind, in that order."""
    days = SourceDay.objects.filter(business_date__gte=period.start, business_date__lt=period.end)
    sums = days.values("source_code", "kind_code").annotate(
        received_rows=Sum("received"), accepted_rows=Sum("accepted"), merged_rows=Sum("merged"), refused_rows=Sum("quarantined")
    )
    return [
        KindAccount(
            row["source_code"],
            row["kind_code"],
            str(KINDS[row["kind_code"]].group),
            KindCounts(row["received_rows"], row["accepted_rows"], row["merged_rows"], row["refused_rows"]),
        )
        for row in sums.order_by("source_code", "kind_code")
    ]


def received_by_day(period: Period) -> dict[str, dict[date, int]]:
    """Return the rows sealed on each business day of the period that brought any, by source."""
    days = SourceDay.objects.filter(business_date__gte=period.start, business_date__lt=period.end)
    found: dict[str, dict[date, int]] = {}
    for source_code, day, rows in (
        days.values_list("source_code", "business_date").annotate(rows=Sum("received")).order_by("business_date")
    ):
        found.setdefault(source_code, {})[day] = rows
    return found


def source_kinds() -> dict[str, str]:
    """Return the connector's code of every connected source, by source."""
    return dict(SourceConfig.objects.order_by("code").values_list("code", "kind_code"))


def source_streams() -> dict[str, tuple[Stream, ...]]:
    """Return the streams of every connected source; a source whose settings are wrong has none until they are mended."""
    streams: dict[str, tuple[Stream, ...]] = {}
    for config in SourceConfig.objects.order_by("code"):
        try:
            streams[config.code] = source_open(config).streams
        except SourceMisconfigured:
            streams[config.code] = ()
    return streams


def row_totals() -> KindCounts:
    """Return the rows of all sources and days together."""
    sums = SourceDay.objects.aggregate(
        received_rows=Sum("received"), accepted_rows=Sum("accepted"), merged_rows=Sum("merged"), refused_rows=Sum("quarantined")
    )
    return KindCounts(*(sums[f"{name}_rows"] or 0 for name in ("received", "accepted", "merged", "refused")))


def quarantine_rows(
    *, viewer: Viewer, batch_id: int, page: int = 1, kind_code: str = "", reason_code: str = ""
) -> list[QuarantineRow]:
    """
    Return one page (from 1) of a batch's refused rows, as received; of one kind and for one reason where they are given.

    The texts are personal data in clear: raises PermissionError for a viewer outside QUARANTINE_ROLES. Unknown batch: empty.
    """
    if viewer.role_code not in QUARANTINE_ROLES:
        raise PermissionError(f"role {viewer.role_code} may not read refused rows")
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None or batch.state == BatchState.WITHDRAWN:
        return []
    rows = read_table(layout(), batch.source_code, batch.pk, "quarantine", keyring())
    for column, code in (("kind", kind_code), ("reason_code", reason_code)):
        rows = rows.filter(pc.equal(rows.column(column), code)) if code else rows
    chosen = rows.slice((page - 1) * QUARANTINE_PAGE_ROWS, QUARANTINE_PAGE_ROWS).to_pylist()
    return [
        QuarantineRow(
            batch.pk,
            batch.source_code,
            row["kind"],
            row["page_name"],
            row["row_no"],
            row["column"],
            row["reason_code"],
            row["reason"],
            row["raw"],
        )
        for row in chosen
    ]


def batch_ids(*, states: Sequence[str] = tuple(BatchState.values)) -> list[int]:
    """Return the batches in these states (all by default), oldest first; the landing's reading list."""
    return list(Batch.objects.filter(state__in=states).order_by("id").values_list("id", flat=True))


def batch_sources(batch_ids: Iterable[int]) -> dict[int, str]:
    """Return the source code of each of these batches."""
    return dict(Batch.objects.filter(id__in=set(batch_ids)).values_list("id", "source_code"))


def batches_recent(*, limit: int = 50) -> list[Batch]:
    """Return the latest batches, newest first; those of an undone import are no more."""
    return list(Batch.objects.exclude(state=BatchState.WITHDRAWN).order_by("-id")[:limit])


def source_lags() -> dict[str, datetime]:
    """Return when each connected source last brought a row; those that never did are left out."""
    enabled = SourceConfig.objects.filter(is_enabled=True).values_list("code", flat=True)
    rows = SourceCursor.objects.filter(source_code__in=list(enabled)).values_list("source_code").annotate(Max("last_row_at"))
    return {code: last_at for code, last_at in rows if last_at is not None}


def waiting_rows() -> int:
    """Return how many rows wait to be sealed."""
    return InboxPage.objects.aggregate(rows=Sum("row_count"))["rows"] or 0


@dataclass(frozen=True, slots=True)
class ImportBatches:
    """The batches of an import that count, in order of id, and when it began."""

    batches: tuple[Batch, ...]
    started_at: datetime


def import_batches(import_id: int) -> ImportBatches:
    """Return what an import brought to the landing. For jobs. Raises ImportRun.DoesNotExist."""
    run = ImportRun.objects.get(pk=import_id)
    batches = Batch.objects.filter(import_id=import_id).exclude(state=BatchState.WITHDRAWN).order_by("pk")
    return ImportBatches(tuple(batches), run.started_at or run.created_at)


def imports_of_batches(batch_ids: Iterable[int]) -> list[int]:
    """Return the imports among these batches, ascending."""
    found = Batch.objects.filter(pk__in_list=list(batch_ids)).values_list("import_id", flat=True)
    return sorted({import_id for import_id in found if import_id is not None})

"""Fetch what a source has to give, page by page; a pull that dies goes on behind the last stored page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huitou.apps.base import leases
from huitou.apps.intake.inbox import page_store
from huitou.apps.intake.models import SourceConfig, SourceCursor
from huitou.apps.intake.sources import config_of, source_open
from huitou.connectors.protocol import RawPage, Source, SourceMisconfigured, SourceUnavailable

Progress = Callable[[str, int], None]  # stream title, rows so far


@dataclass(frozen=True, slots=True)
class PullOutcome:
    """What one pull brought. `error` is empty when every stream reached its end; the sentence names source and stream."""

    source_code: str
    pages: int = 0
    rows: int = 0
    error: str = ""


def sources_pull(*, now: datetime, progress: Progress | None = None) -> list[PullOutcome]:
    """Pull every enabled source; one that fails, or is being pulled by somebody else, does not stop the others."""
    outcomes = []
    for code in SourceConfig.objects.filter(is_enabled=True).order_by("code").values_list("code", flat=True):
        try:
            outcomes.append(source_pull(source_code=code, now=now, progress=progress))
        except leases.LeaseTaken as error:
            outcomes.append(PullOutcome(code, error=str(error)))
    return outcomes


def source_pull(*, source_code: str, now: datetime, progress: Progress | None = None) -> PullOutcome:
    """
    Pull all streams of one source, each up to its end.

    A source that is down or misconfigured ends the pull with its sentence in the outcome and on the cursor of the stream.
    Raises SourceUnknown, and LeaseTaken while another process pulls the same source.
    """
    config = config_of(source_code)
    with leases.hold(f"intake.pull.{source_code}"):
        try:
            source = source_open(config)
        except SourceMisconfigured as error:
            return PullOutcome(source_code, error=str(error))
        pages = rows = 0
        for stream in source.streams:
            try:
                got = _stream_pull(source_code, source, stream.code, now=now, progress=progress)
            except (SourceUnavailable, SourceMisconfigured) as error:
                sentence = f"{source_code}/{stream.code}: {error}"
                cursor_fail(source_code, stream.code, sentence, now=now)
                return PullOutcome(source_code, pages, rows, sentence)
            pages, rows = pages + got[0], rows + got[1]
    return PullOutcome(source_code, pages, rows)


def cursor_fail(source_code: str, stream_code: str, sentence: str, *, now: datetime) -> None:
    """Keep why a stream does not move on, for the data page."""
    SourceCursor.objects.update_or_create(
        source_code=source_code, stream_code=stream_code, defaults={"last_error": sentence, "failed_at": now}
    )


def _stream_pull(
    source_code: str, source: Source, stream_code: str, *, now: datetime, progress: Progress | None
) -> tuple[int, int]:
    cursor, _ = SourceCursor.objects.get_or_create(source_code=source_code, stream_code=stream_code)
    pages = rows = 0
    for page in source.pull(stream_code, cursor.cursor):
        _page_take(cursor, page, now=now)
        pages, rows = pages + 1, rows + page.row_count
        if progress is not None:
            progress(f"{source_code}/{stream_code}", rows)
    SourceCursor.objects.filter(pk=cursor.pk).update(last_pull_at=now, last_error="", failed_at=None)
    return pages, rows


@transaction.atomic
def _page_take(cursor: SourceCursor, page: RawPage, *, now: datetime) -> None:
    """Page and cursor stand or fall together: dying here repeats the page, never skips it."""
    if page.row_count:
        page_store(cursor.source_code, page, now=now)
    moved: dict[str, object] = {"cursor": dict(page.next_cursor)}
    if page.row_count:
        moved["last_row_at"] = now
    SourceCursor.objects.filter(pk=cursor.pk).update(**moved)

"""Check an uploaded file, and run it: page by page into the inbox, sealed in parts, resumed behind the last stored page."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

import pyarrow as pa
from django.db import transaction

from huitou.apps.base import hooks, jobs, leases
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.documents import documents_known
from huitou.apps.intake.inbox import page_store
from huitou.apps.intake.models import ImportRun, ImportState, InboxPage
from huitou.apps.intake.services.seal import IMPORT_ROWS, batch_seal, import_lease
from huitou.apps.intake.sources import config_of, mappings_of, source_open, stream_of
from huitou.apps.intake.uploads import upload_delete, upload_path, upload_read
from huitou.connectors.files.fields import FILE_KINDS, mapping_problems
from huitou.connectors.files.lines import Cut, Cutter, Dialect, lines_of
from huitou.connectors.files.tables import FileRefused
from huitou.connectors.protocol import PageFormat, RawPage
from huitou.core.labels import Label, mark
from huitou.core.periods import BUSINESS_ZONE
from huitou.warehouse.landing.draft import Draft
from huitou.warehouse.landing.pages import Page

PAGE_ROWS = 20_000
CHECKED_ROWS = 5_000
SHOWN_ERRORS = 20
KEEP_UPLOADS = timedelta(days=7)
FORGOTTEN = mark("文件一周没有导入，已删除；请重新上传")
_WAITING_ROWS = 3 * IMPORT_ROWS  # while somebody else seals, no more than this piles up

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What an import would come to. rows: lines looked at; is_whole: that was the whole file.

    counts: {kind: {received, accepted, merged, quarantined}}; errors: the first refused rows as rows of the quarantine.
    """

    rows: int
    is_whole: bool
    counts: dict[str, dict[str, int]]
    errors: list[dict[str, object]]


def import_check(*, import_id: int, now: datetime, whole: bool = False) -> Checked:
    """
    Judge the first rows (or all) against the rules and what is known, and write nothing.

    Raises FileRefused when a needed field is not mapped.
    """
    run = ImportRun.objects.get(pk=import_id)
    _complete(run)
    counts: dict[str, dict[str, int]] = {}
    errors: list[dict[str, object]] = []
    rows, is_whole = 0, True
    for cut in _cuts(run, page_rows=PAGE_ROWS if whole else CHECKED_ROWS, from_start=True):
        if rows and not whole:
            is_whole = False
            break
        rows += cut.rows
        found, refused = _judge(run, cut, now)
        for kind, count in found.items():
            before = counts.get(kind, {})
            counts[kind] = {name: before.get(name, 0) + value for name, value in count.items()}
        errors += refused.slice(0, SHOWN_ERRORS - len(errors)).to_pylist()
    return Checked(rows, is_whole, counts, errors)


def _judge(run: ImportRun, cut: Cut, now: datetime) -> tuple[dict[str, dict[str, int]], pa.Table]:
    config = config_of(run.source_code)
    stream = stream_of(source_open(config), run.kind_code)
    draft = Draft(source_code=run.source_code, now=now, keyring=keyring(), scratch=layout().temporary)
    try:
        page = Page(1, run.kind_code, run.file_name, "csv", cut.content)
        draft.add_stream([page], columns=(), mappings=mappings_of(config, stream), optional=stream.optional)
        draft.judge(documents_known(draft.keys()))
        return {kind: asdict(count) for kind, count in draft.counts().items()}, draft.refusals()
    finally:
        draft.close()


@transaction.atomic
def import_start(*, import_id: int, now: datetime) -> ImportRun:
    """Plan the work. A run that has begun is left alone. Raises FileRefused when a needed field is not mapped."""
    run = ImportRun.objects.select_for_update().get(pk=import_id)
    if run.state == ImportState.UPLOADED:
        _complete(run)
        run.state, run.started_at = ImportState.RUNNING, now
        run.save(update_fields=["state", "started_at"])
        jobs.plan("intake.import", now=now, import_id=run.pk)
    return run


def import_run(*, import_id: int, now: datetime, progress: Progress | None = None) -> ImportRun:
    """
    Bring every row of the file to the landing or the quarantine; killed at any moment it goes on behind the last page.

    Raises LeaseTaken while somebody else seals the last rows: run it again.
    """
    run = ImportRun.objects.get(pk=import_id)
    if run.state not in (ImportState.UPLOADED, ImportState.RUNNING):
        return run
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.RUNNING, started_at=run.started_at or now)
    with leases.hold(import_lease(import_id)):
        waiting = 0
        for cut in _cuts(run, page_rows=PAGE_ROWS):
            _page_take(run, cut, now)
            waiting += cut.rows
            if waiting >= IMPORT_ROWS:
                with suppress(leases.LeaseTaken):
                    _seal(run, now)
                    waiting = 0
                if waiting >= _WAITING_ROWS:
                    _seal(run, now)
            if progress is not None:
                progress(run.file_name, run.next_byte, run.byte_count)
        _seal(run, now)
        _end(run.pk, ImportState.DONE, "", now)
    run.refresh_from_db()
    return run


def import_fail(*, import_id: int, error: str, now: datetime) -> None:
    """Remember why a run cannot go on; what it brought so far stays and can be undone."""
    _end(import_id, ImportState.FAILED, error, now)


@transaction.atomic
def _end(import_id: int, state: ImportState, error: str, now: datetime) -> None:
    running = ImportRun.objects.filter(pk=import_id, state=ImportState.RUNNING)
    if running.update(state=state, error=error, ended_at=now):
        counts = ImportRun.objects.get(pk=import_id).counts
        hooks.run(hooks.Hook.IMPORT_ENDED, hooks.ImportEnded(import_id, state, counts, now))
        if state == ImportState.DONE:
            transaction.on_commit(partial(upload_delete, import_id))  # every row is where erasure and access rules reach it


def uploads_forget(*, now: datetime) -> int:
    """Delete files that were uploaded and never run, or whose run failed, a week ago; return how many."""
    old = ImportRun.objects.filter(
        state__in=(ImportState.UPLOADED, ImportState.FAILED, ImportState.UNDONE), created_at__lt=now - KEEP_UPLOADS
    )
    ids = [import_id for import_id in old.values_list("pk", flat=True) if upload_path(import_id).exists()]
    for import_id in ids:
        upload_delete(import_id)
    ImportRun.objects.filter(pk__in=ids, state=ImportState.UPLOADED).update(state=ImportState.FAILED, error=FORGOTTEN)
    return len(ids)


def _seal(run: ImportRun, now: datetime) -> None:
    while InboxPage.objects.filter(import_id=run.pk).exists():
        batch_seal(source_code=run.source_code, now=now)


@transaction.atomic
def _page_take(run: ImportRun, cut: Cut, now: datetime) -> None:
    """Page and place in the file stand or fall together."""
    page = RawPage(
        stream=run.kind_code,
        name=f"{run.file_name}#{run.next_line}",
        format=PageFormat.CSV,
        content=cut.content,
        row_count=cut.rows,
        next_cursor={},
        idempotency_key=f"import:{run.pk}:{run.next_byte}",
    )
    page_store(run.source_code, page, now=now, import_id=run.pk)
    run.next_byte, run.next_line, run.row_count = cut.next_byte, cut.next_line, run.row_count + cut.rows
    run.save(update_fields=["next_byte", "next_line", "row_count"])


def _cuts(run: ImportRun, *, page_rows: int, from_start: bool = False) -> Iterator[Cut]:
    """Cut what is left of the file into pages; `from_start` only for a file that has not begun."""
    kind = FILE_KINDS[run.kind_code]
    dialect = Dialect(run.encoding, run.delimiter, tuple(run.header))
    group = run.mapping.get(kind.group_by) if kind.group_by else None
    cutter = Cutter(dialect, mapping=run.mapping, constants=_constants(run), group_column=group)
    lines = lines_of(upload_read(run.pk, at=run.next_byte), number=run.next_line, at=run.next_byte)
    return cutter.pages(lines, rows=page_rows)


def _constants(run: ImportRun) -> dict[str, str]:
    """A version that no column states is the moment of the upload."""
    fixed = dict(run.constants)
    moment = "occurred_at" if run.kind_code == "attributes" else "updated_at"
    if moment in FILE_KINDS[run.kind_code].names and moment not in run.mapping:
        fixed.setdefault(moment, run.created_at.astimezone(BUSINESS_ZONE).isoformat(sep=" "))
    return fixed


def _complete(run: ImportRun) -> None:
    missing = mapping_problems(FILE_KINDS[run.kind_code], [*run.mapping, *run.constants])
    if missing:
        names = Label("、".join(title.zh for title in missing), ", ".join(title.en for title in missing))
        raise FileRefused(mark("还没有对应的必填字段：{names}"), names=names)

"""Read the imports: the list, one of them, its preview and its refused rows. Only for those who may mend rows."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from itertools import islice

import pyarrow.compute as pc

from huitou.apps.base.models import Job
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.labels import REASON_LABELS
from huitou.apps.intake.models import Batch, BatchState, ImportRun, ImportState
from huitou.apps.intake.queries import QUARANTINE_ROLES
from huitou.apps.intake.services.import_upload import ERROR_HEADERS
from huitou.apps.intake.uploads import upload_read
from huitou.connectors.files.fields import FILE_KINDS
from huitou.connectors.files.lines import lines_of
from huitou.core.labels import Label
from huitou.warehouse.landing.read import read_table
from huitou.warehouse.landing.reasons import SENTENCES, Reason

PREVIEW_ROWS = 20
_FORMULA = ("=", "+", "-", "@", "\t")

_BY_CELL = ("attributes", "groups")  # counted by filled cells: attributes, steps in and out


@dataclass(frozen=True, slots=True)
class ImportView:
    """
    One import as pages and the API show it. The four counts are of the file's own rows and add up to `rows` once it is done:
    new + updated + unchanged + refused; `beside` counts rows of other kinds that came out of it (a receipt's customer).
    """

    import_id: int
    source_code: str
    kind_code: str
    kind_title: Label
    file_name: str
    state: ImportState
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    mapping: dict[str, int]
    constants: dict[str, str]
    bytes: int
    sha256: str
    rows: int
    new: int
    updated: int
    unchanged: int
    refused: int
    beside: dict[str, int]
    read_share: float
    is_applied: bool
    replay_of: int | None
    error: str
    created_by: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One refused row; line is None where the whole part of the file could not be read."""

    line: int | None
    column: str  # names of fields
    title: Label | None  # the same as people call them; None where no field is at fault
    reason_code: str
    reason: str  # a Chinese sentence
    raw: str


def imports_readable(viewer: Viewer) -> bool:
    """Say whether the viewer may see imports at all: their rows are names and phones in clear."""
    return viewer.role_code in QUARANTINE_ROLES


def import_list(viewer: Viewer, *, before: int | None = None, limit: int = 50) -> list[ImportView]:
    """Return the latest imports, newest first, those before an id; nothing for a viewer who may not see imports."""
    if not imports_readable(viewer):
        return []
    runs = ImportRun.objects.all() if before is None else ImportRun.objects.filter(pk__lt=before)
    return [_view(run) for run in runs.order_by("-pk")[:limit]]


def import_view(viewer: Viewer, import_id: int) -> ImportView | None:
    """Return one import; None for no import and for a viewer who may not see it alike."""
    run = ImportRun.objects.filter(pk=import_id).first() if imports_readable(viewer) else None
    return None if run is None else _view(run)


def import_named(viewer: Viewer, source_code: str, file_name: str) -> ImportView | None:
    """Return the first import of a file of this name into a source; None for none, and for a viewer who may not see imports."""
    runs = ImportRun.objects.filter(source_code=source_code, file_name=file_name).order_by("pk")
    run = runs.first() if imports_readable(viewer) else None
    return None if run is None else _view(run)


def import_preview(viewer: Viewer, import_id: int, *, rows: int = PREVIEW_ROWS) -> list[list[str]]:
    """Return the first rows as the file has them, cut into columns; broken bytes are shown as \\xNN."""
    if not imports_readable(viewer):
        raise PermissionError(f"role {viewer.role_code} may not read imports")
    run = ImportRun.objects.get(pk=import_id)
    blocks = upload_read(run.pk)
    lines = islice((line.content for line in lines_of(islice(blocks, 4)) if line.content.strip()), rows + 1)
    text = "\n".join(line.decode(run.encoding, "backslashreplace").replace("\0", "␀") for line in lines)
    return list(csv.reader(StringIO(text), delimiter=run.delimiter))[1 : rows + 1]


def refused_rows(viewer: Viewer, import_id: int) -> Iterator[RefusedRow]:
    """
    Yield the refused rows of an import in the order of the file, each line once with its first reason.

    Raises PermissionError for a viewer outside QUARANTINE_ROLES.
    """
    if not imports_readable(viewer):
        raise PermissionError(f"role {viewer.role_code} may not read refused rows")
    return _refused(import_id)


def refused_rows_with(viewer: Viewer, import_id: int, text: str) -> Iterator[RefusedRow]:
    """
    Yield, as `refused_rows` does, those whose raw text holds a piece of text, whatever its case.

    Raises PermissionError for a viewer outside QUARANTINE_ROLES.
    """
    if not imports_readable(viewer):
        raise PermissionError(f"role {viewer.role_code} may not read refused rows")
    return _refused(import_id, within=text)


def _refused(import_id: int, *, within: str = "") -> Iterator[RefusedRow]:
    kind = FILE_KINDS[ImportRun.objects.values_list("kind_code", flat=True).get(pk=import_id)]
    titles = {field.name: field.title for field in kind.fields}
    live = Batch.objects.filter(import_id=import_id).exclude(state=BatchState.WITHDRAWN).order_by("id")
    for batch_id, source_code in live.values_list("id", "source_code"):
        table = read_table(layout(), source_code, batch_id, "quarantine", keyring())
        if within:
            table = table.filter(pc.match_substring(table["raw"], within, ignore_case=True))
        seen: set[int] = set()
        for row in sorted(table.to_pylist(), key=lambda row: row["row_no"] or 0):
            if row["row_no"] is not None and row["row_no"] in seen:
                continue
            seen.add(row["row_no"] or 0)
            title = _title(titles, row["column"])
            reason = SENTENCES[Reason(row["reason_code"])].format(column=title.zh if title else row["column"])
            yield RefusedRow(row["row_no"], row["column"], title, row["reason_code"], reason, row["raw"])


def _title(titles: Mapping[str, Label], columns: str) -> Label | None:
    """Return what people call the fields that a refusal names, where it names nothing else."""
    names = columns.split(", ")
    if not columns or not set(names) <= titles.keys():
        return None
    found = [titles[name] for name in names]
    return Label(" / ".join(title.zh for title in found), " / ".join(title.en for title in found))


def refusal_title(kind_code: str, columns: str) -> Label | None:
    """Return what people call the fields that a check's refusal names."""
    return _title({field.name: field.title for field in FILE_KINDS[kind_code].fields}, columns)


def refused_reasons(viewer: Viewer, import_id: int) -> dict[str, int]:
    """Return how many lines were refused for each reason, most first."""
    found: dict[str, int] = {}
    for row in refused_rows(viewer, import_id):
        found[row.reason_code] = found.get(row.reason_code, 0) + 1
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def error_file(viewer: Viewer, import_id: int, *, language: str = "zh-hans") -> Iterator[bytes]:
    """
    Yield the file of refused rows: CSV in UTF-8 with BOM; line, field, reason and the raw text, in Chinese or ("en") English.
    Mended and uploaded again as it is, it is taken as a replay. A raw text that a spreadsheet would take for a formula begins
    with an apostrophe.
    """
    rows = refused_rows(viewer, import_id)
    return _error_file(import_id, rows, language if language in ERROR_HEADERS else "zh-hans")


def mended_file(viewer: Viewer, import_id: int, mended: Mapping[int, str]) -> bytes:
    """
    Return the error file of the lines in `mended` alone, each with its new raw text; uploaded, it is a replay of the import.

    Lines that are not among the refused ones are left out. Raises PermissionError for a viewer outside QUARANTINE_ROLES.
    """
    found = refused_rows(viewer, import_id)
    rows = (replace(row, raw=mended[row.line]) for row in found if row.line is not None and row.line in mended)
    return b"".join(_error_file(import_id, rows, "zh-hans"))


def _error_file(import_id: int, rows: Iterator[RefusedRow], language: str) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    yield _csv_line([text.format(number=import_id) for text in ERROR_HEADERS[language]])
    for row in rows:
        raw = f"'{row.raw}" if row.raw.startswith(_FORMULA) else row.raw
        reason = row.reason if language == "zh-hans" else REASON_LABELS[row.reason_code].text(language)
        yield _csv_line([str(row.line or ""), row.title.text(language) if row.title else row.column, reason, raw])


def _csv_line(cells: list[str]) -> bytes:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "backslashreplace")


def import_replays(viewer: Viewer, import_id: int) -> list[int]:
    """Return the imports that brought mended rows of this one and stand, oldest first."""
    if not imports_readable(viewer):
        return []
    rows = ImportRun.objects.filter(replay_of=import_id, state__in=(ImportState.RUNNING, ImportState.DONE))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def import_job(import_id: int) -> Job | None:
    """Return the job that works on an import, for its progress."""
    return Job.objects.filter(name="intake.import", arguments={"import_id": import_id}).order_by("-pk").first()


def _view(run: ImportRun) -> ImportView:
    kind = FILE_KINDS[run.kind_code]
    first, *others = kind.kinds
    own = run.counts.get(first, {})
    accepted, updated = own.get("accepted", 0), own.get("updated", 0)
    share = run.next_byte / run.byte_count if run.byte_count else 1.0
    return ImportView(
        import_id=run.pk,
        source_code=run.source_code,
        kind_code=run.kind_code,
        kind_title=kind.title,
        file_name=run.file_name,
        state=ImportState(run.state),
        encoding=run.encoding,
        delimiter=run.delimiter,
        header=tuple(run.header),
        mapping=run.mapping,
        constants=run.constants,
        bytes=run.byte_count,
        sha256=run.sha256,
        rows=own.get("received", run.row_count) if run.kind_code in _BY_CELL else run.row_count,
        new=accepted - updated,
        updated=updated,
        unchanged=own.get("merged", 0),
        refused=own.get("quarantined", 0),
        beside={kind_code: run.counts[kind_code]["accepted"] for kind_code in others if kind_code in run.counts},
        read_share=min(1.0, share) if run.state != ImportState.DONE else 1.0,
        is_applied=not Batch.objects.filter(import_id=run.pk, state__in=(BatchState.SEALED, BatchState.STORED)).exists(),
        replay_of=run.replay_of,
        error=run.error,
        created_by=run.created_by,
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        undone_at=run.undone_at,
    )

"""The import wizard: upload, columns, check, run, result, undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base import leases
from huitou.apps.base.audit import audit_record
from huitou.apps.base.clock import utc_now
from huitou.apps.identity.import_rows import import_rows_told
from huitou.apps.intake import imports, services
from huitou.apps.intake.imports import ImportView, RefusedRow
from huitou.apps.intake.models import ImportState
from huitou.connectors.files.fields import FILE_KINDS, FileField, FileKind
from huitou.connectors.files.tables import ENDINGS, FileRefused
from huitou.core.periods import business_date
from huitou.web import formats
from huitou.web.lazy import LazyText
from huitou.web.pages.attribute_sheet import is_slot, sheet_columns, sheet_fields, sheet_slots
from huitou.web.pages.import_effect import import_effect
from huitou.web.pages.import_lines import RefusedLine, mend_cells, mended_lines, raw_parts
from huitou.web.toasts import toast
from huitou.web.words import said

STEPS = (
    gettext_lazy("上传"),
    gettext_lazy("对应字段"),
    gettext_lazy("校验"),
    gettext_lazy("写入"),
    gettext_lazy("结果"),
)
SHOWN_REFUSED = 50
SHOWN_COLUMNS = 12
DELIMITERS = {",": gettext_lazy("逗号"), "\t": gettext_lazy("制表符"), ";": gettext_lazy("分号"), "|": gettext_lazy("竖线")}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of the mapping form: which column holds it (None: none), or one value for the whole file."""

    field: FileField
    column: int | None
    constant: str


@dataclass(frozen=True, slots=True)
class WizardStep:
    """One step of the wizard, and what it came to once it is done."""

    label: LazyText
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of "where the rows went"."""

    code: str
    rows: int
    share: float | None


@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """List the imports and offer to upload a file."""
    before = request.GET.get("before", "")
    views = imports.import_list(
        request_viewer(request), before=int(before) if before.isdecimal() and len(before) < 16 else None, limit=50
    )
    return _list(request, views)


def _list(request: HttpRequest, views: list[ImportView], refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "views": views,
        "next_before": views[-1].import_id if len(views) == 50 else None,
        "kinds": FILE_KINDS.values(),
        "endings": ",".join(ENDINGS),
        "refusal": refusal,
    }
    return render(request, "imports/list.html", context, status=status)


@require_POST
def import_new(request: HttpRequest) -> HttpResponse:
    """Take an uploaded file and lead on to its columns; a file that cannot be used says why."""
    viewer = request_viewer(request)
    file = request.FILES.get("file")
    if file is None or file.file is None:
        return _list(request, imports.import_list(viewer), _("请选一个文件"), 422)
    try:
        run = services.import_upload(
            stream=file.file,
            file_name=file.name or "",
            source_code=request.POST.get("source", "") or "files",
            kind_code=request.POST.get("kind", ""),
            user_id=viewer.user_id,
            now=utc_now(),
        )
    except FileRefused as error:
        return _list(request, imports.import_list(viewer), said(error), 422)
    return redirect("imports:import", run.pk)


@require_GET
def import_page(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show an import as far as it has come."""
    view = _view(request, import_id)
    if view.state == ImportState.UPLOADED:
        return _columns(request, view)
    if view.state == ImportState.RUNNING:
        return render(
            request,
            "imports/running.html",
            {"view": view, "steps": _steps(view), "step": 4, "job": imports.import_job(import_id)},
        )
    return _result(request, view)


@require_POST
def import_map(request: HttpRequest, import_id: int) -> HttpResponse:
    """Save which column holds which field, then check the first rows."""
    view = _view(request, import_id)
    kind = FILE_KINDS[view.kind_code]
    mapping: dict[str, int] = {}
    constants: dict[str, str] = {}
    for field in _shown_fields(kind):
        column = request.POST.get(f"column_{field.name}", "")
        if column.isdecimal() and len(column) < 5:
            mapping[field.name] = int(column)
        elif value := request.POST.get(f"constant_{field.name}", "").strip():
            constants[field.name] = value
    try:
        mapping, constants = sheet_slots(mapping, constants)
        services.import_map(
            import_id=import_id,
            mapping=mapping,
            constants=constants,
            now=utc_now(),
            encoding=request.POST.get("encoding") or None,
        )
    except FileRefused as error:
        return _columns(request, view, refusal=said(error), status=422)
    return HttpResponseRedirect(f"/imports/{import_id}?check=1")


@require_POST
def import_start(request: HttpRequest, import_id: int) -> HttpResponse:
    """Run the import in the background."""
    view = _view(request, import_id)
    try:
        services.import_start(import_id=import_id, now=utc_now())
    except FileRefused as error:
        return _columns(request, view, refusal=said(error), status=422)
    return redirect("imports:import", import_id)


@require_GET
def import_progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """Return how far a running import is, as a part of the page; a finished one makes the page load again."""
    view = _view(request, import_id)
    response = render(request, "imports/progress.html", {"view": view, "job": imports.import_job(import_id)})
    if view.state != ImportState.RUNNING:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def import_errors(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """Hand out the refused rows as a file; who took it is written down."""
    view, viewer = _view(request, import_id), request_viewer(request)
    audit_record(
        action_code="import.errors_taken", subject_kind="import", subject_id=import_id, now=utc_now(), user_id=viewer.user_id,
        rows=view.refused,
    )  # fmt: skip
    response = StreamingHttpResponse(
        imports.error_file(viewer, import_id, language=get_language() or ""), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="import-{import_id}-errors.csv"'
    return response


@require_POST
def import_mend(request: HttpRequest, import_id: int) -> HttpResponse:
    """Send the refused rows whose values were changed on the page again, as a replay that starts at once."""
    view, viewer = _view(request, import_id), request_viewer(request)
    if view.state not in (ImportState.DONE, ImportState.FAILED):
        raise Http404(f"import {import_id} has no rows to mend")
    mended = mended_lines(imports.refused_rows(viewer, import_id), view, request.POST, today=business_date(utc_now()))
    if not mended:
        return _result(request, view, refusal=_("没有一行改过；改了值再写入。"), status=422)
    try:
        content = imports.mended_file(viewer, import_id, mended)
        run = services.import_mend(
            import_id=import_id, lines=mended.keys(), content=content, user_id=viewer.user_id, now=utc_now()
        )
    except FileRefused as error:
        return _result(request, view, refusal=said(error), status=422)
    return redirect("imports:import", run.pk)


@require_POST
def import_undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Take back everything the import brought."""
    view, viewer = _view(request, import_id), request_viewer(request)
    try:
        services.import_undo(import_id=import_id, user_id=viewer.user_id, now=utc_now())
    except services.UndoRefused as error:
        return _result(request, view, refusal=said(error), status=422)
    except leases.LeaseTaken:
        return _result(request, view, refusal=_("此刻正有数据入库，请过几秒再试"), status=409)
    toast(request, _("已撤销；经营数字在下一次全量构建（每天夜里）后还原"))
    return redirect("imports:import", import_id)


def _view(request: HttpRequest, import_id: int) -> ImportView:
    view = imports.import_view(request_viewer(request), import_id)
    if view is None:
        raise Http404(f"no import {import_id}")
    return view


def _shown_fields(kind: FileKind) -> list[FileField]:
    """Return what the mapping form offers: of a sheet of attributes, these instead of its numbered places."""
    return [*(field for field in kind.fields if not is_slot(field.name)), *(sheet_fields() if kind.code == "attributes" else ())]


def _lines(kind: FileKind, view: ImportView) -> list[FieldLine]:
    placed = sheet_columns(view) if kind.code == "attributes" else {}
    return [
        FieldLine(field, placed.get(field.name, view.mapping.get(field.name)), view.constants.get(field.name, ""))
        for field in _shown_fields(kind)
    ]


def _columns(request: HttpRequest, view: ImportView, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """The mapping with a preview, and once asked for, what the first rows would come to."""
    kind = FILE_KINDS[view.kind_code]
    checked, now = None, utc_now()
    if request.GET.get("check") and not refusal:
        try:
            checked = services.import_check(import_id=view.import_id, now=now)
            for error in checked.errors:
                error["title"] = imports.refusal_title(view.kind_code, str(error["column"]))
        except FileRefused as error:
            refusal = said(error)
    context = {
        "view": view,
        "steps": _steps(view),
        "step": 3 if checked else 2,
        "lines": _lines(kind, view),
        "one_of": [field.title for field in kind.fields if field.name in kind.one_of],
        "columns": list(enumerate(view.header)),
        "unused": [name for place, name in enumerate(view.header) if place not in view.mapping.values()],
        "preview_header": view.header[:SHOWN_COLUMNS],
        "preview": [row[:SHOWN_COLUMNS] for row in imports.import_preview(request_viewer(request), view.import_id, rows=8)],
        "delimiter": DELIMITERS.get(view.delimiter, view.delimiter),
        "checked": checked,
        "own": checked.counts.get(kind.kinds[0]) if checked else None,
        "refusal": refusal,
    }
    return render(request, "imports/columns.html", context, status=status)


def _result(request: HttpRequest, view: ImportView, *, refusal: str = "", status: int = 200) -> HttpResponse:
    viewer = request_viewer(request)
    is_there = view.state in (ImportState.DONE, ImportState.FAILED)
    rows: list[RefusedRow] = []
    reasons: Mapping[str, int] = {}
    if is_there and view.refused:
        reasons = imports.refused_reasons(viewer, view.import_id)
        wanted = request.GET.get("reason", "")
        found = imports.refused_rows(viewer, view.import_id)
        rows = list(islice((row for row in found if not wanted or row.reason_code == wanted), SHOWN_REFUSED))
    known = services.lines_mended(view.import_id) if rows else {}
    today = business_date(utc_now())
    lines = [RefusedLine(row, raw_parts(row, view), mend_cells(row, view, today=today), known.get(row.line or 0)) for row in rows]
    parts = (("updated", view.updated), ("new", view.new), ("unchanged", view.unchanged), ("refused", view.refused))
    context = {
        "view": view,
        "steps": _steps(view),
        "step": 5,
        "shares": [Share(code, count, count / view.rows if view.rows else None) for code, count in parts],
        "stack": [(code, count / view.rows) for code, count in parts] if view.rows else [],
        "may_mend": is_there and any((row.line or 0) not in known for row in rows),
        "reasons": reasons,
        "replays": imports.import_replays(viewer, view.import_id) if rows else [],
        "wanted": request.GET.get("reason", ""),
        "lines": lines,
        "suggestions": sum(bool(mend.suggested) for line in lines if line.replay is None for mend in line.mends),
        "effect": import_effect(viewer, view) if is_there else None,
        "unused": [name for place, name in enumerate(view.header) if place not in view.mapping.values()],
        "delimiter": DELIMITERS.get(view.delimiter, view.delimiter),
        "seconds": (view.ended_at - view.started_at).total_seconds() if view.ended_at and view.started_at else None,
        "may_find": is_there and view.rows > 0 and import_rows_told(view),
        "may_undo": is_there and view.kind_code in services.UNDOABLE_KINDS,
        "refusal": refusal,
        "failure": _(view.error) if view.error else "",
    }
    return render(request, "imports/result.html", context, status=status)


def _steps(view: ImportView) -> list[WizardStep]:
    """Return the steps; those behind the file's state say what they came to."""
    is_read = view.state not in (ImportState.UPLOADED, ImportState.RUNNING)
    used = _("%(used)s／%(total)s 列") % {"used": len(view.mapping), "total": len(view.header)}
    notes = [filesizeformat(view.bytes), used, "", "", ""]
    if is_read:
        refused = ngettext("%(rows)s 行隔离", "%(rows)s 行隔离", view.refused) % {"rows": formats.count_text(view.refused)}
        written = formats.count_text(view.new + view.updated)
        notes[3:] = [_("写入 %(rows)s 行") % {"rows": written}, refused]
    return [WizardStep(label, note) for label, note in zip(STEPS, notes, strict=True)]

"""Imports: upload a file, look what would come of it, run it, read its result and refused rows, undo it."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation
from django.utils.translation import gettext
from ninja import File, Form, Path, Query, Router
from ninja.files import UploadedFile
from ninja.responses import Status

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.intake import imports, services
from huitou.apps.intake.imports import ImportView
from huitou.connectors.files.fields import FILE_KINDS
from huitou.connectors.files.tables import FileRefused
from huitou.web import words, words_intake
from huitou.web.api.access import Caller, Guard
from huitou.web.api.once import once
from huitou.web.api.problems import Problem, caller_language, refused
from huitou.web.api.schemas.imports import CheckOut, ImportOut, ImportPage, ImportStartIn
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["imports"])
ImportId = Annotated[int, Path(ge=1, le=2**53 - 1)]
PAGE = 50


@router.get("/imports", response=answers(ImportPage), auth=Guard("imports_list"), url_name="imports_list")
def imports_list(request: HttpRequest, before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None) -> ImportPage:
    """Return the latest imports, newest first."""
    views = imports.import_list(caller_of(request).viewer, before=before, limit=PAGE)
    return ImportPage(items=[_out(request, view) for view in views], next=views[-1].import_id if len(views) == PAGE else None)


@router.post("/imports", response=answers(ImportOut, status=201), auth=Guard("import_post"), url_name="import_post")
def import_post(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    kind: Annotated[str, Form(max_length=16)],
    source: Annotated[str, Form(max_length=32)] = "files",
) -> Status[Any]:
    """Upload a file. Nothing lands yet: look at its columns and mapping, then start it. Send an Idempotency-Key."""
    caller = caller_of(request)
    stream = file.file
    if kind not in FILE_KINDS or stream is None:
        raise Problem(422, f"send a file, and as kind one of: {', '.join(FILE_KINDS)}")

    def call() -> tuple[int, Any]:
        try:
            run = services.import_upload(
                stream=stream, file_name=file.name or "", source_code=source, kind_code=kind, user_id=caller.user.pk,
                now=utc_now(),
            )  # fmt: skip
        except FileRefused as error:
            raise refused(request, 422, error) from error
        return 201, _out(request, _view(caller, run.pk)).model_dump(mode="json")

    digest = f"{kind}|{source}|{file.name}|{file.size}".encode("utf-8", "backslashreplace")
    return once(request, caller, "import_post", call, body=digest)


@router.get("/imports/{import_id}", response=answers(ImportOut), auth=Guard("import_get"), url_name="import_get")
def import_get(request: HttpRequest, import_id: ImportId) -> ImportOut:
    """Return one import with its counts."""
    return _out(request, _view(caller_of(request), import_id))


@router.get("/imports/{import_id}/check", response=answers(CheckOut), auth=Guard("import_check"), url_name="import_check")
def import_check(request: HttpRequest, import_id: ImportId) -> CheckOut:
    """Judge the first rows against the rules, and write nothing."""
    view = _view(caller_of(request), import_id)
    if view.state != "uploaded":
        raise Problem(409, "the import has begun")
    try:
        checked = services.import_check(import_id=import_id, now=utc_now())
    except FileRefused as error:
        raise refused(request, 409, error) from error
    errors = [_refused_row(request, error) for error in checked.errors]
    return CheckOut(rows=checked.rows, is_whole=checked.is_whole, counts=checked.counts, errors=errors)


@router.post(
    "/imports/{import_id}/start", response=answers(ImportOut, status=202), auth=Guard("import_start"), url_name="import_start"
)
def import_start(request: HttpRequest, import_id: ImportId, body: ImportStartIn) -> Status[Any]:
    """Say which column holds which field, and run. An import that has begun is left alone."""
    caller = caller_of(request)
    view = _view(caller, import_id)

    def call() -> tuple[int, Any]:
        try:
            if view.state == "uploaded":
                services.import_map(
                    import_id=import_id, mapping=view.mapping if body.mapping is None else body.mapping,
                    constants=view.constants if body.constants is None else body.constants, now=utc_now(),
                )  # fmt: skip
            services.import_start(import_id=import_id, now=utc_now())
        except FileRefused as error:
            raise refused(request, 422, error) from error
        return 202, _out(request, _view(caller, import_id)).model_dump(mode="json")

    return once(request, caller, f"import_start:{import_id}", call, body=request.body)


@router.get(
    "/imports/{import_id}/errors", response=answers(None), auth=Guard("import_errors"), url_name="import_errors",
    openapi_extra={"responses": {200: {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}}},
)  # fmt: skip
def import_errors(request: HttpRequest, import_id: ImportId) -> StreamingHttpResponse:
    """Return the refused rows as CSV: line, field, reason, raw text. Mended and uploaded again as it is, it is replayed."""
    caller = caller_of(request)
    _view(caller, import_id)
    return StreamingHttpResponse(imports.error_file(caller.viewer, import_id), content_type="text/csv; charset=utf-8")


@router.post("/imports/{import_id}/undo", response=answers(ImportOut), auth=Guard("import_undo"), url_name="import_undo")
def import_undo(request: HttpRequest, import_id: ImportId) -> Status[Any]:
    """Take back everything an import brought."""
    caller = caller_of(request)
    _view(caller, import_id)

    def call() -> tuple[int, Any]:
        try:
            services.import_undo(import_id=import_id, user_id=caller.user.pk, now=utc_now())
        except services.UndoRefused as error:
            raise refused(request, 409, error) from error
        except leases.LeaseTaken as error:
            raise Problem(409, "rows are being landed now", retry_after=5) from error
        return 200, _out(request, _view(caller, import_id)).model_dump(mode="json")

    return once(request, caller, f"import_undo:{import_id}", call, body=b"")


def _view(caller: Caller, import_id: int) -> ImportView:
    view = imports.import_view(caller.viewer, import_id)
    if view is None:
        raise Problem(404, "there is no such import")
    return view


def _out(request: HttpRequest, view: ImportView) -> ImportOut:
    return ImportOut(
        id=view.import_id, source=view.source_code, kind=view.kind_code, file_name=view.file_name, state=view.state.value,
        encoding=view.encoding, header=list(view.header), mapping=view.mapping, rows=view.rows, new=view.new,
        updated=view.updated, unchanged=view.unchanged, quarantined=view.refused, read_share=view.read_share,
        replay_of=view.replay_of, error=_error(request, view.error), created_at=view.created_at, ended_at=view.ended_at,
    )  # fmt: skip


def _error(request: HttpRequest, sentence: str) -> str:
    """Why a run ended is stored as the screens say it in Chinese; one with a file's own words in it has no translation."""
    with translation.override(caller_language(request)):
        return gettext(sentence) if sentence else ""


def _refused_row(request: HttpRequest, error: Mapping[str, object]) -> dict[str, object]:
    """The sentence of a refused row is stored in Chinese; in another language the word of its code stands for it."""
    row = {name: error[name] for name in ("row_no", "column", "reason_code", "reason", "raw")}
    language = caller_language(request)
    if language != settings.LANGUAGE_CODE:
        with translation.override(language):
            row["reason"] = str(words.word(words_intake.REASONS, str(error["reason_code"])))
    return row

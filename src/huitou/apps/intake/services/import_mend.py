"""Refused lines of an import, put right on its page, go once more: a replay that starts at once."""

from collections.abc import Collection
from datetime import datetime
from io import BytesIO

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.intake.models import ImportRun, ImportState, MendedLine
from huitou.apps.intake.services.import_run import import_start
from huitou.apps.intake.services.import_upload import import_upload
from huitou.connectors.files.tables import FileRefused
from huitou.core.labels import mark

_STANDING = (ImportState.RUNNING, ImportState.DONE)


def lines_mended(import_id: int) -> dict[int, int]:
    """Return the lines that a replay holds, and which; a replay that failed or was undone frees its own."""
    rows = dict(MendedLine.objects.filter(import_id=import_id).order_by("pk").values_list("line", "replay_id"))
    standing = set(ImportRun.objects.filter(pk__in=set(rows.values()), state__in=_STANDING).values_list("pk", flat=True))
    return {line: replay for line, replay in rows.items() if replay in standing}


@transaction.atomic
def import_mend(*, import_id: int, lines: Collection[int], content: bytes, user_id: int, now: datetime) -> ImportRun:
    """
    Start a replay of these lines. content: their new text, as `intake.imports.mended_file` writes it.

    Raises FileRefused when a line is in a standing replay already (the form was sent twice), or on what `import_upload` refuses.
    """
    run = ImportRun.objects.select_for_update().get(pk=import_id)
    known = lines_mended(import_id)
    twice = sorted(set(lines) & known.keys())
    if twice:
        raise FileRefused(mark("第 {line} 行已经在导入 {number} 里改过，没有再写一次"), line=twice[0], number=known[twice[0]])
    replay = import_upload(
        stream=BytesIO(content), file_name="mended.csv", source_code=run.source_code, kind_code=run.kind_code, user_id=user_id,
        now=now,
    )  # fmt: skip
    import_start(import_id=replay.pk, now=now)
    MendedLine.objects.bulk_create(MendedLine(import_id=import_id, line=line, replay_id=replay.pk) for line in sorted(set(lines)))
    audit_record(
        action_code="import.mended", subject_kind="import", subject_id=import_id, now=now, user_id=user_id, replay=replay.pk,
        lines=len(set(lines)),
    )  # fmt: skip
    return replay

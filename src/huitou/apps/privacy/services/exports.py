"""Values in clear leave the house by the word of two persons, for a day, marked with who took them."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from huitou.apps.base.audit import audit_record
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.rules import PERSONAL_FIELDS
from huitou.apps.privacy.models import ExportRequest, ExportState
from huitou.core.labels import Refusal, mark

APPROVAL_LASTS = timedelta(hours=24)
CAMPAIGN = "campaign"  # the gate of outreach is asked
PURPOSES = ("service", CAMPAIGN, "authority", "partner")
_MARK = "export watermark"


class ExportRefused(Refusal):
    """The export is not given; the sentence says why."""


def export_ask(
    *,
    by: int,
    purpose_code: str,
    filters: str,
    fields: Sequence[str],
    row_count: int,
    now: datetime,
    also_offered: Sequence[str] = (),
) -> ExportRequest:
    """Ask for values in clear. also_offered: fields besides those of the file that this asker may name. Raises ExportRefused."""
    offered = (*PERSONAL_FIELDS, *also_offered)
    unknown = set(fields) - set(offered)
    if unknown or not fields:
        raise ExportRefused(mark("至少选一项要看全的字段"))
    if purpose_code not in PURPOSES:
        raise ExportRefused(mark("先选用途"))
    if not row_count:
        raise ExportRefused(mark("没有符合条件的客户"))
    asked = ExportRequest.objects.create(
        asked_by=by, asked_at=now, purpose_code=purpose_code, filters=filters, row_count=row_count,
        fields=[name for name in offered if name in fields],
    )  # fmt: skip
    _audit("export.asked", asked, by, now, rows=row_count)
    return asked


@transaction.atomic
def export_decide(*, export_id: int, by: int, approve: bool, now: datetime) -> ExportRequest:
    """Approve or refuse; who asked cannot decide, and what is decided stays. Raises ExportRefused."""
    one = ExportRequest.objects.select_for_update().get(pk=export_id)
    if one.asked_by == by:
        raise ExportRefused(mark("自己申请的导出要由另一个人批准"))
    if one.state != ExportState.ASKED:
        raise ExportRefused(mark("这次导出已经有人处理过"))
    one.state = ExportState.APPROVED if approve else ExportState.REFUSED
    one.decided_by, one.decided_at = by, now
    one.expires_at = now + APPROVAL_LASTS if approve else None
    one.save()
    _audit("export.approved" if approve else "export.refused", one, by, now)
    return one


@transaction.atomic
def export_take(*, export_id: int, by: int, now: datetime) -> ExportRequest:
    """Let who asked take an approved export while the approval lasts; every take is written down. Raises ExportRefused."""
    one = ExportRequest.objects.select_for_update().filter(pk=export_id, asked_by=by).first()
    if one is None or one.state != ExportState.APPROVED or one.expires_at is None:
        raise ExportRefused(mark("这次导出没有获准，或不是你申请的"))
    if now >= one.expires_at:
        raise ExportRefused(mark("批准已过期，重新申请"))
    ExportRequest.objects.filter(pk=one.pk).update(taken_count=F("taken_count") + 1)
    _audit("export.taken", one, by, now)
    return one


def watermark(export_id: int, person_id: int) -> str:
    """Return the mark that stands in a person's row of an export: whoever finds the row learns which export it came from."""
    return f"E{export_id}-{keyring().hash(_MARK, f'{export_id}:{person_id}') & 0xFFFFFFFF:08x}"


def watermark_export(text: str, person_id: int) -> int | None:
    """Return the export that a mark came from; None for a mark that was not made here for this person."""
    number = text.strip().removeprefix("E").partition("-")[0]
    if not number.isdecimal() or len(number) > 15:
        return None
    return int(number) if hmac.compare_digest(watermark(int(number), person_id), text.strip()) else None


def _audit(action: str, one: ExportRequest, by: int, now: datetime, **detail: object) -> None:
    audit_record(
        action_code=action, subject_kind="export", subject_id=one.pk, now=now, user_id=by, fields=one.fields,
        purpose=one.purpose_code, **detail,
    )  # fmt: skip

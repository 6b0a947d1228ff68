"""
Change tier schemes: draft, try, ask, publish by a second person, take over a template, switch off.

Published versions never change again.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.jobs import plan_once
from huitou.apps.value.custom_inputs import custom_missing
from huitou.apps.value.models import SchemeVersion, TierScheme, VersionState
from huitou.apps.value.schemes import free_slot, scheme_add
from huitou.core.periods import business_date
from huitou.core.value.scheme import scheme_read
from huitou.core.value.templates import SHIPPED
from huitou.core.value.tiers import SchemeInvalid


class DesignRefused(Exception):
    """The step does not fit where the scheme stands; `reason` is a stored code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@transaction.atomic
def draft_save(*, code: str, table: dict[str, Any], author_id: int, now: datetime) -> SchemeVersion:
    """
    Keep a table as the scheme's draft, over the draft there is. Raises SchemeInvalid when it cannot sort people or asks for
    something custom that nobody may use today ("custom_missing"), and DesignRefused("unknown") for no scheme.
    """
    scheme = _scheme(code)
    checked = scheme_read({**table, "code": code})
    for name in custom_missing(checked.custom_inputs, today=business_date(now)):
        raise SchemeInvalid("custom_missing", name)
    stored = {**table, "code": checked.code}
    draft = SchemeVersion.objects.select_for_update().filter(scheme=scheme, state=VersionState.DRAFT).first()
    if draft is None:
        return SchemeVersion.objects.create(
            scheme=scheme, number=_next_number(scheme), table=stored, author_id=author_id, created_at=now, changed_at=now
        )
    draft.table, draft.author_id, draft.changed_at, draft.what_if = stored, author_id, now, None
    draft.asked_by = draft.asked_at = draft.returned_by = None
    draft.save()
    return draft


@transaction.atomic
def draft_discard(*, code: str) -> None:
    """Throw the draft away; nothing happens without one."""
    SchemeVersion.objects.filter(scheme__code=code, state=VersionState.DRAFT).delete()


@transaction.atomic
def draft_ask(*, code: str, number: int, by: int, note: str, now: datetime) -> SchemeVersion:
    """
    Ask somebody else to put the draft in force, as it stands and was tried.

    number: of the draft that was looked at. Raises DesignRefused: "unknown", "no_draft", "changed" (another draft than the one
    looked at), "not_tried" (what it does was not looked at since it changed).
    """
    draft = _draft(code, number)
    if draft.what_if is None:
        raise DesignRefused("not_tried")
    draft.asked_by, draft.asked_at, draft.note, draft.returned_by = by, now, note[:200], None
    draft.save(update_fields=["asked_by", "asked_at", "note", "returned_by"])
    _audit("scheme.asked", draft, code, by, now)
    return draft


@transaction.atomic
def draft_return(*, code: str, number: int, by: int, note: str, now: datetime) -> SchemeVersion:
    """Give the draft back to be changed, with the reason. Raises DesignRefused as `draft_publish`, and "no_reason"."""
    draft = _asked(code, number, by)
    if not note.strip():
        raise DesignRefused("no_reason")
    draft.asked_by, draft.asked_at, draft.note, draft.returned_by = None, None, note.strip()[:200], by
    draft.save(update_fields=["asked_by", "asked_at", "note", "returned_by"])
    _audit("scheme.returned", draft, code, by, now)
    return draft


@transaction.atomic
def draft_publish(*, code: str, number: int, by: int, now: datetime) -> SchemeVersion:
    """
    Put the draft in force and retire the version before; a run over everybody is planned.

    by: neither who asked nor who wrote it. Raises DesignRefused: "unknown", "no_draft", "changed", "not_asked" (since it
    changed), "own" (who asked or wrote cannot decide), "custom_missing" (an input was switched off or expired meanwhile).
    """
    draft = _asked(code, number, by)
    if custom_missing(scheme_read(draft.table).custom_inputs, today=business_date(now)):
        raise DesignRefused("custom_missing")
    SchemeVersion.objects.filter(scheme_id=draft.scheme_id, state=VersionState.PUBLISHED).update(
        state=VersionState.RETIRED, retired_at=now
    )
    draft.state, draft.published_at, draft.decided_by = VersionState.PUBLISHED, now, by
    draft.save(update_fields=["state", "published_at", "decided_by"])
    _audit("scheme.published", draft, code, by, now)
    plan_once("value.run", now=now)
    return draft


def _draft(code: str, number: int) -> SchemeVersion:
    scheme = _scheme(code)
    draft = SchemeVersion.objects.select_for_update().filter(scheme=scheme, state=VersionState.DRAFT).first()
    if draft is None:
        raise DesignRefused("no_draft")
    if draft.number != number:
        raise DesignRefused("changed")
    return draft


def _asked(code: str, number: int, by: int) -> SchemeVersion:
    draft = _draft(code, number)
    if draft.asked_at is None or draft.what_if is None:
        raise DesignRefused("not_asked")
    if by in (draft.asked_by, draft.author_id):
        raise DesignRefused("own")
    return draft


def _audit(action: str, draft: SchemeVersion, code: str, by: int, now: datetime) -> None:
    audit_record(
        action_code=action, subject_kind="scheme", subject_id=code, now=now, user_id=by, number=draft.number, version=draft.pk
    )


@transaction.atomic
def template_take(*, code: str, author_id: int, now: datetime) -> TierScheme:
    """
    Put a shipped scheme in force, or switch a known one on again. Raises DesignRefused: "unknown", "in_force", "no_slot".
    """
    if code not in SHIPPED and not TierScheme.objects.filter(code=code).exists():
        raise DesignRefused("unknown")
    taken = list(TierScheme.objects.filter(slot__isnull=False).values_list("slot", flat=True))
    slot = free_slot([number for number in taken if number is not None])
    if slot is None:
        raise DesignRefused("no_slot")
    scheme = TierScheme.objects.filter(code=code).first()
    if scheme is None:
        scheme = scheme_add(SHIPPED[code], position=TierScheme.objects.count(), slot=slot, now=now, author_id=author_id)
    elif scheme.slot is not None:
        raise DesignRefused("in_force")
    else:
        scheme.slot = slot
        scheme.save(update_fields=["slot"])
    plan_once("value.run", now=now)
    return scheme


@transaction.atomic
def scheme_off(*, code: str, now: datetime) -> None:
    """Take a scheme out of force; its versions and the log of its changes stay. Raises DesignRefused("unknown")."""
    scheme = _scheme(code)
    scheme.slot = None
    scheme.save(update_fields=["slot"])
    plan_once("value.run", now=now)


def _scheme(code: str) -> TierScheme:
    scheme = TierScheme.objects.select_for_update().filter(code=code).first()
    if scheme is None:
        raise DesignRefused("unknown")
    return scheme


def _next_number(scheme: TierScheme) -> int:
    last = SchemeVersion.objects.filter(scheme=scheme).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1

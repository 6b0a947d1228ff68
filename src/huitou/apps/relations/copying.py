"""What a person's own copy tells of their relations: what, when and from where; never who the others are."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from huitou.apps.relations.models import GroupStep, HouseholdTie, Referral

Rows = list[dict[str, Any]]


def household_copy(person_id: int) -> Rows:
    """Return every tie of the person's household, past ones too."""
    return [
        {"shared": tie.kind_code, "since": _text(tie.since), "from": _text(tie.valid_from), "to": _text(tie.valid_to)}
        for tie in HouseholdTie.objects.filter(person_id=person_id).order_by("valid_from", "pk")
    ]


def referrals_copy(person_id: int) -> Rows:
    """Return the referrals that count: by whom the person came counts once, whom they brought each."""
    rows = Referral.objects.filter(Q(person_id=person_id) | Q(referrer_id=person_id), is_current=True).order_by("said_at", "pk")
    return [
        {
            "part": "referred" if row.person_id == person_id else "referrer",
            "source": row.source_code,
            "said_at": _text(row.said_at),
        }
        for row in rows
    ]


def steps_copy(person_id: int) -> Rows:
    """Return every stay of the person in a group."""
    stays = GroupStep.objects.filter(person_id=person_id, is_join=True).select_related("group").order_by("at", "pk")
    return [
        {
            "group": stay.group.title,
            "source": stay.group.source_code,
            "joined_at": _text(stay.at),
            "left_at": _text(stay.left_at),
        }
        for stay in stays
    ]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

"""Handlers of identity's hooks: tickets follow their record from person to person, and are emptied on erasure."""

from typing import Any

from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased
from huitou.apps.service.models import Ticket
from huitou.apps.service.texts import text_open

_CHUNK = 5_000


def tickets_follow(change: IdentityChange) -> None:
    """Handle MERGE, SPLIT and UNDO; run again it changes nothing."""
    by_person: dict[int | None, list[int]] = {}
    for move in change.moves:
        by_person.setdefault(move.to_person_id, []).append(move.record_id)
    for person_id, record_ids in by_person.items():
        for part in chunked(record_ids, _CHUNK):
            Ticket.objects.filter(record_id__in=part).update(person_id=person_id)


def tickets_erase(erased: PersonErased) -> None:
    """Handle ERASE: the texts and the link to the person go, the ticket stays counted."""
    for part in chunked(erased.record_ids, _CHUNK):
        Ticket.objects.filter(record_id__in=part).update(subject=None, body=None, record_id=None, person_id=None)


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Handle PERSON_COPY: everything held on the person's tickets, in clear."""
    tickets = Ticket.objects.filter(record_id__in=asked.record_ids).order_by("opened_at", "pk")
    return {
        "tickets": [
            {
                "source": ticket.source_code,
                "ticket_no": ticket.ticket_no,
                "type": ticket.type_code,
                "status": ticket.status_code,
                "opened_at": ticket.opened_at.isoformat(),
                "order_no": ticket.order_no,
                "subject": text_open(ticket.pk, "subject", ticket.subject),
                "body": text_open(ticket.pk, "body", ticket.body),
            }
            for ticket in tickets
        ]
    }

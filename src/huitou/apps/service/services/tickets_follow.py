"""Handlers: tickets follow their record from person to person, are emptied on erasure, and go with an undone import."""

from typing import Any

from huitou.apps.base.bulk import chunked, rows_set
from huitou.apps.base.hooks import BatchesWithdrawn, BatchLanded, IdentityChange, PersonCopy, PersonErased
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.service.models import Ticket
from huitou.apps.service.services.tickets_apply import tickets_apply
from huitou.apps.service.texts import text_open
from huitou.warehouse.landing.read import read_table

_CHUNK = 5_000


def tickets_follow(change: IdentityChange) -> None:
    """Handle MERGE, SPLIT and UNDO; run again it changes nothing."""
    rows_set(Ticket, "person_id", by="record_id", values=change.person_of())


def tickets_withdraw(withdrawn: BatchesWithdrawn) -> None:
    """Handle BATCHES_WITHDRAWN: their tickets go, and come back as the remaining batches tell them."""
    where, ring = layout(), keyring()
    gone: set[int] = set()
    for batch_id in withdrawn.batch_ids:
        gone |= set(read_table(where, withdrawn.source_code, batch_id, "tickets", ring)["ticket_id"].to_pylist())
    if not gone:
        return
    for part in chunked(sorted(gone), _CHUNK):
        Ticket.objects.filter(pk__in_list=part).delete()
    for batch_id in withdrawn.remaining_ids:
        there = read_table(where, withdrawn.source_code, batch_id, "tickets", ring)["ticket_id"].to_pylist()
        if gone.intersection(there):
            tickets_apply(BatchLanded(batch_id, withdrawn.source_code, withdrawn.now))


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

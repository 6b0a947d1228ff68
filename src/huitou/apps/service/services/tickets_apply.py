"""Handler of a landed batch: upsert its tickets by (source, id) and add its status events, in whatever order they come."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import BatchesApplied, BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.identity.queries import persons_of_records
from huitou.apps.service.models import Ticket, TicketStatus
from huitou.apps.service.texts import TEXT_FIELDS, text_seal
from huitou.warehouse.landing.read import read_table

_CHUNK = 5_000
_UPDATED = (
    "record_id", "order_no", "store_id", "product_id", "type_code", "status_code", "status_at", "opened_at", "version_at",
    "subject", "body",
)  # fmt: skip

Row = Mapping[str, Any]


@transaction.atomic
def tickets_apply(landed: BatchLanded) -> None:
    """Handle BATCH_LANDED; run again it changes nothing. An older version than the known one is left out."""
    tickets, statuses, texts = (
        read_table(layout(), landed.source_code, landed.batch_id, table, keyring()).to_pylist()
        for table in ("tickets", "ticket_status", "texts")
    )
    for part in chunked(_newest(tickets), _CHUNK):
        _tickets_upsert(landed.source_code, part, _texts_by_row(texts))
    for part in chunked(statuses, _CHUNK):
        _statuses_add(part)
    _status_settle({row["ticket_id"] for row in (*tickets, *statuses)})


@transaction.atomic
def tickets_settle(applied: BatchesApplied) -> None:
    """
    Handle BATCHES_APPLIED: look for the customers of tickets that have none.

    A ticket may come before its customer, and a batch's customers find their persons only after all batches are in.
    """
    waiting = Ticket.objects.filter(person_id=None).exclude(record_id=None).order_by("pk")
    for part in chunked(list(waiting), _CHUNK):
        _persons_project(part)


def _newest(rows: Iterable[Row]) -> list[Row]:
    """Keep the newest version of each ticket; of two with one moment the one that came last."""
    newest: dict[int, Row] = {}
    for row in rows:
        known = newest.get(row["ticket_id"])
        if known is None or row["version_at"] >= known["version_at"]:
            newest[row["ticket_id"]] = row
    return list(newest.values())


def _texts_by_row(texts: Iterable[Row]) -> dict[tuple[int, int, int, str], str]:
    """The texts of the batch by ticket, page, row and field: each version of a ticket has its own."""
    return {
        (row["subject_id"], row["page_no"], row["row_no"], row["field"]): row["text"]
        for row in texts
        if row["subject_kind"] == "ticket"
    }


def _tickets_upsert(source_code: str, rows: list[Row], texts: Mapping[tuple[int, int, int, str], str]) -> None:
    known = Ticket.objects.in_bulk([row["ticket_id"] for row in rows])
    changed = []
    for row in rows:
        version_at = _aware(row["version_at"])
        ticket = known.get(row["ticket_id"])
        if ticket is None:
            ticket = Ticket(id=row["ticket_id"], source_code=source_code, ticket_no=row["ticket_no"])
        elif version_at <= ticket.version_at:
            continue
        if ticket.status_at is None or version_at >= ticket.status_at:
            ticket.status_code, ticket.status_at = row["status_code"], version_at
        ticket.record_id, ticket.order_no = row["record_id"], row["order_no"] or ""
        ticket.store_id, ticket.product_id = row["store_id"], row["product_id"]
        ticket.type_code, ticket.opened_at, ticket.version_at = row["type_code"], _aware(row["opened_at"]), version_at
        for field in TEXT_FIELDS:
            text = texts.get((row["ticket_id"], row["page_no"], row["row_no"], field))
            setattr(ticket, field, None if text is None else text_seal(ticket.pk, field, text))
        changed.append(ticket)
    Ticket.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_UPDATED)
    _persons_project(changed)


def _statuses_add(rows: Iterable[Row]) -> None:
    TicketStatus.objects.bulk_create(
        [
            TicketStatus(
                ticket_id=row["ticket_id"],
                event_no=row["event_no"],
                status_code=row["status_code"],
                occurred_at=_aware(row["occurred_at"]),
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def _status_settle(ticket_ids: Iterable[int]) -> None:
    """A status event later than all that was known of its ticket decides the ticket's status."""
    for part in chunked(sorted(ticket_ids), _CHUNK):
        tickets = Ticket.objects.in_bulk(part)
        for event in TicketStatus.objects.filter(ticket_id__in=tickets).order_by("occurred_at", "event_no"):
            ticket = tickets[event.ticket_id]
            if event.occurred_at > ticket.status_at:
                ticket.status_code, ticket.status_at = event.status_code, event.occurred_at
        Ticket.objects.bulk_update(tickets.values(), ["status_code", "status_at"], batch_size=500)


def _persons_project(tickets: Iterable[Ticket]) -> None:
    """Write whose record each ticket names, where that differs from what is stored."""
    listed = list(tickets)
    persons = persons_of_records({ticket.record_id for ticket in listed if ticket.record_id is not None})
    moved = []
    for ticket in listed:
        person_id = None if ticket.record_id is None else persons.get(ticket.record_id)
        if person_id != ticket.person_id:
            ticket.person_id = person_id
            moved.append(ticket)
    Ticket.objects.bulk_update(moved, ["person_id"], batch_size=500)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)

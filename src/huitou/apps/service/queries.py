"""Read tickets: those of one person, and one ticket with its history. Cut to the viewer's reach."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer, store_reach
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.service.models import Ticket, TicketStatus
from huitou.apps.service.texts import text_open
from huitou.core.periods import Period, business_date, day_start
from huitou.core.planted import hidden

_IDS_PER_STATEMENT = 5_000


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket in a list; no free text."""

    ticket_id: int
    source_code: str
    ticket_no: str
    person_id: int | None
    order_no: str
    store_id: int | None
    product_id: int | None
    type_code: str
    status_code: str
    status_at: datetime
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class StatusStep:
    """One status event."""

    event_no: str
    status_code: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """A ticket with its texts and its statuses in the order they happened."""

    row: TicketRow
    subject: str
    body: str
    history: tuple[StatusStep, ...]


def tickets_in_reach(viewer: Viewer) -> QuerySet[Ticket]:
    """Return the tickets of persons in reach; a ticket of nobody belongs to its store."""
    if viewer.store_ids is None:
        return Ticket.objects.all()
    own = Exists(persons_in_reach(viewer).filter(pk=OuterRef("person_id")))
    return Ticket.objects.filter(own | Q(store_reach(viewer, "store_id"), person_id=None))


def tickets_of(viewer: Viewer, person_id: int) -> list[TicketRow]:
    """Return a person's tickets, newest first; nothing for a person out of reach."""
    return [_row(ticket) for ticket in tickets_in_reach(viewer).filter(person_id=person_id).order_by("-opened_at", "-pk")]


def ticket_detail(viewer: Viewer, ticket_id: int) -> TicketDetail | None:
    """Return one ticket, identity and bank card numbers in its texts masked; None for no ticket and out of reach alike."""
    ticket = tickets_in_reach(viewer).filter(pk=ticket_id).first()
    if ticket is None:
        return None
    events = TicketStatus.objects.filter(ticket_id=ticket_id).order_by("occurred_at", "event_no")
    return TicketDetail(
        row=_row(ticket),
        subject=hidden(text_open(ticket.pk, "subject", ticket.subject)),
        body=hidden(text_open(ticket.pk, "body", ticket.body)),
        history=tuple(StatusStep(event.event_no, event.status_code, event.occurred_at) for event in events),
    )


def _row(ticket: Ticket) -> TicketRow:
    return TicketRow(
        ticket_id=ticket.pk,
        source_code=ticket.source_code,
        ticket_no=ticket.ticket_no,
        person_id=ticket.person_id,
        order_no=ticket.order_no,
        store_id=ticket.store_id,
        product_id=ticket.product_id,
        type_code=ticket.type_code,
        status_code=ticket.status_code,
        status_at=ticket.status_at,
        opened_at=ticket.opened_at,
    )


def ticket_counts(group: Subquery, period: Period) -> list[tuple[str, str, int]]:
    """
    Return (group, type, tickets opened in the period). group: a code of the ticket's person, asked by its `person_id`.

    The reach is the group's: a ticket whose person has no code there is left out, so is one of nobody.
    """
    opened = Ticket.objects.filter(opened_at__gte=day_start(period.start), opened_at__lt=day_start(period.end))
    named = opened.filter(person_id__isnull=False).annotate(group=group).filter(group__isnull=False)
    return list(named.order_by().values_list("group", "type_code").annotate(number=Count("pk")))


def newest_tickets(persons: QuerySet[Any], *, types: Collection[str]) -> dict[int, tuple[str, date]]:
    """
    Return type and business day of the newest ticket of these types by person.

    persons: the ids, as a query that the caller cut to its viewer's reach.
    """
    asked = persons.filter(pk=OuterRef("person_id"))  # looked up for each ticket: the persons are far more than the tickets
    rows = Ticket.objects.filter(Exists(asked), type_code__in=list(types)).order_by("opened_at", "pk")
    columns = rows.values_list("person_id", "type_code", "opened_at")
    return {person: (type_code, business_date(at)) for person, type_code, at in columns if person is not None}


def newest_ticket() -> int:
    """Return the highest id of a ticket; 0 before the first."""
    return Ticket.objects.aggregate(last=Max("pk"))["last"] or 0


def persons_with_tickets_since(ticket_id: int) -> set[int]:
    """Return whose tickets landed after the one of this id. For jobs, no screen."""
    rows = Ticket.objects.filter(pk__gt=ticket_id, person_id__isnull=False).order_by()
    return {person_id for person_id in rows.values_list("person_id", flat=True).distinct() if person_id is not None}


def ticket_texts_said(person_ids: Collection[int] | None = None) -> list[tuple[int, int, date, datetime]]:
    """Return (ticket id, person, day it was opened, moment of its version), rising. None: everybody. For jobs, no screen."""
    rows = Ticket.objects.filter(Q(subject__isnull=False) | Q(body__isnull=False), person_id__isnull=False).order_by("pk")
    columns = rows.values_list("pk", "person_id", "opened_at", "version_at")
    parts = [columns.iterator(chunk_size=20_000)] if person_ids is None else [
        columns.filter(person_id__in=ids) for ids in chunked(sorted(person_ids), _IDS_PER_STATEMENT)
    ]  # fmt: skip
    return sorted((pk, person or 0, business_date(opened), version) for part in parts for pk, person, opened, version in part)


def ticket_texts_in_clear(ticket_ids: Collection[int]) -> dict[int, str]:
    """Return subject and text of these tickets by id. For jobs, no screen."""
    parts = (Ticket.objects.filter(pk__in=ids) for ids in chunked(ticket_ids, _IDS_PER_STATEMENT))
    return {
        pk: f"{text_open(pk, 'subject', subject)}\n{text_open(pk, 'body', body)}".strip()
        for part in parts
        for pk, subject, body in part.values_list("pk", "subject", "body")
    }

"""Tickets of the after-sales system, as imported, and the history of their statuses."""

from django.db import models


class Ticket(models.Model):
    """
    One ticket, newest version; the id is the surrogate id that landing gave it.

    status_code is what was true last: of the newest version or of the latest status event, whichever is later (status_at).
    subject and body are encrypted with context "service.ticket:<id>:<field>".
    """

    id = models.BigIntegerField(primary_key=True)
    source_code = models.CharField(max_length=32)
    ticket_no = models.CharField(max_length=64)
    record_id = models.BigIntegerField(null=True, db_index=True)  # null: anonymous or erased
    person_id = models.BigIntegerField(null=True)  # whose record it is now; follows every merge and split
    order_no = models.CharField(max_length=64, default="")
    store_id = models.BigIntegerField(null=True)
    product_id = models.BigIntegerField(null=True)
    type_code = models.CharField(max_length=32)
    status_code = models.CharField(max_length=32)
    status_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    version_at = models.DateTimeField()
    subject = models.BinaryField(null=True)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "ticket_no"], name="ticket_once_per_source")]
        indexes = [
            models.Index(fields=["person_id", "-opened_at"], name="ticket_by_person"),
            models.Index(fields=["store_id", "-opened_at"], name="ticket_by_store"),
        ]


class TicketStatus(models.Model):
    """One status event. It may come before its ticket, and long after later events; occurred_at is the order."""

    ticket_id = models.BigIntegerField()
    event_no = models.CharField(max_length=64)
    status_code = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket_id", "event_no"], name="ticket_status_once")]
        indexes = [models.Index(fields=["ticket_id", "occurred_at"], name="ticket_status_in_order")]

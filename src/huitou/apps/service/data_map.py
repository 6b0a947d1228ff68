"""What the tables of tickets hold."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "service.Ticket", Purpose.SERVICE, Keep.PERSON,
        sensitive="subject body",
        general="id source_code ticket_no record_id person_id order_no store_id product_id type_code "
        "status_code status_at opened_at "
        "version_at",
    ),
    Table("service.TicketStatus", Purpose.SERVICE, Keep.BUSINESS, general="id ticket_id event_no status_code occurred_at"),
)  # fmt: skip

"""What the intake's tables hold, and the files of the landing."""

from huitou.apps.base.classified import Keep, Purpose, Table
from huitou.warehouse.landing.schema import LINE_PART, PERSONAL


def landing_tables() -> tuple[Table, ...]:
    """Return the files of a landing batch: the record part is encrypted personal data, the line part holds ids and figures."""
    record_part = (
        Table(f"landing.{name}", Purpose.INTAKE, Keep.PERSON, sensitive=" ".join(schema.names))
        for name, schema in PERSONAL.items()
    )
    line_part = (
        Table(f"landing.{name}", Purpose.INTAKE, Keep.BUSINESS, general=" ".join(schema.names))
        for name, schema in LINE_PART.items()
    )
    return (*record_part, *line_part)


TABLES = (
    Table(
        "intake.SourceConfig", Purpose.INTAKE, Keep.BUSINESS,
        secret="settings", general="id code kind_code title is_enabled every_minutes created_at",
    ),
    Table(
        "intake.SourceCursor", Purpose.INTAKE, Keep.BUSINESS,
        general="id source_code stream_code cursor last_pull_at last_row_at last_error failed_at",
    ),
    Table(
        "intake.InboxPage", Purpose.INTAKE, Keep.SEALED, sensitive="content",
        general="id source_code stream_code name format_code row_count byte_count idempotency_key received_at import_id",
    ),
    Table(
        "intake.Batch", Purpose.INTAKE, Keep.BUSINESS,
        general="id source_code state import_id counts received accepted merged quarantined manifest_sha256 sealed_at "
        "sealed_on applied_at folded_at",
    ),
    Table("intake.Document", Purpose.INTAKE, Keep.BUSINESS, sensitive="key_hash content_hash", general="id "
        "version_at batch_id"),
    Table("intake.DocumentSequence", Purpose.OPERATION, Keep.BUSINESS, general="id next_id"),
    Table(
        "intake.QuarantineCount", Purpose.INTAKE, Keep.BUSINESS,
        general="id batch_id source_code kind_code reason_code row_count",
    ),
    Table(
        "intake.SourceDay", Purpose.INTAKE, Keep.BUSINESS,
        general="id source_code business_date kind_code received accepted merged quarantined",
    ),
    Table(
        "intake.ImportRun", Purpose.INTAKE, Keep.BUSINESS,
        general="id source_code kind_code file_name state encoding delimiter header mapping constants "
        "byte_count line_count sha256 "
        "next_byte next_line row_count counts replay_of error created_by created_at started_at ended_at undone_at",
    ),
    Table("intake.MendedLine", Purpose.OPERATION, Keep.BUSINESS, general="id import_id line replay_id"),
    Table(
        "intake.ImportMapping", Purpose.INTAKE, Keep.BUSINESS,
        general="id source_code kind_code header_sha256 mapping constants used_at",
    ),
    Table(
        "intake.TouchpointHour", Purpose.OPERATION, Keep.BOUNDED, days=400, dated_by="hour",
        general="id source_code code hour row_count last_at",
    ),
    *landing_tables(),
)  # fmt: skip

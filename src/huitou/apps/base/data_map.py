"""What the tables under all apps hold."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "base.AuditEvent", Purpose.SECURITY, Keep.PROOF,
        general="id at user_id action_code subject_kind subject_id detail",
    ),
    Table(
        "base.IdempotencyKey", Purpose.OPERATION, Keep.BOUNDED, days=7, dated_by="created_at",
        sensitive="answer", general="id scope_code key body_hash answer_status created_at",  # an answer as its caller saw it
    ),
    Table(
        "base.Job", Purpose.OPERATION, Keep.BOUNDED, days=90, dated_by="ended_at",
        general="id name arguments state planned_at started_at ended_at step done total attempts error result",
    ),
    Table("base.ScheduleMark", Purpose.OPERATION, Keep.BUSINESS, general="job_name last_at"),
    Table("base.Lease", Purpose.OPERATION, Keep.BUSINESS, general="name holder expires_at"),
)  # fmt: skip

"""Tables that every app stands on: the audit trail, idempotency keys, planned jobs, schedule marks and leases."""

from django.db import models


class AuditEvent(models.Model):
    """One thing that somebody did; append-only. `detail` never holds personal data."""

    at = models.DateTimeField(db_index=True)
    user_id = models.BigIntegerField(null=True)  # null: the system itself
    action_code = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-at"], name="audit_by_subject")]


class IdempotencyKey(models.Model):
    """The first answer to a write that carried this key; a repeat gets the same answer."""

    scope_code = models.CharField(max_length=64)  # which caller and operation the key belongs to
    key = models.CharField(max_length=128)
    body_hash = models.CharField(max_length=64)
    answer_status = models.PositiveSmallIntegerField(null=True)  # null: the first call has not answered yet
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope_code", "key"], name="idempotency_key_once")]


class JobState(models.TextChoices):
    """Where a planned job stands."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(models.Model):
    """
    One piece of queued work. The row is written in the caller's transaction; the queue only ever gets its id.

    `done` of `total` is the progress that web and command line show.
    """

    name = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=JobState.choices, default=JobState.PLANNED)
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=200, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(default="")
    result = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "planned_at"], name="job_by_state"),
            models.Index(fields=["name", "-id"], name="job_by_name"),
        ]


class ScheduleMark(models.Model):
    """When a schedule last planned its job; moved in the transaction that plans, so that two workers plan once."""

    job_name = models.CharField(max_length=64, primary_key=True)
    last_at = models.DateTimeField()


class Lease(models.Model):
    """The right of one holder to do a named piece of work alone until `expires_at`; renewed while it works."""

    name = models.CharField(max_length=96, primary_key=True)
    holder = models.CharField(max_length=200)  # machine/process id/process start/one hold
    expires_at = models.DateTimeField()

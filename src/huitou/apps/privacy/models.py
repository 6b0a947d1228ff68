"""Consent, who saw whom, and what must be remembered after a person was erased: keyed hashes only."""

from django.db import models


class Suppression(models.Model):
    """
    An identifier that must get no marketing, whatever is imported later. The keyed hash survives the erasure.

    A record that brings the value again is landed and flagged (`reimported_at`), never contacted.
    """

    kind_code = models.CharField(max_length=8)  # phone, email
    value_hash = models.BigIntegerField()
    reason_code = models.CharField(max_length=16)  # erased
    since = models.DateTimeField()
    reimported_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["value_hash", "kind_code"], name="suppression_once_per_value")]


class Erasure(models.Model):
    """One erasure: who was removed (an id that says nothing any more), by whom, why. Replayed after a restore."""

    person_id = models.BigIntegerField()
    record_ids = models.JSONField()
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    reason_code = models.CharField(max_length=32)


class ErasureDelay(models.Model):
    """How many days lie between asking for an erasure and it, from `saved_at` on; the newest row holds."""

    days = models.PositiveSmallIntegerField()
    saved_at = models.DateTimeField()
    by = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(days__lte=15), name="erasure_within_15_days")]


class RequestState(models.TextChoices):
    """Where a request to be erased stands."""

    WAITING = "waiting"
    RUNNING = "running"  # begun: it cannot be cancelled any more, and is begun again after a kill
    DONE = "done"
    CANCELLED = "cancelled"
    MISSING = "missing"  # a restored backup is older than the person: it waits until the records come again


class ErasureRequest(models.Model):
    """
    Somebody asked that a person be erased. Until `due_at` it can be cancelled, and the person stays out of marketing.

    person_id: as it was when asked; readers follow merges. record_keys: of a missing one, keyed hashes of its records.
    """

    person_id = models.BigIntegerField()
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    reason_code = models.CharField(max_length=32)
    state = models.CharField(max_length=9, choices=RequestState.choices, default=RequestState.WAITING)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)  # of a cancelled one
    record_keys = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id"], condition=models.Q(state__in=["waiting", "running"]), name="erasure_asked_once"
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="erasure_by_due")]


class ExportState(models.TextChoices):
    """Where a request to export values in clear stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class ExportRequest(models.Model):
    """
    Somebody asks to take values of customers in clear out of the house. Another person decides; then there is a day to take it.

    filters: the address form of the list's filter; fields: which values in clear. Never a value of a person.
    """

    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    purpose_code = models.CharField(max_length=16)
    filters = models.CharField(max_length=2000, default="")
    fields = models.JSONField()
    row_count = models.PositiveIntegerField()  # when it was asked for
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.ASKED)
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # of an approval
    taken_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")), name="export_by_two_persons"
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="export_by_state")]


class AccessEntry(models.Model):
    """
    One answer that showed personal data: who looked, at which page, whose files. Append-only.

    Each process is a writer of its own and numbers its entries without gaps, so that no two wait for each other.
    """

    at = models.DateTimeField()
    writer = models.CharField(max_length=32)
    number = models.BigIntegerField()  # 1, 2, 3 ... of this writer
    user_id = models.BigIntegerField()
    route_code = models.CharField(max_length=64)
    person_ids = models.JSONField()  # ascending

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writer", "number"], name="access_entry_once")]
        indexes = [models.Index(fields=["user_id", "-at"], name="access_by_user")]


class AccessSeal(models.Model):
    """
    A link of a writer's chain: the keyed hash over the previous link and the entries first_number..last_number.

    A changed, missing or added entry no longer gives the hash; without the key file nobody can make a fitting one.
    """

    writer = models.CharField(max_length=32)
    first_number = models.BigIntegerField()
    last_number = models.BigIntegerField()
    link = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writer", "first_number"], name="access_seal_once")]


class AccessedPerson(models.Model):
    """Which sealed entries showed a person: the index behind "who looked at this file"."""

    person_id = models.BigIntegerField()
    entry_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "entry_id"], name="accessed_person_once")]


class Consent(models.Model):
    """
    One answer of a person for one channel and purpose (core.consent). Append-only: the newest said_at counts.

    source_code: where it was given (counter, phone, written, online; merge, split, undo: carried over from another file).
    No free text: what one would write beside an answer tends to be about the person.
    """

    person_id = models.BigIntegerField()
    channel_code = models.CharField(max_length=16)
    purpose_code = models.CharField(max_length=16)
    answer_code = models.CharField(max_length=16)  # core.consent.Answer
    source_code = models.CharField(max_length=16)
    reason_code = models.CharField(max_length=16, default="")
    said_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person_id"], name="consent_by_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer_code__in=["granted", "withdrawn"]), name="consent_is_granted_or_withdrawn"
            )
        ]

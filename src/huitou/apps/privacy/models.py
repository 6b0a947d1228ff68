"""What must be remembered after a person was erased: keyed hashes only."""

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

"""What outsiders hold and are told: API keys, webhook endpoints and their deliveries."""

from django.db import models
from django.db.models import Q


class ApiKey(models.Model):
    """
    A key of the public API. Only its hash is kept; it may do what its scopes name and its owner's role allows, within the
    owner's reach.
    """

    title = models.CharField(max_length=64)
    prefix = models.CharField(max_length=8)  # shown, to tell keys apart
    key_sha256 = models.CharField(max_length=64, unique=True)
    owner_id = models.BigIntegerField(db_index=True)  # user
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute


class RateWindow(models.Model):
    """How many requests of one caller were handed to web processes in one minute."""

    name = models.CharField(max_length=64)
    minute = models.DateTimeField()
    used = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "minute"], name="rate_window_once")]


class WebhookEndpoint(models.Model):
    """An address of an outside system; `secret` signs what goes there, encrypted with context "gateway.webhook:<id>"."""

    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.BinaryField(null=True)
    is_enabled = models.BooleanField(default=True)
    created_by = models.BigIntegerField()
    created_at = models.DateTimeField()


class DeliveryState(models.TextChoices):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class WebhookDelivery(models.Model):
    """One event for one endpoint. The payload holds ids and codes, never personal data."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_code = models.CharField(max_length=32)
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # null: nothing more is tried
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due")]

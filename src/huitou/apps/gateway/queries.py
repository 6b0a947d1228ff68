"""Read API keys, webhook endpoints and deliveries."""

from huitou.apps.gateway.models import ApiKey, WebhookDelivery, WebhookEndpoint


def keys_of(owner_id: int | None = None) -> list[ApiKey]:
    """Return the keys of one owner, or all, newest first."""
    keys = ApiKey.objects.all() if owner_id is None else ApiKey.objects.filter(owner_id=owner_id)
    return list(keys.order_by("-pk"))


def endpoints() -> list[WebhookEndpoint]:
    """Return all webhook endpoints, oldest first."""
    return list(WebhookEndpoint.objects.order_by("pk"))


def deliveries(endpoint_id: int, *, before: int | None = None, limit: int = 50) -> list[WebhookDelivery]:
    """Return an endpoint's latest deliveries, newest first."""
    rows = WebhookDelivery.objects.filter(endpoint_id=endpoint_id)
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")[:limit])


def deliveries_waiting() -> int:
    """Return how many deliveries are still to be sent."""
    return WebhookDelivery.objects.exclude(due_at=None).count()

"""Tell outside systems: a row per event and endpoint, sent with growing pauses, at least once, signed."""

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.secrets import keyring
from huitou.apps.gateway.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from huitou.apps.gateway.scopes import WEBHOOK_EVENTS
from huitou.connectors.outbound import OutboundRefused, address_check, post_signed
from huitou.core.labels import Refusal, mark

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 180, 720))
_CLAIM_FOR = timedelta(minutes=2)  # longer than the longest call


class EndpointRefused(Refusal):
    """The address or the events of an endpoint are not acceptable."""


def endpoint_create(*, url: str, events: Collection[str], by: int, now: datetime) -> tuple[WebhookEndpoint, str]:
    """Register an address and return it with its signing secret, which is shown once. Raises EndpointRefused."""
    unknown = sorted(set(events) - set(WEBHOOK_EVENTS))
    if unknown or not events:
        raise EndpointRefused(mark("没有这个事件：{names}"), names=" ".join(unknown) or "?")
    try:
        address_check(url)
    except OutboundRefused as error:
        raise EndpointRefused(mark("不能向这个地址发送：{reason}"), reason=str(error)) from error
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.create(url=url, events=sorted(set(events)), created_by=by, created_at=now)
        endpoint.secret = keyring().encrypt(secret.encode(), context=secret_context(endpoint.pk))
        endpoint.save(update_fields=["secret"])
        audit_record(action_code="webhook.created", subject_kind="webhook", subject_id=endpoint.pk, now=now, user_id=by)
    return endpoint, secret


def endpoint_delete(*, endpoint_id: int, by: int, now: datetime) -> bool:
    """Forget an address and what waits for it; return whether there was one."""
    gone, _ = WebhookEndpoint.objects.filter(pk=endpoint_id).delete()
    if gone:
        audit_record(action_code="webhook.deleted", subject_kind="webhook", subject_id=endpoint_id, now=now, user_id=by)
    return bool(gone)


def webhook_emit(*, event_code: str, payload: Mapping[str, Any], now: datetime) -> int:
    """Plan an event for every endpoint that wants it, in the caller's transaction; return how many."""
    wanted = [endpoint for endpoint in WebhookEndpoint.objects.filter(is_enabled=True) if event_code in endpoint.events]
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(endpoint=endpoint, event_code=event_code, payload=dict(payload), created_at=now, due_at=now)
            for endpoint in wanted
        ]
    )
    if wanted:
        jobs.plan_once("gateway.deliver", now=now)
    return len(wanted)


def delivery_replay(*, delivery_id: int, now: datetime) -> bool:
    """Send a delivery that has ended once more; return whether there was one."""
    ended = WebhookDelivery.objects.filter(pk=delivery_id, state__in=(DeliveryState.SENT, DeliveryState.FAILED))
    if not ended.update(state=DeliveryState.PENDING, attempts=0, due_at=now):
        return False
    jobs.plan_once("gateway.deliver", now=now)
    return True


def deliveries_send(*, now: datetime, limit: int = 100) -> int:
    """
    Send what is due, oldest first; return how many were sent. A worker that dies in the middle of a call leaves its claim,
    and the delivery goes out again: the receiver knows it by its id.
    """
    sent = 0
    due = WebhookDelivery.objects.filter(due_at__lte=now, endpoint__is_enabled=True).order_by("due_at", "pk")
    for delivery in due.select_related("endpoint")[:limit]:
        claim = WebhookDelivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
        if claim.update(state=DeliveryState.SENDING, due_at=now + _CLAIM_FOR, attempts=F("attempts") + 1):
            sent += _send(delivery, now)
    return sent


def _send(delivery: WebhookDelivery, now: datetime) -> bool:
    endpoint = delivery.endpoint
    secret = keyring().decrypt(bytes(endpoint.secret or b""), context=secret_context(endpoint.pk)).decode()
    body = json.dumps(
        {"id": delivery.pk, "event": delivery.event_code, "at": delivery.created_at.isoformat(), "data": delivery.payload},
        separators=(",", ":"),
    ).encode()
    status, error = None, ""
    try:
        status = post_signed(endpoint.url, secret=secret, body=body, now=now)
    except OutboundRefused as refusal:
        error = str(refusal)
    row = WebhookDelivery.objects.filter(pk=delivery.pk)
    if status is not None and 200 <= status < 300:
        row.update(state=DeliveryState.SENT, due_at=None, sent_at=now, last_status=status, last_error="")
        return True
    attempt = delivery.attempts
    again = attempt < len(PAUSES)
    row.update(
        state=DeliveryState.PENDING if again else DeliveryState.FAILED,
        due_at=now + PAUSES[attempt] if again else None,
        last_status=status,
        last_error=error[:200],
    )
    return False


def secret_context(endpoint_id: int) -> str:
    """Return what an endpoint's secret is sealed with."""
    return f"gateway.webhook:{endpoint_id}"

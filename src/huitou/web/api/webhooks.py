"""Outgoing webhooks: endpoints, what was delivered, and sending it once more."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router
from ninja.responses import Status

from huitou.apps.base.clock import utc_now
from huitou.apps.gateway import queries, services
from huitou.apps.gateway.models import WebhookEndpoint
from huitou.apps.gateway.services.webhooks import EndpointRefused
from huitou.web.api.access import Guard
from huitou.web.api.once import once
from huitou.web.api.problems import Problem, refused
from huitou.web.api.schemas.base import Done
from huitou.web.api.schemas.webhooks import DeliveriesOut, DeliveryOut, WebhookIn, WebhookOut, WebhooksOut
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["webhooks"])
EndpointId = Annotated[int, Path(ge=1, le=2**53 - 1)]
PAGE = 50


@router.get("/webhooks", response=answers(WebhooksOut), auth=Guard("webhooks_list"), url_name="webhooks_list")
def webhooks_list(request: HttpRequest) -> WebhooksOut:
    """Return every endpoint."""
    return WebhooksOut(items=[_out(endpoint) for endpoint in queries.endpoints()])


@router.post("/webhooks", response=answers(WebhookOut, status=201), auth=Guard("webhook_post"), url_name="webhook_post")
def webhook_post(request: HttpRequest, body: WebhookIn) -> Status[Any]:
    """Register an address (https, public) for events. The signing secret is shown in this answer only."""
    caller = caller_of(request)
    try:
        endpoint, secret = services.endpoint_create(url=body.url, events=body.events, by=caller.user.pk, now=utc_now())
    except EndpointRefused as error:
        raise refused(request, 422, error) from error
    return Status(201, _out(endpoint, secret))


@router.post(
    "/webhooks/deliveries/{delivery_id}/replay",
    response=answers(Done, status=202),
    auth=Guard("webhook_replay"),
    url_name="webhook_replay",
)
def webhook_replay(request: HttpRequest, delivery_id: EndpointId) -> Status[Any]:
    """Send a delivery that has ended once more; the receiver knows it by its id."""
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        if not services.delivery_replay(delivery_id=delivery_id, now=utc_now()):
            raise Problem(404, "there is no such delivery that has ended")
        return 202, {"done": True}

    return once(request, caller, f"webhook_replay:{delivery_id}", call, body=b"")


@router.delete("/webhooks/{endpoint_id}", response=answers(Done), auth=Guard("webhook_delete"), url_name="webhook_delete")
def webhook_delete(request: HttpRequest, endpoint_id: EndpointId) -> Done:
    """Forget an endpoint and what waits for it."""
    if not services.endpoint_delete(endpoint_id=endpoint_id, by=caller_of(request).user.pk, now=utc_now()):
        raise Problem(404, "there is no such webhook")
    return Done(done=True)


@router.get(
    "/webhooks/{endpoint_id}/deliveries", response=answers(DeliveriesOut), auth=Guard("webhook_deliveries"),
    url_name="webhook_deliveries",
)  # fmt: skip
def webhook_deliveries(
    request: HttpRequest, endpoint_id: EndpointId, before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None
) -> DeliveriesOut:
    """Return an endpoint's latest deliveries."""
    rows = queries.deliveries(endpoint_id, before=before, limit=PAGE)
    items = [
        DeliveryOut(
            id=row.pk, event=row.event_code, state=row.state, attempts=row.attempts, last_status=row.last_status,
            last_error=row.last_error, created_at=row.created_at, sent_at=row.sent_at,
        )
        for row in rows
    ]  # fmt: skip
    return DeliveriesOut(items=items, next=rows[-1].pk if len(rows) == PAGE else None)


def _out(endpoint: WebhookEndpoint, secret: str | None = None) -> WebhookOut:
    return WebhookOut(
        id=endpoint.pk, url=endpoint.url, events=endpoint.events, is_enabled=endpoint.is_enabled,
        created_at=endpoint.created_at, secret=secret,
    )  # fmt: skip

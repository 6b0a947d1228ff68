"""Writes of the gateway app: API keys, webhooks."""

from huitou.apps.gateway.services.keys import KeyRefused, key_create, key_holder, key_revoke
from huitou.apps.gateway.services.rates import rate_take
from huitou.apps.gateway.services.webhooks import (
    deliveries_send,
    delivery_replay,
    endpoint_create,
    endpoint_delete,
    webhook_emit,
)

__all__ = [
    "KeyRefused",
    "deliveries_send",
    "delivery_replay",
    "endpoint_create",
    "endpoint_delete",
    "key_create",
    "key_holder",
    "key_revoke",
    "rate_take",
    "webhook_emit",
]

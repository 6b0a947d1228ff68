"""
Who may call what: one line per operation. A key must carry the scope, its owner's role must be named, and every query below
is cut to the owner's reach. A person who is signed in may read without a key (safe methods only).
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import viewer_for
from huitou.apps.accounts.roles import Role
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.gateway.services import key_holder
from huitou.web.api.problems import Problem
from huitou.web.policy import CATALOGUE_ROLES, CUSTOMER_ROLES, OPERATOR_ROLES, Access, only

IDENTITY_ROLES = only(Role.ENGINEER)
EVENT_ROLES = only(Role.ENGINEER)
ORDER_ROLES = CUSTOMER_ROLES
EXPORT_ROLES = only(Role.MARKETER, Role.MANAGER)
HOOK_ROLES = OPERATOR_ROLES
REQUESTS_A_MINUTE = 1_200  # of one key in one process
EVENT_REQUESTS_A_MINUTE = 60_000  # a till sends every receipt on its own
SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Rule:
    """The scope a key needs, the roles that may, and the bucket that counts its requests."""

    scope: str
    access: Access
    bucket: str = ""


RULES: Mapping[str, Rule] = {
    "customers_list": Rule("customers:read", CUSTOMER_ROLES),
    "customers_search": Rule("customers:read", CUSTOMER_ROLES),
    "customer_get": Rule("customers:read", CUSTOMER_ROLES),
    "customer_orders": Rule("orders:read", CUSTOMER_ROLES),
    "customer_events": Rule("customers:read", CUSTOMER_ROLES),
    "identity_get": Rule("identities:read", CUSTOMER_ROLES),
    "identity_why": Rule("identities:read", CUSTOMER_ROLES),
    "identity_merge": Rule("identities:write", IDENTITY_ROLES),
    "identity_split": Rule("identities:write", IDENTITY_ROLES),
    "events_post": Rule("events:write", EVENT_ROLES, bucket="events"),
    "orders_list": Rule("orders:read", ORDER_ROLES),
    "orders_get": Rule("orders:read", ORDER_ROLES),
    "imports_list": Rule("imports:read", OPERATOR_ROLES),
    "import_post": Rule("imports:write", OPERATOR_ROLES),
    "import_get": Rule("imports:read", OPERATOR_ROLES),
    "import_check": Rule("imports:read", OPERATOR_ROLES),
    "import_start": Rule("imports:write", OPERATOR_ROLES),
    "import_errors": Rule("imports:read", OPERATOR_ROLES),
    "import_undo": Rule("imports:write", OPERATOR_ROLES),
    "export_customers": Rule("exports:read", EXPORT_ROLES),
    "stores_list": Rule("catalogue:read", CATALOGUE_ROLES),
    "products_list": Rule("catalogue:read", CATALOGUE_ROLES),
    "webhooks_list": Rule("webhooks:write", HOOK_ROLES),
    "webhook_post": Rule("webhooks:write", HOOK_ROLES),
    "webhook_delete": Rule("webhooks:write", HOOK_ROLES),
    "webhook_deliveries": Rule("webhooks:write", HOOK_ROLES),
    "webhook_replay": Rule("webhooks:write", HOOK_ROLES),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the person, their reach, and the key if one was used."""

    user: User
    viewer: Viewer
    key_id: int | None

    @property
    def name(self) -> str:
        """The caller as idempotency keys belong to it."""
        return f"key:{self.key_id}" if self.key_id else f"user:{self.user.pk}"


class Guard:
    """The authentication of one operation: 401 without a valid key, 403 outside its rule, 429 beyond the rate."""

    def __init__(self, operation: str) -> None:
        self._rule = RULES[operation]

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller. Raises Problem."""
        caller, scopes = _caller(request)
        if scopes is not None and self._rule.scope not in scopes:
            raise Problem(403, f"this key was not made for {self._rule.scope}")
        roles = self._rule.access.roles
        if roles is not None and caller.user.role_code not in roles:
            raise Problem(403, f"the role {caller.user.role_code} may not do this")
        buckets = EVENT_BUCKETS if self._rule.bucket else BUCKETS
        buckets.take(caller.name)
        request.user = caller.user  # the access log names the person behind the key
        return caller


def _caller(request: HttpRequest) -> tuple[Caller, frozenset[str] | None]:
    header = request.headers.get("Authorization", "")
    if header:
        kind, _blank, text = header.partition(" ")
        holder = key_holder(text.strip(), now=utc_now()) if kind.lower() == "bearer" else None
        owner = User.objects.filter(pk=holder.owner_id, is_active=True).first() if holder else None
        if holder is None or owner is None:
            raise Problem(401, "the key is unknown, revoked or expired")
        return Caller(owner, viewer_for(owner), holder.key_id), holder.scopes
    if request.method in SAFE and isinstance(request.user, User) and request.user.is_active:
        return Caller(request.user, viewer_for(request.user), None), None
    raise Problem(401, "send an API key: Authorization: Bearer ht_...")


@dataclass(slots=True)
class Buckets:
    """How fast callers may come: a bucket each, filled evenly. Counted in this process; another process has its own."""

    per_minute: int = REQUESTS_A_MINUTE
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> None:
        """Take one request. Raises Problem 429 with the seconds to wait."""
        now, rate = self.clock(), self.per_minute / 60
        with self._lock:
            left, at = self._left.get(name, (float(self.per_minute), now))
            left = min(float(self.per_minute), left + (now - at) * rate)
            if left < 1:
                raise Problem(429, "too many requests", retry_after=max(1, math.ceil((1 - left) / rate)))
            self._left[name] = (left - 1, now)


BUCKETS = Buckets()
EVENT_BUCKETS = Buckets(per_minute=EVENT_REQUESTS_A_MINUTE)

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
from huitou.core.labels import Label
from huitou.web.api.problems import Problem
from huitou.web.policy import CATALOGUE_ROLES, CUSTOMER_ROLES, OPERATOR_ROLES, SEGMENT_EDITORS, SEGMENT_ROLES, Access, only

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
    """What the operation is called, the scope a key needs, the roles that may, and the bucket that counts its requests."""

    title: Label
    scope: str
    access: Access
    bucket: str = ""


RULES: Mapping[str, Rule] = {
    "customers_list": Rule(
        Label("按条件列出客户，可排序翻页", "List customers by a filter, sorted, in pages"), "customers:read", CUSTOMER_ROLES
    ),
    "customers_search": Rule(
        Label("按手机号、卡号、姓名等查找客户", "Find customers by phone, card, name ..."), "customers:read", CUSTOMER_ROLES
    ),
    "customer_get": Rule(Label("一位客户", "One customer"), "customers:read", CUSTOMER_ROLES),
    "customer_orders": Rule(Label("一位客户的订单", "Orders of one customer"), "orders:read", CUSTOMER_ROLES),
    "customer_events": Rule(Label("一位客户的行为", "What one customer did"), "customers:read", CUSTOMER_ROLES),
    "identity_get": Rule(Label("一位客户由哪些源记录组成", "The records behind a person"), "identities:read", CUSTOMER_ROLES),
    "identity_why": Rule(
        Label("两条源记录为什么是同一个人", "Why two records are one person"), "identities:read", CUSTOMER_ROLES
    ),
    "identity_merge": Rule(Label("人工合并两位客户", "Merge two persons"), "identities:write", IDENTITY_ROLES),
    "identity_split": Rule(Label("把几条源记录拆出去", "Split records off a person"), "identities:write", IDENTITY_ROLES),
    "events_post": Rule(Label("上报 1 到 1,000 条事件", "Send 1 to 1,000 events"), "events:write", EVENT_ROLES, bucket="events"),
    "orders_list": Rule(Label("按营业日列出订单", "List orders by business day"), "orders:read", ORDER_ROLES),
    "orders_get": Rule(Label("按单号查订单和明细", "One order number with its lines"), "orders:read", ORDER_ROLES),
    "imports_list": Rule(Label("导入记录", "The imports"), "imports:read", OPERATOR_ROLES),
    "import_post": Rule(Label("上传文件", "Upload a file"), "imports:write", OPERATOR_ROLES),
    "import_get": Rule(Label("一次导入的状态和行数", "State and counts of an import"), "imports:read", OPERATOR_ROLES),
    "import_check": Rule(Label("校验前几千行，不写入", "Check the first rows, write nothing"), "imports:read", OPERATOR_ROLES),
    "import_start": Rule(Label("确定对应关系并写入", "Map the columns and run"), "imports:write", OPERATOR_ROLES),
    "import_errors": Rule(Label("下载隔离的行", "The refused rows as CSV"), "imports:read", OPERATOR_ROLES),
    "import_undo": Rule(Label("撤销导入", "Undo an import"), "imports:write", OPERATOR_ROLES),
    "export_customers": Rule(Label("导出客户 CSV（打码）", "Export customers as CSV (masked)"), "exports:read", EXPORT_ROLES),
    "attributes_list": Rule(Label("自定义属性和事件的定义", "Custom attributes and events"), "catalogue:read", CATALOGUE_ROLES),
    "customer_attributes": Rule(Label("一位客户的自定义属性", "Attributes of one customer"), "customers:read", CUSTOMER_ROLES),
    "stores_list": Rule(Label("门店", "Stores"), "catalogue:read", CATALOGUE_ROLES),
    "products_list": Rule(Label("商品", "Products"), "catalogue:read", CATALOGUE_ROLES),
    "webhooks_list": Rule(Label("回调地址", "Webhook endpoints"), "webhooks:write", HOOK_ROLES),
    "webhook_post": Rule(Label("登记回调地址", "Register an endpoint"), "webhooks:write", HOOK_ROLES),
    "webhook_delete": Rule(Label("删除回调地址", "Delete an endpoint"), "webhooks:write", HOOK_ROLES),
    "webhook_deliveries": Rule(Label("发送记录", "Deliveries of an endpoint"), "webhooks:write", HOOK_ROLES),
    "webhook_replay": Rule(Label("再发一次", "Send a delivery again"), "webhooks:write", HOOK_ROLES),
    "segments_list": Rule(Label("人群和人数", "Segments and their members"), "segments:read", SEGMENT_ROLES),
    "segments_schema": Rule(Label("人群规则的格式", "The schema of rules"), "segments:read", SEGMENT_ROLES),
    "segments_count": Rule(Label("按规则实时数人", "Count a rule live"), "segments:read", SEGMENT_ROLES),
    "segments_preview": Rule(Label("预览规则：抽样、构成、重叠", "Preview a rule"), "segments:read", SEGMENT_ROLES),
    "segment_get": Rule(Label("一个人群", "One segment"), "segments:read", SEGMENT_ROLES),
    "segment_why": Rule(Label("一位客户为什么在或不在", "Why a customer is in or not"), "segments:read", SEGMENT_ROLES),
    "segment_post": Rule(Label("新建人群", "Make a segment"), "segments:write", SEGMENT_EDITORS),
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

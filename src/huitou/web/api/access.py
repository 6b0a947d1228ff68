"""
Who may call what: one line per operation. A key must carry the scope, its owner's role must be named, and every query below
is cut to the owner's reach. A person who is signed in may read without a key (safe methods only).
"""

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError
from django.http import HttpRequest

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import viewer_for
from huitou.apps.accounts.roles import Role
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.gateway.services import key_holder, rate_take
from huitou.apps.intake.services import source_signature_check
from huitou.apps.intake.sources import SourceUnknown
from huitou.core.labels import Label
from huitou.web.api.problems import Problem
from huitou.web.policy import (
    CATALOGUE_ROLES,
    CUSTOMER_ROLES,
    DESIGNER_ROLES,
    LOOKUP_ROLES,
    OPERATOR_ROLES,
    REDEEMERS,
    SEGMENT_EDITORS,
    SEGMENT_ROLES,
    Access,
    only,
)

IDENTITY_ROLES = only(Role.ENGINEER)
EVENT_ROLES = only(Role.ENGINEER)
ORDER_ROLES = CUSTOMER_ROLES
EXPORT_ROLES = only(Role.MARKETER, Role.MANAGER)
HOOK_ROLES = OPERATOR_ROLES
WITHHOLDERS = only(Role.MARKETER, Role.MANAGER, Role.PRODUCT_OWNER, Role.ENGINEER)
REQUESTS_A_MINUTE = 1_200  # of one key
EVENT_REQUESTS_A_MINUTE = 60_000  # a till sends every receipt on its own
SHARES = 20  # into which a minute is cut: one request in so many asks the database
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
    "customer_standing": Rule(
        Label("收银台和商城查等级、积分和可用券", "Tier, points and usable coupons for tills and mall"),
        "standing:read",
        LOOKUP_ROLES,
    ),
    "coupon_issue": Rule(Label("发券给一位客户", "Issue coupons to a customer"), "coupons:issue", DESIGNER_ROLES),
    "coupon_run_post": Rule(Label("给一个人群发券", "Issue coupons to a segment"), "coupons:issue", DESIGNER_ROLES),
    "coupon_run_get": Rule(Label("一次批量发券", "One run of coupons"), "coupons:issue", DESIGNER_ROLES),
    "coupon_redeem": Rule(Label("核销一张券", "Redeem a coupon"), "coupons:redeem", REDEEMERS),
    "coupon_return": Rule(Label("退单时退回券", "Give a coupon back with a sale"), "coupons:redeem", REDEEMERS),
    "customer_get": Rule(Label("一位客户", "One customer"), "customers:read", CUSTOMER_ROLES),
    "customer_orders": Rule(Label("一位客户的订单", "Orders of one customer"), "orders:read", CUSTOMER_ROLES),
    "customer_events": Rule(Label("一位客户的行为", "What one customer did"), "customers:read", CUSTOMER_ROLES),
    "identity_get": Rule(Label("一位客户由哪些源记录组成", "The records behind a person"), "identities:read", CUSTOMER_ROLES),
    "identity_why": Rule(
        Label("两条源记录为什么是同一个人", "Why two records are one person"), "identities:read", CUSTOMER_ROLES
    ),
    "identity_tell": Rule(
        Label("上报一位客户，当场知道是谁", "Tell of a customer and hear at once who it is"),
        "identities:write",
        IDENTITY_ROLES,
        bucket="events",
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
    "customer_relations": Rule(Label("一位客户的关系", "Relations of one customer"), "customers:read", CUSTOMER_ROLES),
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
    "customer_recommendations": Rule(Label("一位客户的推荐", "What to offer a customer"), "recommendations:read", CUSTOMER_ROLES),
    "basket_offers": Rule(Label("一篮商品的搭配", "What goes with a basket"), "recommendations:read", SEGMENT_EDITORS),
    "withheld_put": Rule(Label("停止推荐商品", "Stop recommending products"), "recommendations:write", WITHHOLDERS),
    "segment_post": Rule(Label("新建人群", "Make a segment"), "segments:write", SEGMENT_EDITORS),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the person, their reach, and the key if one was used."""

    user: User
    viewer: Viewer
    key_id: int | None
    source_code: str = ""  # of a signed request

    @property
    def name(self) -> str:
        """The caller as idempotency keys belong to it."""
        if self.source_code:
            return f"source:{self.source_code}"
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


class SignedGuard(Guard):
    """As Guard; a sender without a key may sign the request with the secret of the events source that its body names."""

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller: a key's holder or a source. Raises Problem."""
        if "X-Huitou-Signature" not in request.headers or "Authorization" in request.headers:
            return super().__call__(request)
        code = _stated_source(request.body)
        try:
            source_signature_check(source_code=code, headers=request.headers, body=request.body, now=utc_now())
        except (SourceUnknown, PermissionError) as error:  # one answer for both: nobody learns which sources there are
            raise Problem(401, "the request's signature, its time or its source does not fit") from error
        EVENT_BUCKETS.take(f"source:{code}")
        return Caller(User(username=f"source:{code}", role_code=""), Viewer(0, "", frozenset()), None, code)


def _stated_source(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    code = told.get("source") if isinstance(told, dict) else None
    return code if isinstance(code, str) else ""


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
    """
    How many requests a caller has in a minute, all processes together.

    A process takes a share of the minute from the database and hands it out alone, so one request in twenty writes. Where the
    database cannot be asked at that moment, the share is taken unasked: better a little too much than no answer.
    """

    per_minute: int = REQUESTS_A_MINUTE
    kind: str = ""  # counts apart from other kinds of the same caller
    clock: Callable[[], datetime] = utc_now
    _left: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> None:
        """Take one request. Raises Problem 429 with the seconds to wait."""
        now = self.clock()
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            known, left = self._left.get(name, (minute, 0))
            if known != minute or left < 1:
                left = self._granted(name, minute)
            if left < 1:
                wait = (minute + timedelta(minutes=1) - now).total_seconds()
                raise Problem(429, "too many requests", retry_after=max(1, math.ceil(wait)))
            self._left[name] = (minute, left - 1)

    def _granted(self, name: str, minute: datetime) -> int:
        share = max(1, self.per_minute // SHARES)
        try:
            return rate_take(name=f"{self.kind}{name}", minute=minute, share=share, most=self.per_minute)
        except OperationalError:
            return share


BUCKETS = Buckets()
EVENT_BUCKETS = Buckets(per_minute=EVENT_REQUESTS_A_MINUTE, kind="events:")

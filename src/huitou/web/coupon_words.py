"""What coupons promise, how they stand and why they are refused, in words."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.benefits.forms import FESTIVALS
from huitou.apps.benefits.models import Coupon, CouponKind, EntryKind, Occasion
from huitou.core.benefits.coupons import Effect, State
from huitou.web import formats
from huitou.web.lazy import LazyText

# A usable coupon past its time is an expired one. kind and icon of the badge, and the word.
STATES: Mapping[str, tuple[str, str, LazyText]] = {
    State.USABLE.value: ("good", "circle-check", gettext_lazy("可用")),
    "later": ("outline", "clock", gettext_lazy("未到时间")),
    "expired": ("outline", "hourglass", gettext_lazy("已过期")),
    State.REDEEMED.value: ("outline", "check", gettext_lazy("已使用")),
    State.WITHDRAWN.value: ("outline", "x", gettext_lazy("已收回")),
    State.SET_ASIDE.value: ("caution", "player-pause", gettext_lazy("暂停使用")),
}
ENTRIES: Mapping[str, LazyText] = {
    EntryKind.ISSUED.value: gettext_lazy("已发放"),
    EntryKind.REDEEMED.value: gettext_lazy("已使用"),
    EntryKind.RETURNED.value: gettext_lazy("退单，退回这张券"),
    EntryKind.WITHDRAWN.value: gettext_lazy("已收回"),
    EntryKind.SET_ASIDE.value: gettext_lazy("档案合并，暂停使用"),
    EntryKind.RESTORED.value: gettext_lazy("恢复使用"),
}
CHANNELS: Mapping[str, LazyText] = {"store": gettext_lazy("在门店"), "online": gettext_lazy("线上")}
OCCASIONS: Mapping[str, LazyText] = {  # marketing first: nobody asks for the gate to be passed by a slip
    Occasion.GIFT.value: gettext_lazy("营销赠送"),
    Occasion.RETURN_PACK.value: gettext_lazy("回归礼包：花得最多的三个品类各一张"),
    Occasion.ASKED.value: gettext_lazy("顾客要求或补偿"),
}
RUN_STOPS: Mapping[str, LazyText] = {
    "day_most": gettext_lazy("今天已经发满每日上限，明天可以继续。"),
    "budget": gettext_lazy("预算用完了，调高预算后可以继续。"),
    "kind": gettext_lazy("这种券已经停发，恢复发放后可以继续。"),
    "over": gettext_lazy("这种券的最后可用日已经过了。"),
    "role": gettext_lazy("发起人现在没有发券的权限。"),
}
TERMS_PROBLEMS: Mapping[tuple[str, str], LazyText] = {
    ("off_fen", "range"): gettext_lazy("填要减的金额，0.01 至 100,000 元。"),
    ("off_fen", "other_effect"): gettext_lazy("打折的券不填减免金额。"),
    ("off_fen", "issued"): gettext_lazy("已经发过券，券的内容不能再改；请新建一个券种，把这一种停发。"),
    ("off_share", "range"): gettext_lazy("填优惠的百分比，要大于 0、小于 100。"),
    ("off_share", "other_effect"): gettext_lazy("减金额的券不填百分比。"),
    ("most_off_fen", "range"): gettext_lazy("最多优惠填 0.01 至 100,000 元，或者留空。"),
    ("most_off_fen", "other_effect"): gettext_lazy("减金额的券不填最多优惠。"),
    ("most_off_fen", "budget"): gettext_lazy("有预算的打折券要写最多优惠多少，不然算不出要花多少。"),
    ("minimum_fen", "range"): gettext_lazy("使用门槛填 0 至 100,000 元。"),
    ("minimum_fen", "below_off"): gettext_lazy("使用门槛不能低于减免金额。"),
    ("usable_days", "no_end"): gettext_lazy("填有效天数或最后可用日，至少一项。"),
    ("usable_days", "range"): gettext_lazy("有效天数填 1 至 3,650。"),
    ("last_day", "before_start"): gettext_lazy("最后可用日不能早于最早可用日。"),
    ("person_most", "range"): gettext_lazy("每人上限填 1 至 1,000。"),
    ("day_most", "range"): gettext_lazy("每日上限填 1 以上的整数，或者留空。"),
    ("budget_fen", "range"): gettext_lazy("预算填 0.01 元以上，或者留空。"),
    ("budget_fen", "spent"): gettext_lazy("已发的券最多要花的钱超过了这个预算，请填高一些。"),
    ("name", "length"): gettext_lazy("名称填 1 至 64 个字。"),
    ("code", "letters"): gettext_lazy("代码填 1 至 32 个小写字母、数字、下划线或连字符，用字母或数字开头。"),
    ("code", "twice"): gettext_lazy("这个代码已经有券种在用。"),
    ("code", "issued"): gettext_lazy("已经发过券，代码不能再改。"),
}


def state_of(coupon: Coupon, now: datetime) -> str:
    """Return the key of STATES at a moment."""
    if coupon.state_code != State.USABLE:
        return coupon.state_code
    if now >= coupon.expires_at:
        return "expired"
    return "later" if now < coupon.usable_from else coupon.state_code


def promise(kind: CouponKind, categories: Mapping[int, str], category_id: int | None = None) -> str:
    """Say what a coupon takes off and from when on. categories: names by id; category_id: what one coupon is narrowed to."""
    if kind.effect_code == Effect.AMOUNT:
        parts = [_("减 %(off)s") % {"off": _money(kind.off_fen)}]
    else:
        parts = [_("优惠 %(share)s") % {"share": formats.percent_text(float(kind.off_share or 0), decimals=0)}]
        if kind.most_off_fen is not None:
            parts.append(_("最多 %(most)s") % {"most": _money(kind.most_off_fen)})
    if kind.minimum_fen:
        parts.append(_("满 %(minimum)s 可用") % {"minimum": _money(kind.minimum_fen)})
    ids = [category_id] if category_id is not None else kind.category_ids
    if ids:
        first = categories.get(ids[0], str(ids[0]))
        several = _("%(first)s 等 %(number)s 个品类") % {"first": first, "number": len(ids)}
        parts.append(several if len(ids) > 1 else first)
    if kind.first_order_only:
        parts.append(_("仅首单"))
    if kind.season_code:
        days = {"before": kind.season_before_days, "after": kind.season_after_days}
        parts.append(_("%(festival)s前 %(before)s 天至后 %(after)s 天") % {"festival": FESTIVALS[kind.season_code], **days})
    return " · ".join(parts)


def _money(fen: int | None) -> str:
    return formats.money_text(fen, decimals=2 if (fen or 0) % 100 else 0)

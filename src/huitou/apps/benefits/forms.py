"""What head office tells of a kind of coupon: yuan and percent on the form, whole fen and shares behind it."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huitou.apps.benefits.models import CouponKind
from huitou.apps.products.queries import category_names
from huitou.core.benefits.coupons import Caps, Effect, Terms
from huitou.core.festivals import MOST_DAYS, Festival, Season

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FEN = 100
TERMS_FIELDS = (
    "code", "effect", "off_fen", "off_share", "most_off_fen", "minimum_fen", "category_ids", "first_order_only", "from_day",
    "last_day", "usable_days", "season_code", "season_before_days", "season_after_days",
)  # fmt: skip


def _yuan(label: "str | _StrPromise", help_text: "str | _StrPromise" = "", *, initial: int | None = None) -> forms.DecimalField:
    return forms.DecimalField(label=label, help_text=help_text, initial=initial, max_digits=13, decimal_places=2, required=False)


def _day(label: "str | _StrPromise", help_text: "str | _StrPromise" = "") -> forms.DateField:
    picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=picker, required=False)


FESTIVALS = {
    Festival.NEW_YEAR.value: _("元旦"),
    Festival.SPRING.value: _("春节"),
    Festival.QINGMING.value: _("清明节"),
    Festival.LABOUR.value: _("劳动节"),
    Festival.DRAGON_BOAT.value: _("端午节"),
    Festival.MID_AUTUMN.value: _("中秋节"),
    Festival.NATIONAL.value: _("国庆节"),
}


class CouponKindForm(forms.Form):
    """Terms and caps. Once a coupon was issued the terms are shown and stay; the service checks what the values may be."""

    name = forms.CharField(label=_("名称"), max_length=64, help_text=_("顾客和收银员看到的名字，如：满 30 减 10"))
    code = forms.CharField(label=_("代码"), max_length=32, help_text=_("报表使用，发过券就不能再改：小写字母、数字、下划线"))
    effect = forms.ChoiceField(label=_("方式"), choices=[(Effect.AMOUNT.value, _("减金额")), (Effect.PERCENT.value, _("打折"))])
    off_fen = _yuan(_("减多少（元）"), _("减金额时填"))
    off_share = forms.DecimalField(
        label=_("优惠百分比"), max_digits=4, decimal_places=2, required=False, help_text=_("打折时填：八折填 20")
    )
    most_off_fen = _yuan(_("最多优惠（元）"), _("打折时填，留空则不封顶；有预算时必填"))
    minimum_fen = _yuan(_("满多少可用（元）"), initial=0)
    category_ids = forms.TypedMultipleChoiceField(
        label=_("限用品类"), required=False, coerce=int, help_text=_("不选则全部可用；选了上级，下级也算"),
        widget=forms.SelectMultiple(attrs={"size": 6, "class": "ht-input"}),
    )  # fmt: skip
    first_order_only = forms.BooleanField(label=_("仅首单"), required=False, help_text=_("只能用于顾客第一笔付款的订单"))
    from_day = _day(_("最早可用日"))
    usable_days = forms.IntegerField(label=_("有效天数"), required=False, help_text=_("从发放或最早可用日起算，当天也算"))
    last_day = _day(_("最后可用日"), _("有效天数和最后可用日至少填一项，先到的算"))
    season_code = forms.ChoiceField(
        label=_("只在节日前后"), required=False, choices=[("", _("不限")), *FESTIVALS.items()],
        help_text=_("每年按节日当天前后的天数算，两头都含"),
    )  # fmt: skip
    season_before_days = forms.IntegerField(label=_("节日前（天）"), min_value=0, max_value=MOST_DAYS, initial=0)
    season_after_days = forms.IntegerField(label=_("节日后（天）"), min_value=0, max_value=MOST_DAYS, initial=0)
    person_most = forms.IntegerField(label=_("每人上限（张）"), initial=1)
    day_most = forms.IntegerField(label=_("每日上限（张）"), required=False, help_text=_("留空则不限"))
    budget_fen = _yuan(_("预算（元）"), _("已发的券最多一共花多少，收回的不算；留空则不限"))
    is_on = forms.BooleanField(label=_("发放中"), required=False, initial=True, help_text=_("停发以后，已发的券照常可用"))

    def __init__(self, data: Any = None, *, kind: CouponKind | None = None) -> None:
        super().__init__(data, initial={} if kind is None else _known(kind))
        self.fields["category_ids"].choices = list(category_names().items())  # type: ignore[attr-defined]
        if kind is not None and kind.issued_count:
            for name in TERMS_FIELDS:
                self.fields[name].disabled = True

    def terms(self) -> Terms:
        """Return the terms of the valid form."""
        told = self.cleaned_data
        share = told["off_share"]
        return Terms(
            effect=Effect(told["effect"]), off_fen=self._fen("off_fen"), off_share=None if share is None else share / 100,
            most_off_fen=self._fen("most_off_fen"), minimum_fen=self._fen("minimum_fen") or 0,
            category_ids=frozenset(told["category_ids"]), first_order_only=told["first_order_only"], from_day=told["from_day"],
            last_day=told["last_day"], usable_days=told["usable_days"],
            season=Season(Festival(told["season_code"]), told["season_before_days"], told["season_after_days"])
            if told["season_code"]
            else None,
        )  # fmt: skip

    def caps(self) -> Caps:
        """Return the caps of the valid form."""
        return Caps(self.cleaned_data["person_most"], self.cleaned_data["day_most"], self._fen("budget_fen"))

    def _fen(self, name: str) -> int | None:
        yuan = self.cleaned_data[name]
        return None if yuan is None else int(yuan * FEN)


def _known(kind: CouponKind) -> dict[str, Any]:
    names = (
        "name",
        "code",
        "category_ids",
        "first_order_only",
        "from_day",
        "last_day",
        "usable_days",
        "person_most",
        "day_most",
        "season_code",
        "season_before_days",
        "season_after_days",
    )
    known = {name: getattr(kind, name) for name in (*names, "is_on")}
    for name in ("off_fen", "most_off_fen", "minimum_fen", "budget_fen"):
        fen = getattr(kind, name)
        known[name] = None if fen is None else Decimal(fen) / FEN
    known["off_share"] = None if kind.off_share is None else kind.off_share * 100
    return known | {"effect": kind.effect_code}

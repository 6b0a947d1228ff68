"""What an administrator tells of an attribute or an event type."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huitou.apps.attributes.models import LegalBasis
from huitou.apps.attributes.services.define import DEFAULT_PURPOSE, Told
from huitou.core.attributes import AttributeChoice, AttributeType, choices_read
from huitou.core.decimals import MOST_PLACES

TYPES = (
    (AttributeType.TEXT.value, _("文本")),
    (AttributeType.NUMBER.value, _("整数")),
    (AttributeType.DECIMAL.value, _("小数")),
    (AttributeType.AMOUNT.value, _("金额")),
    (AttributeType.DATE.value, _("日期")),
    (AttributeType.FLAG.value, _("是或否")),
    (AttributeType.CHOICE.value, _("单选")),
)

PURPOSE_CHOICES = (("service", _("服务通知")), ("marketing", _("营销")), ("personal", _("个性化推荐")))


class OriginForm(forms.Form):
    """Name and origin of a definition. The code is given once."""

    title = forms.CharField(label=_("名称"), max_length=40)
    title_en = forms.CharField(
        label=_("英文名称"), max_length=40, required=False, help_text=_("英文界面和接口使用；留空则用中文")
    )
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,30}$",
        label=_("代码"),
        help_text=_("导入和接口使用，定了不能改：小写字母开头，含小写字母、数字和下划线"),
    )
    is_third_party = forms.BooleanField(
        label=_("来自第三方"),
        required=False,
        help_text=_("要写明提供方、合法依据和到期日；缺一项就不能用作筛选条件，到期当天删除"),
    )
    provider = forms.CharField(label=_("提供方"), max_length=80, required=False)
    basis_code = forms.ChoiceField(label=_("合法依据"), required=False, choices=[("", "—"), *LegalBasis.choices])
    expires_on = forms.DateField(
        label=_("到期日"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            self.fields["code"].disabled = True

    def told(self) -> Told:
        """Return what the valid form says of the origin."""
        names = ("code", "title", "title_en", "is_third_party", "provider", "basis_code", "expires_on")
        return Told(**{name: self.cleaned_data[name] for name in names})


class AttributeForm(OriginForm):
    """An attribute: besides, its type, choices and how long a value counts as verified."""

    type_code = forms.ChoiceField(label=_("类型"), choices=TYPES, help_text=_("定了不能改"))
    choices = forms.CharField(
        label=_("选项"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("单选时填，一行一个；可以写成“代码 名称”，如 ev 电动"),
    )
    places = forms.IntegerField(
        label=_("小数位数"), required=False, min_value=1, max_value=MOST_PLACES, help_text=_("小数时填，1 到 6 位；定了不能改")
    )
    unit = forms.CharField(label=_("单位"), max_length=16, required=False)
    is_sensitive = forms.BooleanField(
        label=_("敏感"),
        required=False,
        help_text=_("加密保存，页面上打码；只用于同意了这项用途的客户，只有总部能拿单选的值筛选；定了不能改"),
    )
    purpose_code = forms.ChoiceField(
        label=_("要客户同意的用途"), choices=PURPOSE_CHOICES, initial=DEFAULT_PURPOSE, required=False,
        help_text=_("敏感属性才要选；客户没有同意，这项值就不用、不看、不录；定了不能改"),
    )  # fmt: skip
    stale_after_days = forms.IntegerField(
        label=_("多少天没有核实算过期"), initial=180, min_value=1, max_value=3650, help_text=_("过期的值列在“待核实”里")
    )
    field_order = (
        "title", "title_en", "code", "type_code", "choices", "places", "unit", "is_sensitive", "purpose_code", "stale_after_days",
        "is_third_party", "provider", "basis_code", "expires_on",
    )  # fmt: skip

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, is_new=is_new, **kwargs)
        if not is_new:
            for name in ("type_code", "places", "is_sensitive", "purpose_code"):
                self.fields[name].disabled = True

    def clean_choices(self) -> list[AttributeChoice]:
        """Read the lines; anything but a choice has none."""
        text = self.cleaned_data["choices"]
        if self.cleaned_data.get("type_code") != AttributeType.CHOICE or not text.strip():
            return []
        try:
            return choices_read(text)
        except ValueError as error:
            raise forms.ValidationError(_("写 2 到 50 个选项，一行一个，不能重复，每个不超过 40 字")) from error

"""Forms for logging in, for the second factor, and for the administrator's work on accounts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from huitou.apps.accounts.roles import REGION_ROLES, STORE_ROLES, Role


class LogInForm(AuthenticationForm):
    """User name and password; every refusal reads the same, so that nobody learns which names exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        refusal = _("用户名或密码不对。区分大小写；连续输错会锁定 15 分钟。")
        self.error_messages = {"invalid_login": refusal, "inactive": refusal}
        self.fields["username"].label = _("用户名")
        self.fields["password"].label = _("密码")


class CodeForm(forms.Form):
    """The code of the phone, or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class PreferencesForm(forms.Form):
    """One or more choices of how the screens look."""

    language = forms.CharField(required=False)
    theme = forms.CharField(required=False)
    density = forms.CharField(required=False)
    side = forms.CharField(required=False)


class UserForm(forms.Form):
    """What an administrator sets on an account. The user name is given once; the reach must fit the role."""

    username = forms.RegexField(r"^[\w.@+-]{2,64}$", label=_("用户名"), help_text=_("字母、数字和 . @ + - _，2 到 64 个"))
    display_name = forms.CharField(label=_("姓名"), max_length=64)
    role_code = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    store_ids = forms.TypedMultipleChoiceField(
        label=_("门店"), coerce=int, required=False, help_text=_("导购、店长、收银员必填：只能看到这些门店的客户")
    )
    region_codes = forms.MultipleChoiceField(label=_("区域"), required=False, help_text=_("区域经理必填：新开门店自动纳入"))
    password = forms.CharField(
        label=_("密码"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("至少 10 位；留空则不改。改了之后，这个人在各处的登录都会结束"),
    )

    def __init__(self, *args: Any, stores: Mapping[int, str], regions: Mapping[str, str], is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("store_ids", stores.items()), ("region_codes", regions.items())):
            field = self.fields[name]
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = list(choices)
        self.fields["password"].required = is_new
        if not is_new:
            self.fields["username"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Refuse a role whose reach is missing: such a person would see nobody and not know why."""
        cleaned = super().clean() or {}
        role = cleaned.get("role_code")
        if role in STORE_ROLES and not cleaned.get("store_ids"):
            self.add_error("store_ids", _("这个角色要选至少一家门店"))
        if role in REGION_ROLES and not cleaned.get("region_codes"):
            self.add_error("region_codes", _("这个角色要选至少一个区域"))
        return cleaned

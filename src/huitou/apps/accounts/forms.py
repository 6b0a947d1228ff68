"""Forms for logging in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LogInForm(AuthenticationForm):
    """User name and password; every refusal reads the same, so that nobody learns which names exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        refusal = _("用户名或密码不对。区分大小写；连续输错会锁定 15 分钟。")
        self.error_messages = {"invalid_login": refusal, "inactive": refusal}
        self.fields["username"].label = _("用户名")
        self.fields["password"].label = _("密码")


class PreferencesForm(forms.Form):
    """One or more choices of how the screens look."""

    language = forms.CharField(required=False)
    theme = forms.CharField(required=False)
    density = forms.CharField(required=False)

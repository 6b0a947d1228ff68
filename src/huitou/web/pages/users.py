"""Accounts, for the administrator: who may log in, in which role, for which stores."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huitou.apps.accounts import services
from huitou.apps.accounts.forms import UserForm
from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import signed_in, users_all, viewer_for
from huitou.apps.accounts.roles import REGION_ROLES, Role
from huitou.apps.base.clock import utc_now
from huitou.apps.products.queries import region_names, store_names, stores_by_region


@require_GET
def users(request: HttpRequest) -> HttpResponse:
    """List everybody with an account and how far each sees."""
    lines = [(user, viewer_for(user)) for user in users_all()]
    return render(request, "users/users.html", {"lines": lines, "active": sum(user.is_active for user, _viewer in lines)})


@require_http_methods(["GET", "POST"])
def user_edit(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """Make an account, or change one's name, role, reach and password."""
    user = None if user_id is None else get_object_or_404(users_all(), pk=user_id)
    known: dict[str, Any] = {"role_code": Role.GUIDE.value}  # of a new account: the role with the least reach
    if user is not None:
        known = {name: getattr(user, name) for name in ("username", "display_name", "role_code", "store_ids", "region_codes")}
    form = UserForm(
        request.POST or None, initial=known, stores=store_names(), regions=region_names(), is_new=user is None
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and _saved(request, form, user):
        messages.success(request, _("账号已保存。"))
        return redirect("users:list")
    return render(request, "users/user.html", {"form": form, "one": user}, status=422 if form.errors else 200)


def _saved(request: HttpRequest, form: UserForm, user: User | None) -> bool:
    """Save the account; put what speaks against it beside its field."""
    values: dict[str, Any] = form.cleaned_data
    username = values["username"] if user is None else user.username
    if user is None and users_all().filter(username=username).exists():
        form.add_error("username", _("这个用户名已有人用，换一个"))
        return False
    in_region = {store for code in values["region_codes"] for store in stores_by_region().get(code, ())}
    try:
        services.user_save(
            username=username,
            role_code=values["role_code"],
            display_name=values["display_name"],
            password=values["password"] or None,
            store_ids=in_region if values["role_code"] in REGION_ROLES else values["store_ids"],
            region_codes=values["region_codes"],
            by_user_id=signed_in(request).pk,
            now=utc_now(),
        )
    except ValidationError as error:
        form.add_error("password", error)
        return False
    return True


@require_POST
def user_switch(request: HttpRequest, user_id: int) -> HttpResponse:
    """Switch an account off, or on again."""
    is_active = request.POST.get("active") == "1"
    try:
        user = services.user_switch(user_id=user_id, is_active=is_active, by_user_id=signed_in(request).pk, now=utc_now())
    except User.DoesNotExist as error:
        raise Http404 from error
    except services.OwnAccount:
        messages.error(request, _("不能停用自己正在用的账号，请另一位管理员来做。"))
        return redirect("users:list")
    text = _("{name} 可以登录了。") if is_active else _("{name} 已停用，各处的登录随即结束。")
    messages.success(request, text.format(name=user.display_name or user.username))
    return redirect("users:list")


@require_POST
def user_factor_off(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take a lost phone's second factor away; the person sets up a new one after the next log-in."""
    user = get_object_or_404(users_all(), pk=user_id)
    services.second_factor_remove(user_id=user.pk, by_user_id=signed_in(request).pk, now=utc_now())
    messages.success(request, _("{name} 的两步验证已取消。").format(name=user.display_name or user.username))
    return redirect("users:list")

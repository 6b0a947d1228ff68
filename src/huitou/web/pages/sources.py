"""Connecting outside systems by a page: a database table or a JSON interface, its columns mapped as a file's are."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huitou.apps.base.clock import utc_now
from huitou.apps.intake import services
from huitou.apps.intake.queries import source_states
from huitou.apps.intake.sources import SourceUnknown
from huitou.connectors.files.fields import FILE_KINDS
from huitou.web.toasts import toast
from huitou.web.words import said

CONNECTIONS = {"database": gettext_lazy("数据库的表或视图"), "rest": gettext_lazy("JSON 接口")}


class SourceForm(forms.Form):
    """What both ways of connecting share. The choice of rows is that of an uploaded file, without sheets of attributes."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=64)
    code = forms.CharField(
        label=gettext_lazy("来源代码"), max_length=32, help_text=gettext_lazy("数据永远记在这个代码下，定了不能改")
    )
    kind = forms.ChoiceField(label=gettext_lazy("里面是什么"))
    every_minutes = forms.IntegerField(label=gettext_lazy("每隔多少分钟取一次"), min_value=1, max_value=1440, initial=15)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        language = get_language() or "zh-hans"
        field = self.fields["kind"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(one.code, one.title.text(language)) for one in FILE_KINDS.values() if one.code != "attributes"]


class DatabaseForm(SourceForm):
    """A table or view of PostgreSQL or MySQL."""

    url = forms.CharField(
        label=gettext_lazy("地址"),
        help_text=gettext_lazy(
            "postgresql:// 或 mysql://用户:密码@主机:端口/库名；加密保存。内网主机要先写进 HUITOU_SOURCE_HOSTS"
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    table = forms.CharField(label=gettext_lazy("表或视图"), max_length=130, help_text=gettext_lazy("例如 crm.member_export"))
    cursor_column = forms.CharField(
        label=gettext_lazy("更新时间列"), max_length=63, help_text=gettext_lazy("行有改动时变大；从上次取到的地方接着取")
    )
    key_column = forms.CharField(label=gettext_lazy("主键列"), max_length=63)


class RestForm(SourceForm):
    """A paged JSON interface."""

    url = forms.CharField(
        label=gettext_lazy("地址"), max_length=500, help_text=gettext_lazy("https:// 开头；内网主机要先写进 HUITOU_SOURCE_HOSTS")
    )
    authorization = forms.CharField(
        label=gettext_lazy("Authorization 请求头"),
        required=False,
        help_text=gettext_lazy("例如 Bearer …；加密保存，留空则不带"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    items = forms.CharField(
        label=gettext_lazy("列表所在的字段"), required=False, help_text=gettext_lazy("例如 data.list；整个回答就是列表则留空")
    )
    page_parameter = forms.CharField(label=gettext_lazy("页码参数"), max_length=40, initial="page")
    next_field = forms.CharField(
        label=gettext_lazy("下一页所在的字段"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("回答里的链接或标记，例如 paging.next；标记由页码参数带上。按页码翻页则留空"),
    )
    since_parameter = forms.CharField(
        label=gettext_lazy("起始时间参数"), required=False, max_length=40, help_text=gettext_lazy("留空则每次取全部")
    )
    cursor_column = forms.CharField(label=gettext_lazy("更新时间字段"), max_length=120, initial="updated_at")


FORMS: dict[str, type[SourceForm]] = {"database": DatabaseForm, "rest": RestForm}


@require_GET
def source_list(request: HttpRequest) -> HttpResponse:
    """List the connected sources and how each stands."""
    context = {"sources": source_states(now=utc_now()), "mapped": services.MAPPED_KINDS}
    return render(request, "sources/list.html", context)


@require_http_methods(["GET", "POST"])
def source_new(request: HttpRequest, connection: str) -> HttpResponse:
    """Take the address of a new source; it stays stopped until its columns are mapped."""
    if connection not in FORMS:
        raise Http404(connection)
    form = FORMS[connection](request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        code, title, minutes = told.pop("code"), told.pop("title"), told.pop("every_minutes")
        try:
            services.mapped_source_create(
                code=code, title=title, kind_code=connection, settings=told, every_minutes=minutes, now=utc_now()
            )
        except services.SourceRefused as error:
            form.add_error(None, said(error))
        else:
            return redirect("sources:map", code)
    context = {"form": form, "title": CONNECTIONS[connection]}
    return render(request, "sources/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def source_map(request: HttpRequest, code: str) -> HttpResponse:
    """Show the source's columns and save which holds which field; then it is pulled."""
    try:
        refusal = ""
        if request.method == "POST":
            mapping = {
                name.removeprefix("column_"): value
                for name, value in request.POST.items()
                if name.startswith("column_") and value
            }
            try:
                services.mapped_source_map(code=code, mapping={n: str(v) for n, v in mapping.items()}, now=utc_now())
            except services.SourceRefused as error:
                refusal = said(error)
            else:
                toast(request, _("已启用，下一分钟开始取数"))
                return redirect("sources:list")
        probe = services.mapped_source_probe(code=code)
    except (SourceUnknown, services.SourceRefused) as error:
        raise Http404(str(error)) from error
    lines = [(field, probe.mapping.get(field.name, "")) for field in probe.kind.fields]
    context = {"code": code, "probe": probe, "lines": lines, "refusal": refusal}
    return render(request, "sources/map.html", context, status=422 if refusal else 200)


@require_POST
def source_switch(request: HttpRequest, code: str) -> HttpResponse:
    """Stop a source, or let it be pulled again."""
    is_enabled = request.POST.get("enabled") == "1"
    try:
        services.source_enable(code=code, is_enabled=is_enabled, now=utc_now())
    except SourceUnknown as error:
        raise Http404(str(error)) from error
    toast(request, _("已启用") if is_enabled else _("已停止；取过的数据还在"))
    return redirect("sources:list")

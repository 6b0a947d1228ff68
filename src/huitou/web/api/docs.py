"""The API's own page: every operation with its scope, roles and shape, from the same document that machines read."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from huitou.apps.accounts.roles import Role
from huitou.apps.gateway.scopes import SCOPES, WEBHOOK_EVENTS
from huitou.core.labels import Label
from huitou.web.api.access import RULES
from huitou.web.api.api import api

TAGS = {
    "customers": Label("客户", "Customers"),
    "coupons": Label("券", "Coupons"),
    "identities": Label("身份", "Identities"),
    "events": Label("事件", "Events"),
    "attributes": Label("自定义属性", "Custom attributes"),
    "orders": Label("订单", "Orders"),
    "catalogue": Label("主数据", "Catalogue"),
    "imports": Label("导入", "Imports"),
    "segments": Label("人群", "Segments"),
    "recommendations": Label("推荐", "Recommendations"),
    "webhooks": Label("回调", "Webhooks"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    method: str
    path: str
    title: Label
    scope: str
    roles: list[str]
    parameters: list[Parameter]
    body: str
    answer: str


@require_GET
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show the API."""
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    groups: dict[str, list[Operation]] = {tag: [] for tag in TAGS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append(_operation(method, path, operation))
    language = get_language() or "zh"
    context = {
        "groups": [(TAGS[tag], operations) for tag, operations in groups.items()],
        "scopes": [(code, label.text(language)) for code, label in SCOPES.items()],
        "webhook_events": [(code, label.text(language)) for code, label in WEBHOOK_EVENTS.items()],
    }
    return render(request, "api/docs.html", context)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    rule = RULES[operation["operationId"]]
    roles = rule.access.roles
    status, answer = next((status, answer) for status, answer in operation["responses"].items() if int(status) < 400)
    return Operation(
        method=method.upper(),
        path=path,
        title=rule.title,
        scope=rule.scope,
        roles=[str(role.label) for role in Role if roles is None or role.value in roles],
        parameters=[Parameter(one["name"], one["in"], one.get("required", False)) for one in operation.get("parameters", [])],
        body=_shape(operation.get("requestBody", {}).get("content", {})),
        answer=f"{status} {_shape(answer.get('content', {}))}".strip(),
    )


def _shape(content: dict[str, Any]) -> str:
    """Return the name of a body's shape, or its media type."""
    for media_type, body in content.items():
        reference = body.get("schema", {}).get("$ref", "")
        return reference.rpartition("/")[2] or media_type
    return ""

"""The API put together: routers, refusals, the OpenAPI document."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from huitou.web.api import (
    attributes,
    coupons,
    customers,
    events,
    identities,
    imports,
    orders,
    recommendations,
    relations,
    segments,
    standing,
    webhooks,
)  # fmt: skip
from huitou.web.api.problems import MEDIA_TYPE, Problem, problem_response

DESCRIPTION = (
    "Keys are sent as `Authorization: Bearer ht_...`. A key reaches what its owner reaches. Money is whole fen, moments carry an "
    "offset, personal values come masked. Refusals are problem+json, in English; the reasons why a file is refused come in the "
    "language of Accept-Language (zh or en). Writes take an Idempotency-Key: the same key and body get "
    "the same answer, another body is refused. Lists are continued by the cursor they end with."
)


_DOCUMENTS: dict[str, OpenAPISchema] = {}  # by prefix: writing one takes a second of a processor, and strangers may ask for it


class HuitouAPI(NinjaAPI):
    """NinjaAPI whose document names problem+json for every refusal and the key as the way in."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation as its rule is named."""
        return operation.view_func.__name__

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> OpenAPISchema:
        """Return the OpenAPI document; it is the same one for everybody who asks, and nobody may change it."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in _DOCUMENTS:
            _DOCUMENTS[prefix] = self._document(prefix)
        return _DOCUMENTS[prefix]

    def _document(self, prefix: str) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=prefix)
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["security"] = [{"key": []}]
                operation["responses"][414] = {"description": "the address is longer than the web server reads"}
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
        return schema


api = HuitouAPI(
    title="Huitou 回头",
    version="1.0.0",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
)
for _module in (
    standing,
    coupons,
    customers,
    attributes,
    identities,
    events,
    orders,
    imports,
    webhooks,
    segments,
    recommendations,
    relations,
):
    api.add_router("", _module.router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem_response(
        error.status, error.detail, errors=error.errors, retry_after=error.retry_after, language=error.language
    )


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say where a request does not fit, without repeating what it held: it may be a phone number."""
    errors = [{"place": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in error.errors[:50]]
    return problem_response(422, "the request does not fit the document", errors=errors)


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem_response(401, "send an API key: Authorization: Bearer ht_...")


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return problem_response(413, f"a request holds at most {most} bytes besides the file it uploads: send it in parts")


@api.exception_handler(TooManyFieldsSent)
@api.exception_handler(TooManyFilesSent)
def _too_many(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return problem_response(413, "the form has too many fields or files")


@api.exception_handler(MultiPartParserError)
def _no_form(request: HttpRequest, error: MultiPartParserError) -> HttpResponse:
    return problem_response(400, "the multipart form cannot be read: check its boundary")


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(error.status_code, str(error))

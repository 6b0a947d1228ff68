"""Where outside systems push to: translate in, store the page, answer at once."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from huitou.apps.base.clock import utc_now
from huitou.apps.intake import services
from huitou.apps.intake.sources import SourceUnknown
from huitou.connectors.protocol import SourceMisconfigured

BODY_LIMIT_BYTES = 2 << 20


def _problem(status: int, title: str, detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


@csrf_exempt
@require_POST
def push(request: HttpRequest, source_code: str, stream_code: str) -> JsonResponse:
    """
    Take a webhook of the mall or the service desk, or a receipt from a till. Answers 202 with the number of rows.

    401: signature or key does not fit; 404: no such source or stream; 413: too large; 422: not what the stream receives;
    503: the source's settings are broken. Nothing is processed here.
    """
    stated = request.headers.get("Content-Length", "")
    if (stated.isdecimal() and int(stated) > BODY_LIMIT_BYTES) or len(request.body) > BODY_LIMIT_BYTES:
        return _problem(413, "too large", f"a push holds at most {BODY_LIMIT_BYTES} bytes")
    try:
        received = services.page_receive(
            source_code=source_code, stream_code=stream_code, headers=request.headers, body=request.body, now=utc_now()
        )
    except SourceUnknown as error:
        return _problem(404, "no such source", str(error))
    except PermissionError as error:
        return _problem(401, "signature refused", str(error))
    except SourceMisconfigured as error:
        return _problem(503, "source misconfigured", str(error))
    except ValueError as error:
        return _problem(422, "not readable", str(error))
    return JsonResponse({"received": received.row_count, "repeat": received.is_repeat}, status=202)

"""Writes that carry an Idempotency-Key: the same key and body get the same answer, another body is refused."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja.responses import Status

from huitou.apps.base.clock import utc_now
from huitou.apps.base.idempotency import Answer, KeyInUse, KeyReused, answer_once
from huitou.web.api.access import Caller
from huitou.web.api.problems import Problem

_LONGEST = 100


def once(
    request: HttpRequest, caller: Caller, operation: str, call: Callable[[], tuple[int, Any]], *, body: bytes
) -> Status[Any]:
    """
    Return the status and JSON body of the call, made at most once per caller, operation and key; without a key it is made.

    A refusal that the call raises is not kept: the same key may be tried again.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return Status(*call())
    if len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        raise Problem(422, f"an Idempotency-Key has at most {_LONGEST} printable ASCII characters")

    def answered() -> Answer:
        status, answer = call()
        return Answer(status, json.loads(json.dumps(answer, default=str)))

    try:
        answer = answer_once(scope=f"api:{operation}:{caller.name}"[:64], key=key, body=body, now=utc_now(), call=answered)
    except KeyInUse as error:
        raise Problem(409, "the first request with this Idempotency-Key is still at work", retry_after=1) from error
    except KeyReused as error:
        raise Problem(422, "this Idempotency-Key came before with another body") from error
    return Status(answer.status, answer.body)

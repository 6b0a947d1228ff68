"""Writes that carry an idempotency key: the first call works, every repeat gets the first answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from huitou.apps.base.models import IdempotencyKey

T = TypeVar("T")
ABANDONED_AFTER = timedelta(minutes=10)  # a first call that has not answered by then was killed


class KeyInUse(Exception):
    """The first call with this key is still working: the caller tries again later (HTTP 409)."""


class KeyReused(Exception):
    """The key came before with another body: the caller must take a new key (HTTP 422)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets: an HTTP status and a JSON body; `is_repeat` when it was given before."""

    status: int
    body: Any
    is_repeat: bool = False


def made_once(*, known: Callable[[], T | None], make: Callable[[], T]) -> T:
    """
    Return the row of a key as it is, or make it. Of two first calls at once the second gets the row of the first.

    make: writes everything of it, in one transaction. The constraint on the key decides who is first; an IntegrityError that is
    not about the key is raised on.
    """
    if (found := known()) is not None:
        return found
    try:
        with transaction.atomic():
            return make()
    except IntegrityError:
        if (found := known()) is None:
            raise
        return found


def answer_once(*, scope: str, key: str, body: bytes, now: datetime, call: Callable[[], Answer]) -> Answer:
    """
    Return the answer of `call`, made at most once per (scope, key).

    The call and its stored answer are one transaction: a call that raises leaves nothing behind and may be made again with
    the same key. An answer of any status, also a refusal, is kept. Raises KeyInUse, KeyReused.
    """
    body_hash = hashlib.sha256(body).hexdigest()
    known = _reserve(scope, key, body_hash, now)
    if known is not None:
        return known
    row = IdempotencyKey.objects.filter(scope_code=scope, key=key)
    try:
        with transaction.atomic():
            answer = call()
            row.update(answer_status=answer.status, answer=answer.body)
            return answer
    except BaseException:
        row.delete()
        raise


def _reserve(scope: str, key: str, body_hash: str, now: datetime) -> Answer | None:
    """Write the key down; return the stored answer if it was there."""
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(scope_code=scope, key=key, body_hash=body_hash, created_at=now)
        return None
    except IntegrityError:
        row = IdempotencyKey.objects.filter(scope_code=scope, key=key).first()
    if row is None:
        raise KeyInUse(key)  # the first call failed at this very moment
    if row.body_hash != body_hash:
        raise KeyReused(key)
    if row.answer_status is not None:
        return Answer(row.answer_status, row.answer, is_repeat=True)
    abandoned = IdempotencyKey.objects.filter(pk=row.pk, answer_status=None, created_at__lt=now - ABANDONED_AFTER)
    if abandoned.update(created_at=now) == 1:
        return None
    raise KeyInUse(key)

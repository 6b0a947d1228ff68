"""Answers that requests share for minutes: what takes long to count and may be a little old."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

from huitou.apps.base.scope import Viewer

Answer = TypeVar("Answer")
KEPT_SECONDS = 300
_NEVER_ASKED = object()


def kept(name: str, ask: Callable[[], Answer], *rests_on: object) -> Answer:
    """
    Return what `ask` says, or what it said within KEPT_SECONDS when all it rests on was written alike (repr).

    name: of the question. rests_on: everything that makes another answer, with the reach (`reach_key`) and the published
    version; what is not named there may change unseen until the answer is too old.
    """
    found = cache.get(_key(name, rests_on), _NEVER_ASKED)
    if found is _NEVER_ASKED:
        found = ask()
        keep(name, found, *rests_on)
    return found  # type: ignore[no-any-return]


def keep(name: str, answer: object, *rests_on: object) -> None:
    """Keep an answer that was found on the way, for `kept_known`."""
    cache.set(_key(name, rests_on), answer, KEPT_SECONDS)


def kept_known(name: str, *rests_on: object) -> Any:
    """Return what was kept of a question; None where it was not asked within KEPT_SECONDS."""
    return cache.get(_key(name, rests_on))


def _key(name: str, rests_on: tuple[object, ...]) -> str:
    return f"kept:{name}:{hashlib.sha256(repr(rests_on).encode()).hexdigest()}"


def reach_key(viewer: Viewer) -> tuple[int, ...] | None:
    """Return how a viewer's reach is written for `kept`: counts of equal reach are equal, whoever asks."""
    return None if viewer.store_ids is None else tuple(sorted(viewer.store_ids))

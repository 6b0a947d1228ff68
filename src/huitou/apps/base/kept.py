"""Answers that requests share for minutes: what takes long to count and may be a little old."""

import hashlib
import logging
import pickle
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

from huitou.apps.base.scope import Viewer

Answer = TypeVar("Answer")
KEPT_SECONDS = 300
_NEVER_ASKED = object()
# A full disk, a folder of somebody else's, what another release wrote: asking again is slower, a page that ends is worse.
_UNKEPT = (OSError, EOFError, AttributeError, ImportError, TypeError, pickle.PickleError, zlib.error)

log = logging.getLogger(__name__)


def kept(name: str, ask: Callable[[], Answer], *rests_on: object) -> Answer:
    """
    Return what `ask` says, or what it said within KEPT_SECONDS when all it rests on was written alike (repr).

    name: of the question. rests_on: everything that makes another answer, with the reach (`reach_key`) and the published
    version; what is not named there may change unseen until the answer is too old.
    """
    found = _known(_key(name, rests_on), _NEVER_ASKED)
    if found is _NEVER_ASKED:
        found = ask()
        keep(name, found, *rests_on)
    return found  # type: ignore[no-any-return]


def keep(name: str, answer: object, *rests_on: object) -> None:
    """Keep an answer that was found on the way, for `kept_known`."""
    try:
        cache.set(_key(name, rests_on), answer, KEPT_SECONDS)
    except _UNKEPT as error:
        log.warning("an answer could not be kept: %s", type(error).__name__)


def kept_known(name: str, *rests_on: object) -> Any:
    """Return what was kept of a question; None where it was not asked within KEPT_SECONDS."""
    return _known(_key(name, rests_on), None)


def kept_forget() -> None:
    """Forget all: an older release may have kept what this one cannot read."""
    try:
        cache.clear()
    except _UNKEPT as error:
        log.warning("what was kept could not be deleted: %s", type(error).__name__)


def _known(key: str, otherwise: object) -> Any:
    try:
        return cache.get(key, otherwise)
    except _UNKEPT as error:
        log.warning("what was kept could not be read: %s", type(error).__name__)
        return otherwise


def _key(name: str, rests_on: tuple[object, ...]) -> str:
    return f"kept:{name}:{hashlib.sha256(repr(rests_on).encode()).hexdigest()}"


def reach_key(viewer: Viewer) -> tuple[int, ...] | None:
    """Return how a viewer's reach is written for `kept`: counts of equal reach are equal, whoever asks."""
    return None if viewer.store_ids is None else tuple(sorted(viewer.store_ids))

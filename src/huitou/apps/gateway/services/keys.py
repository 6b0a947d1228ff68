"""Make, check and revoke API keys. A key is shown once; afterwards only its hash is known."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from huitou.apps.base.audit import audit_record
from huitou.apps.gateway.models import ApiKey
from huitou.apps.gateway.scopes import SCOPES
from huitou.core.labels import Refusal, mark

LONGEST_LIFE = timedelta(days=366)
_PREFIX = "ht_"
_SECRET_BYTES = 32


class KeyRefused(Refusal):
    """The key cannot be made as asked."""


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who stands behind a key that fits."""

    key_id: int
    owner_id: int
    scopes: frozenset[str]


def key_create(
    *, owner_id: int, title: str, scopes: Collection[str], expires_at: datetime, by: int | None, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which nobody can read again. Raises KeyRefused."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise KeyRefused(mark("没有这个权限：{names}"), names=" ".join(unknown) or "?")
    if not now < expires_at <= now + LONGEST_LIFE:
        raise KeyRefused(mark("到期时间要在今天之后、一年以内"))
    text = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey.objects.create(
        title=title.strip()[:64] or "API", prefix=text[: len(_PREFIX) + 5], key_sha256=_hash(text), owner_id=owner_id,
        scopes=sorted(set(scopes)), created_at=now, expires_at=expires_at,
    )  # fmt: skip
    audit_record(action_code="api_key.created", subject_kind="api_key", subject_id=key.pk, now=now, user_id=by, scopes=key.scopes)
    return key, text


def key_holder(text: str, *, now: datetime) -> KeyHolder | None:
    """Return who holds a key; None for no key, a revoked one and an expired one alike. Notes the use once a minute."""
    if not text.startswith(_PREFIX) or len(text) > 200:
        return None
    key = ApiKey.objects.filter(key_sha256=_hash(text), revoked_at=None, expires_at__gt=now).first()
    if key is None:
        return None
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return KeyHolder(key.pk, key.owner_id, frozenset(key.scopes))


def key_revoke(*, key_id: int, by: int | None, now: datetime) -> None:
    """End a key at once; run again it changes nothing."""
    if ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now):
        audit_record(action_code="api_key.revoked", subject_kind="api_key", subject_id=key_id, now=now, user_id=by)


def _hash(text: str) -> str:
    """A key has 256 random bits: no salt and no slow hash makes it safer."""
    return sha256(text.encode()).hexdigest()

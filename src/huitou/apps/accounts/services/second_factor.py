"""
The second factor: a time-based code (RFC 6238, six digits, 30 s) from an app on the person's phone.

The secret is stored encrypted. A code works once; one step of clock drift either way is forgiven. Recovery codes replace a
lost phone, each once; only their keyed hashes are kept.
"""

import base64
import os
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction

from huitou.apps.accounts.models import User
from huitou.apps.base.audit import audit_record
from huitou.apps.base.secrets import keyring

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1
RECOVERY_CODES = 8
_SECRET_BYTES = 20


class CodeRefused(Exception):
    """The code is wrong, used before, or too old."""


class SetupMissing(Exception):
    """There is no second factor, or no offered secret, to go on with."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is not in force yet: what the phone scans, and the same to type."""

    uri: str
    typed: str


def second_factor_offer(secret: bytes | None, *, username: str) -> tuple[bytes, Offer]:
    """Return a secret (a fresh one for None) and how it is handed to the phone; nothing is stored."""
    secret = secret or os.urandom(_SECRET_BYTES)
    return secret, Offer(_totp(secret).get_provisioning_uri(username, "Huitou"), base64.b32encode(secret).decode())


@transaction.atomic
def second_factor_confirm(*, user_id: int, secret: bytes, code: str, now: datetime) -> list[str]:
    """
    Put an offered secret in force once the phone shows its code; return the recovery codes, shown this one time.

    Raises CodeRefused.
    """
    step = _step_of(secret, code, now)
    if step is None:
        raise CodeRefused
    codes = [f"{secrets.randbelow(10**8):08}" for _number in range(RECOVERY_CODES)]
    user = User.objects.select_for_update().get(pk=user_id)
    user.totp_secret = keyring().encrypt(secret, context=secret_context(user_id))
    user.totp_step = step
    user.recovery_hashes = [_recovery_hash(user_id, one) for one in codes]
    user.save(update_fields=["totp_secret", "totp_step", "recovery_hashes"])
    audit_record(action_code="user.second_factor_on", subject_kind="user", subject_id=user_id, now=now, user_id=user_id)
    return codes


@transaction.atomic
def code_check(*, user_id: int, code: str, now: datetime) -> None:
    """
    Take a code of the phone, or a recovery code, which is then used up. Raises CodeRefused, SetupMissing.

    The row is locked: of two requests with the same code one is refused.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if user.totp_secret is None:
        raise SetupMissing
    code = "".join(code.split())
    recovery = _recovery_hash(user_id, code)
    if recovery in user.recovery_hashes:
        user.recovery_hashes = [one for one in user.recovery_hashes if one != recovery]
        user.save(update_fields=["recovery_hashes"])
        audit_record(action_code="user.recovery_code", subject_kind="user", subject_id=user_id, now=now, user_id=user_id)
        return
    step = _step_of(keyring().decrypt(bytes(user.totp_secret), context=secret_context(user_id)), code, now)
    if step is None or step <= user.totp_step:
        raise CodeRefused
    user.totp_step = step
    user.save(update_fields=["totp_step"])


@transaction.atomic
def second_factor_remove(*, user_id: int, by_user_id: int, now: datetime) -> None:
    """Take the second factor away: the person's own choice, or an administrator's help after a lost phone."""
    User.objects.filter(pk=user_id).update(totp_secret=None, totp_step=0, recovery_hashes=[])
    audit_record(action_code="user.second_factor_off", subject_kind="user", subject_id=user_id, now=now, user_id=by_user_id)


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # what every authenticator app speaks


def _step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is; None when it is no code of now."""
    current = int(now.timestamp()) // STEP_SECONDS
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        try:
            _totp(secret).verify(code.encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        return step
    return None


def secret_context(user_id: int) -> str:
    """Return what a user's secret is sealed with."""
    return f"accounts.totp:{user_id}"


def _recovery_hash(user_id: int, code: str) -> int:
    return keyring().hash("recovery", f"{user_id}:{code}")

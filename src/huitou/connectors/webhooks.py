"""
Signed requests in both directions: HMAC-SHA256 over `timestamp + "." + body`.

The timestamp is part of what is signed, so an old request cannot be sent again later.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

CLOCK_TOLERANCE = timedelta(minutes=5)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the hex signature of a body sent at a Unix time (whole seconds)."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def signature_check(secret: str, *, timestamp: str, given: str, body: bytes, now: datetime) -> None:
    """
    Refuse a request that was not signed with the secret within five minutes of now (aware), before or after.

    Raises PermissionError saying which part does not fit.
    """
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise PermissionError("the request carries no timestamp in whole Unix seconds")
    if abs(int(timestamp) - now.timestamp()) > CLOCK_TOLERANCE.total_seconds():
        raise PermissionError("the request's timestamp is more than 5 minutes away from this machine's clock")
    if not hmac.compare_digest(signature(secret, int(timestamp), body).encode(), given.encode("utf-8", "replace")):
        raise PermissionError("the request's signature does not fit: check the webhook secret on both sides")

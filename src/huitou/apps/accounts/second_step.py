"""
The time between the right password and the right code, kept in the session: who, since when, and where to go on.

Nobody is signed in meanwhile. The wait is short, and each wrong code counts as a failed log-in.
"""

from datetime import datetime, timedelta

from django.http import HttpRequest

from huitou.apps.accounts.models import User
from huitou.apps.base.clock import utc_now

_KEY = "second step"
WAIT = timedelta(minutes=5)


def second_step_begin(request: HttpRequest, user: User, *, next_url: str) -> None:
    """Remember that this session knows the user's password."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "user": user.pk, "since": utc_now().isoformat(), "next": next_url, "password": user.get_session_auth_hash(),
    }  # fmt: skip


def second_step_user(request: HttpRequest, now: datetime) -> User | None:
    """Return who is to give a code; None when nobody is, when it took too long, or the password changed or the user is off."""
    kept = request.session.get(_KEY)
    if kept is None or now - datetime.fromisoformat(kept["since"]) > WAIT:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    return user if user is not None and user.get_session_auth_hash() == kept["password"] else None


def second_step_end(request: HttpRequest) -> str:
    """Forget the wait; return where the person wanted to go."""
    kept = request.session.pop(_KEY, {})
    return str(kept.get("next", ""))

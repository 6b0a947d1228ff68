"""Switch a user on or off."""

from datetime import datetime

from django.db import transaction

from huitou.apps.accounts.models import User
from huitou.apps.base.audit import audit_record


class OwnAccount(Exception):
    """Nobody switches off the account they are working with."""


@transaction.atomic
def user_switch(*, user_id: int, is_active: bool, by_user_id: int, now: datetime) -> User:
    """
    Let a user log in or keep them out; switched off, every session of theirs ends with its next request.

    Raises OwnAccount, and User.DoesNotExist.
    """
    if user_id == by_user_id:
        raise OwnAccount(user_id)
    user = User.objects.select_for_update().get(pk=user_id)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    action = "user.switch_on" if is_active else "user.switch_off"
    audit_record(action_code=action, subject_kind="user", subject_id=user.pk, now=now, user_id=by_user_id)
    return user

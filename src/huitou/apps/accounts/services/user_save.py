"""Make a user, or change one."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import REGION_ROLES, STORE_ROLES, Role
from huitou.apps.base.audit import audit_record


@transaction.atomic
def user_save(
    *,
    username: str,
    role_code: str,
    display_name: str,
    now: datetime,
    password: str | None = None,
    store_ids: Iterable[int] = (),
    region_codes: Iterable[str] = (),
    by_user_id: int | None = None,
) -> User:
    """
    Create a user, or give an existing one this role, name and reach; a password also ends the person's sessions.

    store_ids bound the store roles; of a region manager they are the stores of region_codes. Chain-wide roles keep neither.
    Raises ValueError on an unknown role and on a new user without a password, ValidationError on a password that is too
    weak. The password is stored hashed and never logged.
    """
    role = Role(role_code)
    user = User.objects.filter(username=username).first() or User(username=username)
    created = user.pk is None
    if created and password is None:
        raise ValueError("a new user needs a password")
    user.role_code = role.value
    user.display_name = display_name
    user.store_ids = sorted(set(store_ids)) if role in STORE_ROLES | REGION_ROLES else []
    user.region_codes = sorted(set(region_codes)) if role in REGION_ROLES else []
    if password is not None:
        validate_password(password, user)
        user.set_password(password)
    user.save()
    audit_record(
        action_code="user.create" if created else "user.change", subject_kind="user", subject_id=user.pk, now=now,
        user_id=by_user_id, role=role.value, stores=len(user.store_ids), regions=user.region_codes,
        new_password=password is not None,
    )  # fmt: skip
    return user

"""Make users and keep their preferences."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import Role
from huitou.apps.base.audit import audit_record

THEMES = ("auto", "light", "dark")
DENSITIES = ("compact", "standard", "relaxed")


class UnknownPreference(ValueError):
    """A preference outside its choices."""


@transaction.atomic
def user_save(
    *,
    username: str,
    password: str,
    role_code: str,
    display_name: str,
    now: datetime,
    store_ids: Iterable[int] = (),
    by_user_id: int | None = None,
) -> User:
    """
    Create a user, or give an existing one this password, role, name and stores.

    store_ids bound the store roles (guide, store manager); chain-wide roles ignore them. Raises ValueError on an
    unknown role, ValidationError on a password that is too weak. The password is stored hashed and never logged.
    """
    role = Role(role_code)
    user, created = User.objects.get_or_create(username=username)
    user.role_code = role.value
    user.display_name = display_name
    user.store_ids = sorted(set(store_ids))
    validate_password(password, user)
    user.set_password(password)
    user.save()
    action = "user.create" if created else "user.change"
    audit_record(action_code=action, subject_kind="user", subject_id=user.pk, now=now, user_id=by_user_id, role=role.value)
    return user


def preferences_set(user: User, *, language: str | None = None, theme: str | None = None, density: str | None = None) -> None:
    """Remember how a person wants to see the screens; None leaves a choice as it is. Raises UnknownPreference."""
    choices = {
        "language": (language, [code for code, _name in settings.LANGUAGES]),
        "theme": (theme, THEMES),
        "density": (density, DENSITIES),
    }
    wanted = {field: (value, known) for field, (value, known) in choices.items() if value is not None}
    for field, (value, known) in wanted.items():
        if value not in known:
            raise UnknownPreference(f"{field} must be one of {', '.join(known)}, got {value!r}")
        setattr(user, field, value)
    user.save(update_fields=list(wanted))

"""Read users as viewers."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.http import HttpRequest

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import REGION_ROLES, STORE_ROLES, Role
from huitou.apps.base.scope import Viewer

CHAIN_WIDE_ROLES = frozenset(Role) - STORE_ROLES - REGION_ROLES


def viewer_for(user: User) -> Viewer:
    """Return the viewer of a signed-in user: chain-wide roles reach every store, store roles their own; anybody else nothing."""
    if not user.is_active:
        return Viewer(user.pk, user.role_code, frozenset())
    everywhere = user.role_code in CHAIN_WIDE_ROLES
    return Viewer(user.pk, user.role_code, None if everywhere else frozenset(user.store_ids))


def viewer_by_id(user_id: int) -> Viewer:
    """Return the viewer of a user as he stands now, for work that goes on after the request; nobody's when the user is gone."""
    user = User.objects.filter(pk=user_id).first()
    return Viewer(user_id, "", frozenset()) if user is None else viewer_for(user)


def users_all() -> QuerySet[User]:
    """Return everybody with an account, by user name. For the administrator's page."""
    return User.objects.order_by("username")


def usernames_known(usernames: Collection[str]) -> set[str]:
    """Return those of the names that somebody already has."""
    return set(User.objects.filter(username__in=usernames).values_list("username", flat=True))


def signed_in(request: HttpRequest) -> User:
    """Return the person behind a request. Raises TypeError on a stranger: the policy table must not let one come this far."""
    if not isinstance(request.user, User):
        raise TypeError("a view for signed-in people was reached by a stranger")
    return request.user


def request_viewer(request: HttpRequest) -> Viewer:
    """Return the viewer behind a request, for every query of a view."""
    return viewer_for(signed_in(request))


def user_ids(usernames: Collection[str]) -> dict[str, int]:
    """Return the id of each of the names that an active user has."""
    return dict(User.objects.filter(username__in=usernames, is_active=True).values_list("username", "pk"))

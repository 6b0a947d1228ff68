"""Read users as viewers."""

from huitou.apps.accounts.models import Role, User
from huitou.apps.base.scope import Viewer

CHAIN_WIDE_ROLES = frozenset({Role.ADMIN, Role.ENGINEER, Role.MANAGER, Role.ANALYST, Role.MARKETER, Role.AGENT})


def viewer_for(user: User) -> Viewer:
    """Return the viewer of a signed-in user: chain-wide roles reach every store, store roles their own; anybody else nothing."""
    if not user.is_active:
        return Viewer(user.pk, user.role_code, frozenset())
    everywhere = user.role_code in CHAIN_WIDE_ROLES
    return Viewer(user.pk, user.role_code, None if everywhere else frozenset(user.store_ids))

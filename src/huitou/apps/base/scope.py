"""Who looks, and how far the look reaches. Queries named `..._in_reach(viewer=...)` cut their rows to it."""

from dataclasses import dataclass

from django.db.models import Q

from huitou.warehouse.scope import Scope


@dataclass(frozen=True, slots=True)
class Viewer:
    """
    A signed-in person as the queries see them.

    store_ids: the stores whose customers (home store) they may see; None is every store, an empty set nobody.
    """

    user_id: int
    role_code: str
    store_ids: frozenset[int] | None

    def scope(self) -> Scope:
        """Return the same reach for the analytical readers."""
        return Scope(None if self.store_ids is None else tuple(sorted(self.store_ids)))


def store_reach(viewer: Viewer, field: str) -> Q:
    """Return the condition that cuts a query to the viewer's stores; `field` names the store column ("home_store_id")."""
    return Q() if viewer.store_ids is None else Q(**{f"{field}__in": sorted(viewer.store_ids)})

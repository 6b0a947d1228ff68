"""Read saved views: one's own, and those shared with one's role."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from huitou.apps.base.fields import Noun
from huitou.apps.base.scope import Viewer
from huitou.apps.lists.models import ColumnChoice, PinnedView, SavedView


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A saved view as its reader may use it; filters: the tree as JSON, which may name fields that are gone."""

    view_id: int
    title: str
    filters: Any
    sort: str
    is_own: bool
    is_shared: bool
    is_pinned: bool


def views_of(viewer: Viewer, noun: Noun) -> list[ViewLine]:
    """Return the views a person may open: pinned ones first, then by age."""
    lines = [_line(viewer, view) for view in _readable(viewer).filter(noun=noun).order_by("pk")]
    return sorted(lines, key=lambda line: not line.is_pinned)


def view_of(viewer: Viewer, noun: Noun, view_id: int) -> ViewLine | None:
    """Return one view, None where there is none that this person may open."""
    view = _readable(viewer).filter(noun=noun, pk=view_id).first()
    return None if view is None else _line(viewer, view)


def columns_of(user_id: int, noun: Noun) -> tuple[str, ...]:
    """Return the columns a person chose; empty where they never did."""
    chosen = ColumnChoice.objects.filter(user_id=user_id, noun=noun).values_list("columns", flat=True).first()
    return tuple(str(name) for name in chosen or ())


def _readable(viewer: Viewer) -> QuerySet[SavedView]:
    pinned = PinnedView.objects.filter(user_id=viewer.user_id, view_id=OuterRef("pk"))
    own_or_shared = Q(owner_id=viewer.user_id) | Q(shared_role=viewer.role_code)
    return SavedView.objects.filter(own_or_shared).annotate(is_pinned=Exists(pinned))


def _line(viewer: Viewer, view: Any) -> ViewLine:
    return ViewLine(
        view_id=view.pk,
        title=view.title,
        filters=view.filters,
        sort=view.sort,
        is_own=view.owner_id == viewer.user_id,
        is_shared=view.shared_role != "",
        is_pinned=view.is_pinned,
    )

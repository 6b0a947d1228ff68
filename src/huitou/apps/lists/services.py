"""Keep views of lists and the chosen columns. Only the owner changes a view; every reader may pin it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.fields import Noun
from huitou.apps.base.scope import Viewer
from huitou.apps.lists.models import ColumnChoice, PinnedView, SavedView
from huitou.apps.lists.queries import view_of
from huitou.core.labels import Refusal, mark

MOST_VIEWS = 50  # of one person and noun
LONGEST_TITLE = 40


class ViewRefused(Refusal):
    """The view cannot be kept like this."""


def view_save(*, viewer: Viewer, noun: Noun, title: str, filters: Any, sort: str, now: datetime) -> int:
    """
    Keep a filter and an order under a new name; return the view's id. Raises ViewRefused.

    filters: a tree as JSON that was checked against the noun's catalogue.
    """
    name = " ".join(title.split())
    if not name or len(name) > LONGEST_TITLE or not name.isprintable():
        raise ViewRefused(mark("名称要有 1 到 {most} 个字。"), most=LONGEST_TITLE)
    if SavedView.objects.filter(owner_id=viewer.user_id, noun=noun).count() >= MOST_VIEWS:
        raise ViewRefused(mark("一个列表最多存 {most} 个视图，先删掉不用的。"), most=MOST_VIEWS)
    try:
        with transaction.atomic():
            view = SavedView.objects.create(
                noun=noun, title=name, owner_id=viewer.user_id, filters=filters, sort=sort, created_at=now, updated_at=now
            )
    except IntegrityError as error:
        raise ViewRefused(mark("已有叫「{title}」的视图，换个名称。"), title=name) from error
    return view.pk


def view_change(*, viewer: Viewer, noun: Noun, view_id: int, filters: Any, sort: str, now: datetime) -> None:
    """Let one's own view ask another filter and order. Raises ViewRefused for somebody else's."""
    own = SavedView.objects.filter(pk=view_id, noun=noun, owner_id=viewer.user_id)
    if not own.update(filters=filters, sort=sort, updated_at=now):
        raise _not_own()


@transaction.atomic
def view_share(*, viewer: Viewer, noun: Noun, view_id: int, is_shared: bool, now: datetime) -> None:
    """Let everybody of one's role open one's own view, or nobody else. Raises ViewRefused for somebody else's."""
    own = SavedView.objects.filter(pk=view_id, noun=noun, owner_id=viewer.user_id)
    if not own.update(shared_role=viewer.role_code if is_shared else "", updated_at=now):
        raise _not_own()
    if not is_shared:
        PinnedView.objects.filter(view_id=view_id).exclude(user_id=viewer.user_id).delete()
    action = "lists.share" if is_shared else "lists.unshare"
    audit_record(
        action_code=action, subject_kind="saved_view", subject_id=view_id, now=now, user_id=viewer.user_id, role=viewer.role_code
    )


def view_delete(*, viewer: Viewer, noun: Noun, view_id: int) -> None:
    """Delete one's own view. Raises ViewRefused for somebody else's; one that is gone already is fine."""
    view = view_of(viewer, noun, view_id)
    if view is not None and not view.is_own:
        raise _not_own()
    SavedView.objects.filter(pk=view_id, noun=noun, owner_id=viewer.user_id).delete()


def view_pin(*, viewer: Viewer, noun: Noun, view_id: int, is_pinned: bool) -> None:
    """Keep a view in front, or not any more. Raises ViewRefused where there is none to be opened."""
    if view_of(viewer, noun, view_id) is None:
        raise ViewRefused(mark("这个视图不在了，或不再与你的角色共享。"))
    if is_pinned:
        PinnedView.objects.get_or_create(user_id=viewer.user_id, view_id=view_id)
    else:
        PinnedView.objects.filter(user_id=viewer.user_id, view_id=view_id).delete()


def columns_choose(*, user_id: int, noun: Noun, columns: Sequence[str]) -> None:
    """Remember the columns; none: those of the list itself again."""
    if columns:
        ColumnChoice.objects.update_or_create(user_id=user_id, noun=noun, defaults={"columns": list(columns)})
    else:
        ColumnChoice.objects.filter(user_id=user_id, noun=noun).delete()


def _not_own() -> ViewRefused:
    return ViewRefused(mark("只有建这个视图的人能改它。可以另存为自己的。"))

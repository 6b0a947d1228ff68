"""What can be done to many customers at once: a tag given or taken away."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.scope import Viewer
from huitou.apps.segments.inferred import rests_on_inferred
from huitou.apps.value.models import TagChange
from huitou.apps.value.queries import tags_on_offer
from huitou.apps.value.services import MOST_AT_ONCE, TagRefused, tags_give, tags_take
from huitou.core.filters.json_form import dump
from huitou.core.filters.tree import Node
from huitou.web import words, words_tag
from huitou.web.lists.spec import BulkAction, BulkDone, BulkRefused, BulkTool
from huitou.web.tag_texts import doing_text, done_text


def give(viewer: Viewer, row_ids: Sequence[int], choice: str, now: datetime) -> BulkDone:
    """Give the customers in reach a tag; who has it keeps it. Raises BulkRefused."""
    return _done(lambda: tags_give(viewer=viewer, person_ids=row_ids, code=choice, now=now))


def stated_only(filters: Node) -> None:
    """Raise BulkRefused where the filter rests on what is inferred: a tag would no longer say so, and might decide a price."""
    if rests_on_inferred(dump(filters)):
        raise BulkRefused(_("筛选里有推断的属性，或用到了这样的人群：推断只用来了解顾客，不能变成标签。请去掉这些条件再加。"))


def take(viewer: Viewer, row_ids: Sequence[int], choice: str, now: datetime) -> BulkDone:
    """Take a tag from the customers in reach. Raises BulkRefused."""
    return _done(lambda: tags_take(viewer=viewer, person_ids=row_ids, code=choice, now=now))


def _done(change_of: Callable[[], TagChange]) -> BulkDone:
    try:
        change = change_of()
    except TagRefused as refused:
        raise BulkRefused(str(words.word(words_tag.TAG_REFUSALS, refused.reason))) from refused
    if change.ended_at is None:
        return BulkDone(doing_text(change), work_url=reverse("tags:change", args=[change.pk]))
    return BulkDone(done_text(change), reverse("tags:undo", args=[change.pk]) if change.changed else "")


TAGGING = BulkTool(
    "tag",
    gettext_lazy("标签"),
    "tags:undo",
    MOST_AT_ONCE,
    tags_on_offer,
    (
        BulkAction("tag_give", gettext_lazy("加标签"), "tag", give, stated_only),
        BulkAction("tag_take", gettext_lazy("取下标签"), "circle-x", take),
    ),
)

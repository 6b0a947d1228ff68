"""What can be done to many customers at once: a tag given or taken away."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huitou.apps.base.scope import Viewer
from huitou.apps.value.queries import given_tag_names, tags_on_offer
from huitou.apps.value.services import MOST_AT_ONCE, TagRefused, tags_give, tags_take
from huitou.web import formats, words
from huitou.web.lists.spec import BulkAction, BulkDone, BulkRefused, BulkTool


def give(viewer: Viewer, row_ids: Sequence[int], choice: str, now: datetime) -> BulkDone:
    """Give the customers in reach a tag; who has it keeps it. Raises BulkRefused."""
    try:
        change = tags_give(viewer=viewer, person_ids=row_ids, code=choice, now=now)
    except TagRefused as refused:
        raise BulkRefused(str(words.word(words.TAG_REFUSALS, refused.reason))) from refused
    said = ngettext("已给 %(shown)s 人加上「%(tag)s」。", "已给 %(shown)s 人加上「%(tag)s」。", change.changed)
    had = _("%(shown)s 人原来就有。") % {"shown": formats.count_text(change.asked - change.changed)}
    text = said % {"shown": formats.count_text(change.changed), "tag": _name(choice)}
    return _done(text, had if change.asked > change.changed else "", change.pk if change.changed else 0)


def take(viewer: Viewer, row_ids: Sequence[int], choice: str, now: datetime) -> BulkDone:
    """Take a tag from the customers in reach. Raises BulkRefused."""
    try:
        change = tags_take(viewer=viewer, person_ids=row_ids, code=choice, now=now)
    except TagRefused as refused:
        raise BulkRefused(str(words.word(words.TAG_REFUSALS, refused.reason))) from refused
    said = ngettext("已从 %(shown)s 人取下「%(tag)s」。", "已从 %(shown)s 人取下「%(tag)s」。", change.changed)
    had_none = _("%(shown)s 人本来没有。") % {"shown": formats.count_text(change.asked - change.changed)}
    text = said % {"shown": formats.count_text(change.changed), "tag": _name(choice)}
    return _done(text, had_none if change.asked > change.changed else "", change.pk if change.changed else 0)


def _done(text: str, rest: str, change_id: int) -> BulkDone:
    return BulkDone(f"{text}{rest}", reverse("tags:undo", args=[change_id]) if change_id else "")


def _name(code: str) -> str:
    return given_tag_names().get(code, code)


TAGGING = BulkTool(
    "tag",
    gettext_lazy("标签"),
    "tags:undo",
    MOST_AT_ONCE,
    tags_on_offer,
    (
        BulkAction("tag_give", gettext_lazy("加标签"), "tag", give),
        BulkAction("tag_take", gettext_lazy("取下标签"), "circle-x", take),
    ),
)

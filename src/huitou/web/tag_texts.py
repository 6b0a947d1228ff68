"""What is said of a tag for many persons at once: while it is done, at its end, and of its undoing."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huitou.apps.value.models import TagChange
from huitou.apps.value.queries import given_tag_names
from huitou.web import formats


def doing_text(change: TagChange) -> str:
    """Say what is being done and how far it is."""
    told = {
        "asked": formats.count_text(change.asked),
        "done": formats.count_text(change.asked - change.waiting),
        "tag": _tag(change),
    }
    if change.is_gift:
        return _("正在加标签「%(tag)s」：%(done)s／%(asked)s 人") % told
    return _("正在取下标签「%(tag)s」：%(done)s／%(asked)s 人") % told


def done_text(change: TagChange) -> str:
    """Say what came of it: whom it changed, who had it already, who was refused; together all that were asked for."""
    told = {"shown": formats.count_text(change.changed), "tag": _tag(change)}
    had = {"shown": formats.count_text(change.had)}
    if change.is_gift:
        said = ngettext("已给 %(shown)s 人加上「%(tag)s」。", "已给 %(shown)s 人加上「%(tag)s」。", change.changed) % told
        rest = _("%(shown)s 人原来就有。") % had
    else:
        said = ngettext("已从 %(shown)s 人取下「%(tag)s」。", "已从 %(shown)s 人取下「%(tag)s」。", change.changed) % told
        rest = _("%(shown)s 人本来没有。") % had
    refused = _("%(shown)s 人不在你的范围内，没有动。") % {"shown": formats.count_text(change.refused)}
    return f"{said}{rest if change.had else ''}{refused if change.refused else ''}"


def stopped_text(change: TagChange) -> str:
    """Say that the job ended before its time."""
    told = {"left": formats.count_text(change.waiting), "tag": _tag(change)}
    return _("标签「%(tag)s」还有 %(left)s 人没有做，任务停了；在标签字典里继续或撤销。") % told


def undoing_text(change: TagChange) -> str:
    """Say how far the undoing is."""
    told = {"asked": formats.count_text(change.changed), "done": formats.count_text(change.undone), "tag": _tag(change)}
    return _("正在撤销标签「%(tag)s」的变更：%(done)s／%(asked)s 人") % told


def undone_text(change: TagChange) -> str:
    """Say how many are as they were before."""
    return _("已撤销，%(persons)s 人恢复原样") % {"persons": formats.count_text(change.undone)}


def _tag(change: TagChange) -> str:
    return given_tag_names().get(change.tag_code, change.tag_code)

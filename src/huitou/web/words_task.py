"""The words of tasks: why they end, what a run made of those it saw, what a task asks for."""

from collections.abc import Collection, Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huitou.apps.attributes.queries import attributes_shown
from huitou.apps.tasks.models import Task, TaskRun
from huitou.apps.value.queries import given_tag_names
from huitou.web import formats
from huitou.web.lazy import LazyText
from huitou.web.words import word
from huitou.web.words_person import FIELDS

TASK_OUTCOMES: Mapping[str, LazyText] = {
    "verified": gettext_lazy("已核实"),
    "told_again": gettext_lazy("来源又报了一次"),
    "talked": gettext_lazy("联系过了"),
    "unreachable": gettext_lazy("联系不上"),
    "unwilling": gettext_lazy("客户不愿说"),
    "not_needed": gettext_lazy("不用做"),
    "called_off": gettext_lazy("取消任务"),
    "newer": gettext_lazy("档案里已有更近的值"),
    "new_rule": gettext_lazy("核实期限改了，不再要求"),
    "no_value": gettext_lazy("档案里已没有这些值"),
    "gone": gettext_lazy("客户档案已不在"),
    "erasing": gettext_lazy("客户等待删除"),
    "suppressed": gettext_lazy("联系方式属于已删除的人"),
    "minor": gettext_lazy("未满 14 岁"),
    "kept_out": gettext_lazy("客户不接受联系"),
    "merged": gettext_lazy("档案合并，另有一条"),
}
TASK_STEPS: Mapping[str, LazyText] = {  # of the log, besides the ways in which a task ends
    "made": gettext_lazy("建立"),
    "open": gettext_lazy("档案分开，重新打开"),
    "taken": gettext_lazy("领取"),
    "moved": gettext_lazy("随客户转到另一家门店，等人领取"),
}
TASK_RUN_COUNTS: Mapping[str, LazyText] = {
    "held": gettext_lazy("已有任务"),
    "rested": gettext_lazy("不久前做过"),
    "refused": gettext_lazy("不接受联系"),
    "barred": gettext_lazy("未满 14 岁或等待删除"),
    "storeless": gettext_lazy("没有归属门店的"),
    "full": gettext_lazy("门店手上的任务已满"),
    "fresh": gettext_lazy("已经核实"),
    "gone": gettext_lazy("不在范围内"),
}
SHOWN_VALUES = 3


def value_names(tasks: Collection[Task], *, today: date) -> dict[str, str]:
    """Return what the values that tasks ask about are called."""
    asked = {value["name"] for task in tasks for value in task.reason["values"]}
    names = {name: str(word(FIELDS, name)) for name in asked}
    if any(name.startswith("attribute_") for name in asked):
        names |= {f"attribute_{one.code}": one.title for one in attributes_shown(today=today)}
    if any(name.startswith("tag_") for name in asked):
        tag = _("标签「%(name)s」")
        names |= {f"tag_{code}": tag % {"name": title} for code, title in given_tag_names().items()} | {"tag_interest": _("兴趣")}
    return names


def reason_text(task: Task, names: Mapping[str, str], *, today: date) -> str:
    """Say which values nobody verified for how long, the oldest first."""
    values = task.reason["values"]
    told = []
    for value in values[:SHOWN_VALUES]:
        days = (today - date.fromisoformat(value["told_on"])).days
        said = ngettext("%(field)s %(days)s 天", "%(field)s %(days)s 天", days)
        told.append(said % {"field": names[value["name"]], "days": formats.count_text(days)})
    shown = {"values": _("、").join(told), "number": len(values)}
    if len(values) > SHOWN_VALUES:
        return _("%(values)s等 %(number)s 项没有核实") % shown
    return _("%(values)s没有核实") % shown


def run_text(run: TaskRun) -> str:
    """Say what came of a run: how many tasks, and who got none for which reason; together all that it saw."""
    made = {"shown": formats.count_text(run.made)}
    said = ngettext("已建 %(shown)s 条任务", "已建 %(shown)s 条任务", run.made) % made
    rest = [
        _("%(reason)s %(shown)s 人") % {"reason": reason, "shown": formats.count_text(getattr(run, name))}
        for name, reason in TASK_RUN_COUNTS.items()
        if getattr(run, name)
    ]
    if not rest:
        return _("%(made)s。") % {"made": said}
    return _("%(made)s，共看了 %(seen)s 人；没有建的：%(rest)s。") % {
        "made": said, "seen": formats.count_text(run.seen), "rest": _("、").join(rest)
    }  # fmt: skip


def doing_text(run: TaskRun) -> str:
    """Say how far a run is."""
    told = {"seen": formats.count_text(run.seen), "made": formats.count_text(run.made)}
    return _("正在建任务：看了 %(seen)s 人，建了 %(made)s 条") % told


def stopped_text(run: TaskRun) -> str:
    """Say that the job ended before its time."""
    told = {"seen": formats.count_text(run.seen), "made": formats.count_text(run.made)}
    return _("建任务停下了：看了 %(seen)s 人，建了 %(made)s 条。在待核实页再建一次会接着做，不会重复。") % told

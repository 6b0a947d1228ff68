"""Sentences about what of an address, a view or an editor's filter cannot be asked."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from huitou.core.filters.json_form import Fault, Lost
from huitou.web.lists.cells import text_of
from huitou.web.lists.state import ListContext, Refused


def sentences(refused: "Refused | Iterable[Lost]", context: ListContext) -> list[str]:
    """Return one sentence per thing that cannot be taken, each saying what is wrong and what is allowed."""
    if not isinstance(refused, Refused):
        return [_lost(one, context) for one in refused]
    said = [_lost(one, context) for one in refused.lost]
    if refused.is_unreadable:
        said.append(_("条件的写法读不懂，括号或逗号可能少了一个。"))
    if refused.sort:
        allowed = _("、").join(text_of(column.label) for column in context.sorts.values())
        said.append(_("不能按「%(text)s」排列。可以按：%(allowed)s。") % {"text": refused.sort, "allowed": allowed})
    if refused.cursor:
        said.append(_("翻页的位置不属于这个列表，可能是排列换过了。"))
    return said


def _lost(lost: Lost, context: ListContext) -> str:
    if lost.fault is Fault.FIELD:
        return _("没有字段「%(field)s」，可能已删除或不在你的权限里。") % {"field": lost.field}
    if lost.fault is Fault.SHAPE:
        return _("有一处条件的写法读不懂。")
    field = context.catalogue[lost.field]
    values = {"field": text_of(field.label), "written": lost.written}
    if lost.fault is Fault.OPERATOR:
        return _("「%(field)s」不能用「%(written)s」来比较。") % values
    return _("「%(field)s」的值「%(written)s」不合格。") % values

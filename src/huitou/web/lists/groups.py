"""A list by the values of one field: a table with a line for each, or a board with a column for each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from huitou.apps.base.fields import FieldEntry
from huitou.apps.base.grouped import Group, Groups
from huitou.apps.base.listing import Asked
from huitou.core.filters.catalogue import Choice
from huitou.core.filters.tree import Condition, Operator
from huitou.core.money import yuan_text
from huitou.web import formats
from huitou.web.lists.cells import Cell, text_of
from huitou.web.lists.lines import lines_of, stand_ins
from huitou.web.lists.spec import RowHead
from huitou.web.lists.state import Form, ListContext, ListState, with_part

CARDS = 8  # of a board's column; the list behind its head has all
_CARD_NOTES = 3
FORMS = (Form.LIST, Form.GROUPS, Form.BOARD)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """
    One group. kind: tier or stage (drawn as a badge by `code`), else text. share: of all rows asked for, 0..1. summed, mean:
    what its rows come to, and each on average, as texts.
    """

    label: str
    kind: str
    code: str
    count: int
    share: float
    summed: str
    mean: str
    url: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Card:
    """A row on the board: its figure stands beside the name, a few notes below."""

    head: RowHead
    figure: Cell | None
    figure_text: str
    notes: list[Cell]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    group: GroupLine
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Choosable:
    """A form of the list, or a field to group by, with the address that shows it."""

    code: str
    label: str
    url: str
    is_on: bool


def forms_offered(context: ListContext, state: ListState) -> list[Choosable]:
    """Return the forms of a list; nothing for one that has but one."""
    names = {Form.LIST: _("列表"), Form.GROUPS: _("分组"), Form.BOARD: _("看板")}
    found = [form for form in FORMS if form is Form.LIST or context.groupings_as(form)]
    return [Choosable(form, names[form], _as(context, state, form), form is state.form) for form in found if len(found) > 1]


def _as(context: ListContext, state: ListState, form: Form) -> str:
    names = list(context.groupings_as(form))
    by = (state.by if state.by in names else names[0]) if names else ""
    return replace(state, form=form, by=by).url()


def fields_offered(context: ListContext, state: ListState) -> list[Choosable]:
    """Return what the rows can be grouped by in this form."""
    return [
        Choosable(name, text_of(entry.field.label), replace(state, by=name).url(), name == state.by)
        for name, entry in context.groupings_as(state.form).items()
    ]


def groups_found(context: ListContext, state: ListState, asked: Asked) -> Groups:
    """Return the groups of a state whose form groups."""
    if context.spec.groups is None:
        raise TypeError(f"the list of {context.spec.noun} counts no groups")
    return context.spec.groups(context.viewer, replace(asked, cursor=None), context.groupings[state.by].field)


def group_lines(context: ListContext, state: ListState, found: Groups) -> list[GroupLine]:
    """Return the groups in the order of the field's choices, others by size, and at the end the rows without a value."""
    entry = context.groupings[state.by]
    order = {choice.code: place for place, choice in enumerate(entry.field.choices)}

    def place(group: Group) -> tuple[bool, int, int]:
        return (group.value is None, order.get(str(group.value), len(order)), -group.count)

    whole = sum(group.count for group in found.groups)
    return [_line(context, state, entry, group, whole) for group in sorted(found.groups, key=place)]


def _line(context: ListContext, state: ListState, entry: FieldEntry, group: Group, whole: int) -> GroupLine:
    field = entry.field
    kind = "tier" if field.name.startswith("tier_") else "stage" if field.name == "stage" else "text"
    choices: Mapping[str, Choice] = {choice.code: choice for choice in field.choices}
    if group.value is None:
        condition = Condition(field.name, Operator.MISSING)
        label = _("没有等级") if kind == "tier" else _("没有%(field)s") % {"field": text_of(field.label)}
    else:
        condition = Condition(field.name, Operator.EQ, group.value)
        choice = choices.get(str(group.value))
        label = (
            text_of(choice.label) if choice else context.names.get(field.name, {}).get(int(str(group.value)), f"#{group.value}")
        )
    known = group.summed is not None and group.count
    return GroupLine(
        label,
        "text" if group.value is None else kind,
        "" if group.value is None else str(group.value),
        group.count,
        group.count / whole if whole else 0,
        yuan_text(group.summed or 0, decimals=0) if known else formats.MISSING,
        yuan_text(round((group.summed or 0) / group.count), decimals=0) if known else formats.MISSING,
        replace(state, form=Form.LIST, by="").url(filters=with_part(state.filters, condition)),
        condition,
    )


def board_columns(
    context: ListContext, state: ListState, asked: Asked, shown: tuple[FieldEntry, ...], lines: list[GroupLine]
) -> list[BoardColumn]:
    """
    Return each group with its first rows in the order of the list; a row leads on in the list of its column.

    Rows without a value are counted only: none of them stands first by a value that they lack, too, and in an order of another
    table finding the first of a million takes seconds.
    """
    shown = tuple(entry for entry in shown if entry.field.name != state.by)
    stands_in = stand_ins(context, shown)
    columns = []
    for line in lines:
        if line.condition.operator is Operator.MISSING:
            columns.append(BoardColumn(line, []))
            continue
        filters = with_part(state.filters, line.condition)
        inside = replace(asked, filters=filters, cursor=None, limit=CARDS, shown=context.with_ends(shown), about=line.count)
        page = context.spec.page(context.viewer, inside)
        behind = replace(state, filters=filters, form=Form.LIST, by="")
        rows = lines_of(context, inside, shown, stands_in, page, behind, 0)
        columns.append(BoardColumn(line, [_card(row.head, row.cells) for row in rows]))
    return columns


def _card(head: RowHead, cells: list[Cell]) -> Card:
    figure = next((cell for cell in cells if cell.on_phone == "figure"), None)
    text = figure.text if figure else ""
    notes = [cell for cell in cells if not cell.on_phone and cell.text != formats.MISSING]
    return Card(head, figure, text if text in {"", formats.MISSING} else f"¥{text}", notes[:_CARD_NOTES])


def grouped(context: ListContext, state: ListState, asked: Asked, shown: tuple[FieldEntry, ...]) -> dict[str, Any]:
    """Return what the page needs of a form that groups."""
    found = groups_found(context, state, asked)
    lines = group_lines(context, state, found)
    summed = next((entry for entry in context.entries if entry.field.name == context.spec.group_sum), None)
    return {
        "count": found.count,
        "by_fields": fields_offered(context, state),
        "by_label": text_of(context.groupings[state.by].field.label),
        "groups": lines,
        "sum_label": text_of(summed.field.label) if summed else "",
        "columns": board_columns(context, state, asked, shown, lines) if state.form is Form.BOARD else [],
    }

"""A filter tree as people read it: chips of field, operator and value, joined by 且 / 或 / 非."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from huitou.core.decimals import scaled_text
from huitou.core.filters.catalogue import Catalogue, Event, Field, FieldType
from huitou.core.filters.tree import All, Any, Condition, Dates, Measure, Node, Not, Operator, Recent, Scalar, Span, Window
from huitou.core.labels import Label
from huitou.core.money import yuan_text

ReferenceName = Callable[[str, int | str], str | None]  # (field name, id or code) -> shown name

_O = Operator
OPERATOR_LABELS: Mapping[Operator, Label] = {
    _O.EQ: Label("是", "is"),
    _O.NE: Label("不是", "is not"),
    _O.LT: Label("小于", "is under"),
    _O.LTE: Label("至多", "is at most"),
    _O.GT: Label("大于", "is over"),
    _O.GTE: Label("至少", "is at least"),
    _O.BETWEEN: Label("介于", "is between"),
    _O.IN: Label("是任一", "is any of"),
    _O.NOT_IN: Label("不是任一", "is none of"),
    _O.MISSING: Label("没有值", "has no value"),
    _O.PRESENT: Label("有值", "has a value"),
    _O.NEAR: Label("附近", "is near"),
}
MEASURE_LABELS: Mapping[Measure, Label] = {
    Measure.TIMES: Label("次数", "times"),
    Measure.DAYS: Label("天数", "days"),
    Measure.NET: Label("净消费", "net spend"),
    Measure.ITEMS: Label("件数", "items"),
}
MEASURE_UNITS: Mapping[Measure, Label] = {
    Measure.TIMES: Label("次", "times"),
    Measure.DAYS: Label("天", "days"),
    Measure.ITEMS: Label("件", "items"),
}
_EVER = Label("任何时候", "ever")
_DAY_LABELS: Mapping[Operator, Label] = {
    _O.LT: Label("早于", "is before"),
    _O.LTE: Label("不晚于", "is on or before"),
    _O.GT: Label("晚于", "is after"),
    _O.GTE: Label("不早于", "is on or after"),
}
_DAYS_AGO_LABELS: Mapping[Operator, Label] = {
    _O.LT: Label("晚于", "is later than"),
    _O.LTE: Label("不早于", "is no earlier than"),
    _O.GT: Label("早于", "is earlier than"),
    _O.GTE: Label("不晚于", "is no later than"),
}
_OWN_LABELS: Mapping[FieldType, Mapping[Operator, Label]] = {
    FieldType.DATE: _DAY_LABELS,
    FieldType.DAYS_AGO: _DAYS_AGO_LABELS,
}
_AND, _OR, _NOT = Label("且", "and"), Label("或", "or"), Label("非", "not")
_YES, _NO = Label("是", "yes"), Label("否", "no")
_EVERYTHING = Label("全部", "everything")
_SHOWN_VALUES = 5


def operator_label(field: Field, operator: Operator) -> Label:
    """Return the words of an operator with this field: a date is before, a number is under."""
    return _OWN_LABELS.get(field.type, {}).get(operator, OPERATOR_LABELS[operator])


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, and its path in the tree ("0.2.1", child numbers from the root) for taking it out."""

    field: str
    operator: str
    value: str
    path: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A group in words. `kind` is all, any or not; `joint` the word between its parts (before the only one for not)."""

    kind: str
    joint: str
    parts: tuple["Chip | Frame", ...]
    path: str


def reading(node: Node, catalogue: Catalogue, *, language: str, reference_name: ReferenceName | None = None) -> Chip | Frame:
    """Return the tree in words. `language` is "zh-hans" or "en"; ids without a known name are shown as #17, codes as they are."""
    return _Reading(catalogue, language, reference_name).node(node, "")


def sentence(node: Node, catalogue: Catalogue, *, language: str, reference_name: ReferenceName | None = None) -> str:
    """Return the tree as one line of text; a tree that asks nothing reads 全部 / everything."""
    part = reading(node, catalogue, language=language, reference_name=reference_name)
    if isinstance(part, Frame) and not part.parts:
        return _EVERYTHING.text(language)
    return _line(part, outermost=True)


def _line(part: Chip | Frame, *, outermost: bool = False) -> str:
    if isinstance(part, Chip):
        return f"{part.field} {part.operator} {part.value}".rstrip()
    if part.kind == "not":
        return f"{part.joint} {_line(part.parts[0])}"
    line = f" {part.joint} ".join(_line(one) for one in part.parts)
    return line if outermost or len(part.parts) == 1 else f"({line})"


class _Reading:
    def __init__(self, catalogue: Catalogue, language: str, reference_name: ReferenceName | None) -> None:
        self._catalogue = catalogue
        self._language = language
        self._reference_name = reference_name

    def node(self, node: Node, path: str) -> Chip | Frame:
        match node:
            case Condition():
                return self._chip(node, path)
            case Window():
                return self._window(node, path)
            case Not(child):
                return Frame("not", _NOT.text(self._language), (self.node(child, _below(path, 0)),), path)
            case All(children):
                return Frame("all", _AND.text(self._language), self._parts(children, path), path)
            case Any(children):
                return Frame("any", _OR.text(self._language), self._parts(children, path), path)

    def _parts(self, children: tuple[Node, ...], path: str) -> tuple[Chip | Frame, ...]:
        return tuple(self.node(child, _below(path, index)) for index, child in enumerate(children))

    def _chip(self, condition: Condition, path: str) -> Chip:
        field = self._catalogue[condition.field]
        label = operator_label(field, condition.operator)
        return Chip(field.label.text(self._language), label.text(self._language), self._value(field, condition), path)

    def _window(self, window: Window, path: str) -> Chip:
        event = self._catalogue.event(window.event)
        if event is None:
            raise KeyError(window.event)
        operator = OPERATOR_LABELS[window.operator].text(self._language)
        return Chip(event.label.text(self._language), operator, self._happened(event, window), path)

    def _happened(self, event: Event, window: Window) -> str:
        """Return 2 次，近 90 天，品类 蔬菜."""
        bounds = window.value if isinstance(window.value, tuple) else (window.value,)
        parts = [_amount(window.measure, "–".join(_number(window.measure, one) for one in bounds), self._language)]
        parts.append(self._span(window.span))
        for name, values in window.among:
            field = event.narrowing(name)
            if field is None:
                raise KeyError(name)
            parts.append(f"{field.label.text(self._language)} {self._listed(field, values)}")
        return Label("，", ", ").text(self._language).join(parts)

    def _span(self, span: Span) -> str:
        match span:
            case Recent(days):
                return Label(f"近 {days} 天", f"in the last {days} days").text(self._language)
            case Dates(first, last):
                return Label(f"{first} 至 {last}", f"from {first} to {last}").text(self._language)
            case None:
                return _EVER.text(self._language)

    def _value(self, field: Field, condition: Condition) -> str:
        value = condition.value
        if value is None:
            return ""
        if condition.operator is Operator.NEAR:
            return self._near(field, condition)
        if not isinstance(value, tuple):
            return self._scalar(field, value)
        if condition.operator is Operator.BETWEEN:
            return "–".join(self._scalar(field, one) for one in value)
        return self._listed(field, value)

    def _near(self, field: Field, condition: Condition) -> str:
        assert isinstance(condition.value, tuple)
        place, metres = condition.value
        kilometres = f"{int(str(metres)) / 1000:g}"
        name = self._scalar(field, place)
        return Label(f"{name} {kilometres} 公里内", f"{name}, within {kilometres} km").text(self._language)

    def _listed(self, field: Field, values: tuple[Scalar, ...]) -> str:
        comma = Label("、", ", ").text(self._language)
        shown = comma.join(self._scalar(field, one) for one in values[:_SHOWN_VALUES])
        rest = len(values) - _SHOWN_VALUES
        if rest <= 0:
            return shown
        return shown + Label(f"等 {len(values)} 项", f" and {rest} more").text(self._language)

    def _scalar(self, field: Field, value: Scalar) -> str:
        return value_text(field, value, language=self._language, reference_name=self._reference_name)


def value_text(field: Field, value: Scalar, *, language: str, reference_name: ReferenceName | None = None) -> str:
    """Return one value of a field in words; days ago are whole days."""
    match field.type:
        case FieldType.FLAG:
            return (_YES if value else _NO).text(language)
        case FieldType.ENUM:
            return field.choice(str(value)).label.text(language)
        case FieldType.FEN:
            return f"¥{yuan_text(int(str(value)))}"
        case FieldType.DECIMAL:
            unit = f" {field.unit.text(language)}" if field.unit else ""
            return f"{scaled_text(int(str(value)), field.decimals)}{unit}"
        case FieldType.SHARE:
            return f"{float(str(value)) * 100:.1f}\u00a0%"
        case FieldType.DAYS_AGO:
            return Label(f"{value} 天前", f"{value} days ago").text(language)
        case FieldType.REFERENCE:
            known = reference_name(field.name, int(str(value))) if reference_name else None
            return known or f"#{value}"
        case FieldType.CODE:
            return (reference_name(field.name, str(value)) if reference_name else None) or str(value)
        case FieldType.INTEGER | FieldType.DATE:
            unit = f" {field.unit.text(language)}" if field.unit else ""
            return f"{value}{unit}"


def amount_text(measure: Measure, value: int, *, language: str) -> str:
    """Return how much was measured in words: 2 次."""
    return _amount(measure, _number(measure, value), language)


def _amount(measure: Measure, number: str, language: str) -> str:
    unit = MEASURE_UNITS.get(measure)
    if unit is None:
        return f"{MEASURE_LABELS[measure].text(language)} {number}"
    return f"{number} {unit.text(language)}"


def _number(measure: Measure, value: int) -> str:
    return f"¥{yuan_text(value)}" if measure is Measure.NET else str(value)


def _below(path: str, index: int) -> str:
    return f"{path}.{index}" if path else str(index)


def without(node: Node, path: str) -> Node:
    """
    Return the tree without the part at `path` (as in Chip.path); a group left empty goes too, an empty tree asks nothing.

    Raises KeyError when the path leads nowhere.
    """
    rest = _without(node, [int(step) for step in path.split(".")] if path else [], path)
    return All() if rest is None else rest


def _without(node: Node, steps: list[int], path: str) -> Node | None:
    if not steps:
        return None
    match node:
        case Not(child) if steps[0] == 0:
            rest = _without(child, steps[1:], path)
            return None if rest is None else Not(rest)
        case All(children) | Any(children) if 0 <= steps[0] < len(children):
            inside = _without(children[steps[0]], steps[1:], path)
            kept = children[: steps[0]] + (() if inside is None else (inside,)) + children[steps[0] + 1 :]
            return type(node)(kept) if kept else None
        case _:
            raise KeyError(path)

"""
The filter tree in a web address: conditions `field.op.value`, lists with `~`, groups `any(...)`, `all(...)`, `not(...)`.

Conditions joined by commas at the top are all asked: `days_since_purchase.gte.60,not(stage.eq.dormant)`. A window is
`event.purchase.times.gte.2.90d.category.3~4` (`2026-01-01~2026-03-31` or `ever` in place of the days). Characters of
texts that mean something here are written *XX (as %XX, with a star, so that the address does not escape them again).
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any as Json
from urllib.parse import quote, unquote

from huitou.core.filters.catalogue import EVENT_WORD, Catalogue, FieldType
from huitou.core.filters.json_form import FilterError, parse
from huitou.core.filters.tree import (
    BARE_OPERATORS,
    LIST_OPERATORS,
    All,
    Any,
    Condition,
    Dates,
    Node,
    Not,
    Operator,
    Recent,
    Scalar,
    Span,
    Value,
    Window,
)

_LONGEST = 20_000
_EVER = "ever"
_STEP = re.compile(r"(all|any|not)\(|[^(),]+|[(),]")


def to_url(node: Node) -> str:
    """Return the compact text; the tree that asks nothing is the empty text."""
    if isinstance(node, All) and len(node.children) != 1:
        return ",".join(_written(child) for child in node.children)
    return _written(node)


def _written(node: Node) -> str:
    match node:
        case All(children):
            return f"all({','.join(_written(child) for child in children)})"
        case Any(children):
            return f"any({','.join(_written(child) for child in children)})"
        case Not(child):
            return f"not({_written(child)})"
        case Window():
            return _window_text(node)
        case Condition(field, operator, None):
            return f"{field}.{operator.value}"
        case Condition(field, operator, value):
            return f"{field}.{operator.value}.{_value_text(value)}"


def _window_text(window: Window) -> str:
    parts = [EVENT_WORD, window.event, window.measure.value, window.operator.value, _value_text(window.value)]
    parts.append(_span_text(window.span))
    for name, values in window.among:
        parts += [name, _value_text(values).replace(".", "*2E")]
    return ".".join(parts)


def _span_text(span: Span) -> str:
    match span:
        case Recent(days):
            return f"{days}d"
        case Dates(first, last):
            return f"{first.isoformat()}~{last.isoformat()}"
        case None:
            return _EVER


def _value_text(value: Value) -> str:
    if isinstance(value, tuple):
        return "~".join(_scalar_text(one) for one in value)
    assert value is not None
    return _scalar_text(value)


def _scalar_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return quote(value, safe="").replace("~", "%7E").replace("%", "*")
    return repr(value)


def from_url(text: str, catalogue: Catalogue) -> Node:
    """Return the tree again. Raises FilterError on anything that `to_url` would not write or `parse` would refuse."""
    return parse(tree_of_url(text, catalogue), catalogue)


def tree_of_url(text: str, catalogue: Catalogue) -> Json:
    """Return the unchecked JSON form, for `parse` or `salvage`. Raises FilterError where the text is no tree at all."""
    if len(text) > _LONGEST:
        raise FilterError("$", f"the address holds more than {_LONGEST} characters of filters")
    return _Reader(text, catalogue).whole() if text else {"all": []}


class _Reader:
    """Reads the text from left to right into the JSON form; `parse` judges the result."""

    def __init__(self, text: str, catalogue: Catalogue) -> None:
        self._steps = [match.group() for match in _STEP.finditer(text)]
        self._at = 0
        self._catalogue = catalogue

    def whole(self) -> dict[str, Json]:
        nodes = self._nodes(depth=1)
        if self._at < len(self._steps):
            raise self._error("nothing more")
        return nodes[0] if len(nodes) == 1 else {"all": nodes}

    def _nodes(self, depth: int) -> list[dict[str, Json]]:
        nodes = [self._node(depth)]
        while self._peek() == ",":
            self._at += 1
            nodes.append(self._node(depth))
        return nodes

    def _node(self, depth: int) -> dict[str, Json]:
        step = self._peek()
        if depth > 20:
            raise self._error("fewer levels")
        if step in {"all(", "any(", "not("}:
            self._at += 1
            nodes = self._nodes(depth + 1)
            if self._peek() != ")":
                raise self._error(")")
            self._at += 1
            return _group(step[:-1], nodes)
        if step in {"", "(", ")", ","}:
            raise self._error("a condition")
        self._at += 1
        return self._condition(step)

    def _condition(self, step: str) -> dict[str, Json]:
        name, _, rest = step.partition(".")
        if name == EVENT_WORD:
            return _window(rest.split("."), self._catalogue)
        code, dot, value = rest.partition(".")
        if name not in self._catalogue or code not in set(Operator):
            return {"field": name, "op": code}  # `parse` says what is allowed
        operator = Operator(code)
        if operator in BARE_OPERATORS and not dot:
            return {"field": name, "op": code}
        read = _READERS.get(self._catalogue[name].type, _read_text)
        several = operator in LIST_OPERATORS or operator in {Operator.BETWEEN, Operator.NEAR}
        return {"field": name, "op": code, "value": [read(one) for one in value.split("~")] if several else read(value)}

    def _peek(self) -> str:
        return self._steps[self._at] if self._at < len(self._steps) else ""

    def _error(self, wanted: str) -> FilterError:
        return FilterError(f"part {self._at + 1} of the address", f"need {wanted}, got {self._peek()[:40]!r}")


def _group(kind: str, nodes: list[dict[str, Json]]) -> dict[str, Json]:
    if kind != "not":
        return {kind: nodes}
    if len(nodes) != 1:
        raise FilterError("not(...)", f"need one condition or group, got {len(nodes)}")
    return {"not": nodes[0]}


def _window(parts: list[str], catalogue: Catalogue) -> dict[str, Json]:
    """Return the JSON form of what `_window_text` wrote; `parse` judges it."""
    if len(parts) < 5 or len(parts) % 2 == 0:
        raise FilterError("event", "need event.NAME.MEASURE.OPERATOR.VALUE.SPAN and pairs of what is counted")
    name, measure, operator, value, span, *pairs = parts
    numbers = [_read_whole(one) for one in value.split("~")]
    read: dict[str, Json] = {
        "event": name, "measure": measure, "op": operator, "value": numbers if "~" in value else numbers[0],
    }  # fmt: skip
    if "~" in span:
        read["from"], _, read["to"] = span.partition("~")
    elif span != _EVER:
        read["days"] = _read_whole(span.removesuffix("d"))
    event = catalogue.event(name)
    where: dict[str, Json] = {}
    for key, values in zip(pairs[::2], pairs[1::2], strict=True):
        field = event.narrowing(key) if event else None
        reader = _READERS.get(field.type, _read_text) if field else _read_text
        where[key] = [reader(one) for one in values.split("~")]
    if where:
        read["where"] = where
    return read


def _read_text(text: str) -> Json:
    return unquote(text.replace("*", "%"), errors="replace")


def _read_whole(text: str) -> Json:
    return int(text) if re.fullmatch(r"-?[0-9]{1,16}", text) else text


def _read_share(text: str) -> Json:
    return float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?(e-[0-9]{1,3})?", text) else text


def _read_flag(text: str) -> Json:
    return {"1": True, "0": False}.get(text, text)


_READERS: dict[FieldType, Callable[[str], Json]] = {
    FieldType.REFERENCE: _read_whole,
    FieldType.INTEGER: _read_whole,
    FieldType.FEN: _read_whole,
    FieldType.DECIMAL: _read_whole,
    FieldType.DAYS_AGO: _read_whole,
    FieldType.SHARE: _read_share,
    FieldType.FLAG: _read_flag,
}

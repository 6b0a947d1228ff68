"""
The filter tree as JSON: {"all": [...]}, {"any": [...]}, {"not": {...}}, {"field": ..., "op": ..., "value": ...} or
{"event": ..., "measure": ..., "op": ..., "value": ..., "days": ... (or "from", "to"), "where": {...}}.

`parse` refuses everything else and says where (a path such as $.all[1].value) and what is allowed there.
"""

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any as Json

from huitou.core.filters.catalogue import EVENT_WORD, Catalogue, Field, ValueRefused
from huitou.core.filters.geo import MOST_METRES
from huitou.core.filters.refusal import FilterError as FilterError
from huitou.core.filters.tree import (
    BARE_OPERATORS,
    LIST_OPERATORS,
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_LIST_VALUES,
    MAX_VALUES,
    MAX_WINDOWS,
    All,
    Any,
    Condition,
    Leaf,
    Node,
    Not,
    Operator,
    Scalar,
    Value,
    Window,
)
from huitou.core.filters.window_form import window_dump, window_parse


def parse(tree: Json, catalogue: Catalogue) -> Node:
    """Return the typed tree of decoded JSON. Raises FilterError."""
    node = _node(tree, catalogue, "$", 1)
    check_limits(node)
    return node


class Fault(StrEnum):
    """What is wrong with a part of a filter."""

    FIELD = "field"  # no such field, or not any more
    OPERATOR = "operator"  # the field cannot be asked this way
    VALUE = "value"
    SHAPE = "shape"  # no condition and no group


@dataclass(frozen=True, slots=True)
class Lost:
    """A part of a filter that had to be left out: what is wrong, the field it names, and what was written there."""

    fault: Fault
    field: str
    written: str


def salvage(tree: Json, catalogue: Catalogue) -> tuple[Node, tuple[Lost, ...]]:
    """
    Return what can be asked of decoded JSON, and what was lost; never raises.

    A group of which nothing is left goes, a lone condition that is lost leaves the filter that asks nothing.
    """
    lost: list[Lost] = []
    node = _kept(tree, catalogue, lost, 1)
    try:
        check_limits(node or All())
    except FilterError:
        return All(), (Lost(Fault.SHAPE, "", ""),)
    return node or All(), tuple(lost)


def _kept(tree: Json, catalogue: Catalogue, lost: list[Lost], depth: int) -> Node | None:
    try:
        return _node(tree, catalogue, "$", depth)
    except FilterError as error:
        if depth > MAX_DEPTH or not isinstance(tree, dict):
            lost.append(Lost(Fault.SHAPE, "", _written(tree)))
            return None
        if isinstance(tree.get("field"), str):
            lost.append(_loss(tree, catalogue, error))
            return None
    for kind, group in (("all", All), ("any", Any)):
        if isinstance(tree.get(kind), list):
            children = [_kept(child, catalogue, lost, depth + 1) for child in tree[kind][:MAX_CONDITIONS]]
            kept = tuple(child for child in children if child is not None)
            return group(kept) if kept else None
    if "not" in tree:
        child = _kept(tree["not"], catalogue, lost, depth + 1)
        return None if child is None else Not(child)
    lost.append(Lost(Fault.SHAPE, "", _written(tree)))
    return None


def _loss(tree: dict[str, Json], catalogue: Catalogue, error: FilterError) -> Lost:
    name = tree["field"][:60]
    if name not in catalogue:
        return Lost(Fault.FIELD, name, name)
    if error.path.endswith(".op"):
        return Lost(Fault.OPERATOR, name, _written(tree.get("op")))
    return Lost(Fault.VALUE, name, _written(tree.get("value")))


def _written(value: Json) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def check_limits(node: Node) -> None:
    """Raise FilterError when the tree as a whole asks too much."""
    conditions = leaves_of(node)
    if len(conditions) > MAX_CONDITIONS:
        raise FilterError("$", f"at most {MAX_CONDITIONS} conditions, got {len(conditions)}")
    windows = sum(isinstance(one, Window) for one in conditions)
    if windows > MAX_WINDOWS:
        raise FilterError("$", f"at most {MAX_WINDOWS} windows, got {windows}")
    values = sum(_value_count(one) for one in conditions)
    if values > MAX_VALUES:
        raise FilterError("$", f"at most {MAX_VALUES} values in all lists together, got {values}")


def leaves_of(node: Node) -> list[Leaf]:
    """Return every condition and window of the tree in reading order."""
    match node:
        case Condition() | Window():
            return [node]
        case Not(child):
            return leaves_of(child)
        case All(children) | Any(children):
            return [leaf for child in children for leaf in leaves_of(child)]


def _value_count(leaf: Leaf) -> int:
    if isinstance(leaf, Window):
        return 1 + sum(len(values) for _name, values in leaf.among)
    return len(leaf.value) if isinstance(leaf.value, tuple) else 1


def condition_checked(field: Field, operator: Operator, value: Json, path: str) -> Condition:
    """Return the condition with its value typed. Raises FilterError at `path`."""
    if operator in BARE_OPERATORS:
        if value is not None:
            raise FilterError(f"{path}.value", f"{operator.value} takes no value")
        return Condition(field.name, operator)
    if operator in LIST_OPERATORS:
        return Condition(field.name, operator, _list(field, value, path))
    if operator is Operator.BETWEEN:
        return Condition(field.name, operator, _pair(field, value, path))
    if operator is Operator.NEAR:
        return Condition(field.name, operator, _near(field, value, path))
    return Condition(field.name, operator, _scalar(field, value, f"{path}.value"))


def _node(tree: Json, catalogue: Catalogue, path: str, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise FilterError(path, f"at most {MAX_DEPTH} levels")
    if not isinstance(tree, dict):
        raise FilterError(path, "need an object with all, any, not, field or event")
    keys = set(tree)
    if keys == {"all"} or keys == {"any"}:
        return _group(keys.pop(), tree, catalogue, path, depth)
    if keys == {"not"}:
        return Not(_node(tree["not"], catalogue, f"{path}.not", depth + 1))
    if "field" in keys and keys <= {"field", "op", "value"}:
        return _condition(tree, catalogue, path)
    if EVENT_WORD in keys:
        return window_parse(tree, catalogue, path)
    raise FilterError(path, "need exactly one of all, any, not; or field, op and value; or event, measure, op and value")


def _group(kind: str, tree: dict[str, Json], catalogue: Catalogue, path: str, depth: int) -> Node:
    children = tree[kind]
    if not isinstance(children, list):
        raise FilterError(f"{path}.{kind}", "need a list")
    if not children and not (path == "$" and kind == "all"):
        raise FilterError(f"{path}.{kind}", "an empty group asks nothing: take it out")
    if len(children) > MAX_CONDITIONS:
        raise FilterError(f"{path}.{kind}", f"at most {MAX_CONDITIONS} conditions, got {len(children)}")
    nodes = tuple(_node(child, catalogue, f"{path}.{kind}[{index}]", depth + 1) for index, child in enumerate(children))
    return All(nodes) if kind == "all" else Any(nodes)


def _condition(tree: dict[str, Json], catalogue: Catalogue, path: str) -> Condition:
    name = tree["field"]
    if not isinstance(name, str) or name not in catalogue:
        raise FilterError(f"{path}.field", f"allowed: {', '.join(catalogue.names())}")
    field = catalogue[name]
    allowed = {operator.value: operator for operator in field.operators}
    code = tree.get("op")
    if not isinstance(code, str) or code not in allowed:
        raise FilterError(f"{path}.op", f"allowed for {name}: {', '.join(allowed)}")
    return condition_checked(field, allowed[code], tree.get("value"), path)


def _scalar(field: Field, value: Json, path: str) -> Scalar:
    try:
        return field.check(value)
    except ValueRefused as error:
        raise FilterError(path, str(error)) from error


def _list(field: Field, value: Json, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LIST_VALUES:
        raise FilterError(f"{path}.value", f"need a list of 1 to {MAX_LIST_VALUES} values")
    return tuple(_scalar(field, one, f"{path}.value[{index}]") for index, one in enumerate(value))


def _pair(field: Field, value: Json, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise FilterError(f"{path}.value", "need a list of two values, low and high")
    low, high = (_scalar(field, one, f"{path}.value[{index}]") for index, one in enumerate(value))
    if low > high:  # type: ignore[operator]  # both have the field's one type
        raise FilterError(f"{path}.value", "the low end lies above the high end")
    return (low, high)


def _near(field: Field, value: Json, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise FilterError(f"{path}.value", "need a list of two values, the place and the metres around it")
    place, metres = value
    if not any(one.id == place for one in field.places) or isinstance(place, bool):
        raise FilterError(f"{path}.value[0]", f"need the id of a place with coordinates; got {place!r}")
    if isinstance(metres, bool) or not isinstance(metres, int) or not 1 <= metres <= MOST_METRES:
        raise FilterError(f"{path}.value[1]", f"need whole metres from 1 to {MOST_METRES}; got {metres!r}")
    return (place, metres)


def dump(node: Node) -> dict[str, Json]:
    """Return the tree as JSON-able values; `parse` of it gives the equal tree."""
    match node:
        case All(children):
            return {"all": [dump(child) for child in children]}
        case Any(children):
            return {"any": [dump(child) for child in children]}
        case Not(child):
            return {"not": dump(child)}
        case Window():
            return window_dump(node)
        case Condition(field, operator, None):
            return {"field": field, "op": operator.value}
        case Condition(field, operator, value):
            return {"field": field, "op": operator.value, "value": _json(value)}


def _json(value: Value) -> Json:
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value

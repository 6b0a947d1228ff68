"""
A filter tree brought down to what every engine can do alike: seven comparisons of a stored column, all/any/not.

Derived values are replaced by their rules, days ago by dates, `between`, `ne` and `not_in` by their parts. Every
comparison is two-valued: it is false on a missing value, never unknown; engines must write it so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.tree import All, Any, Condition, Node, Not, Operator, Scalar


class Comparison(StrEnum):
    """How a stored column is compared."""

    EQ = "eq"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a stored column: `values` has one value, any number for IN, none for PRESENT."""

    field: Field
    comparison: Comparison
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    step: "Step"


Step = Compare | AllOf | AnyOf | Negated

_C = Comparison
_SAME: Mapping[Operator, Comparison] = {
    Operator.EQ: _C.EQ,
    Operator.LT: _C.LT,
    Operator.LTE: _C.LTE,
    Operator.GT: _C.GT,
    Operator.GTE: _C.GTE,
}
_MIRRORED: Mapping[Comparison, Comparison] = {
    _C.EQ: _C.EQ,
    _C.LT: _C.GT,
    _C.LTE: _C.GTE,
    _C.GT: _C.LT,
    _C.GTE: _C.LTE,
}  # more days ago is an earlier date


def plan(node: Node, catalogue: Catalogue, *, as_of: date) -> Step:
    """Return the plan of a checked tree. Raises KeyError on a field that is not in the catalogue."""
    match node:
        case All(children):
            return AllOf(tuple(plan(child, catalogue, as_of=as_of) for child in children))
        case Any(children):
            return AnyOf(tuple(plan(child, catalogue, as_of=as_of) for child in children))
        case Not(child):
            return Negated(plan(child, catalogue, as_of=as_of))
        case Condition():
            field = catalogue[node.field]
            return _derived(field, node, catalogue, as_of) if field.is_derived else _stored(field, node, as_of)


def _values(condition: Condition) -> tuple[Scalar, ...]:
    if condition.value is None:
        return ()
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _derived(field: Field, condition: Condition, catalogue: Catalogue, as_of: date) -> Step:
    rules = {choice.code: plan(choice.rule, catalogue, as_of=as_of) for choice in field.choices if choice.rule is not None}
    some_value = AnyOf(tuple(rules.values())) if field.nullable else AllOf(())
    match condition.operator:
        case Operator.PRESENT:
            return some_value
        case Operator.MISSING:
            return Negated(some_value)
    chosen = AnyOf(tuple(rules[str(code)] for code in _values(condition)))
    if condition.operator in {Operator.NE, Operator.NOT_IN}:
        return AllOf((some_value, Negated(chosen)))
    return chosen


def _stored(field: Field, condition: Condition, as_of: date) -> Step:
    values = _values(condition)
    present = Compare(field, _C.PRESENT)
    match condition.operator:
        case Operator.PRESENT:
            return present
        case Operator.MISSING:
            return Negated(present)
        case Operator.IN:
            return Compare(field, _C.IN, values)
        case Operator.NOT_IN:
            return AllOf((present, Negated(Compare(field, _C.IN, values))))
        case Operator.NE:
            return AllOf((present, Negated(_compare(field, _C.EQ, values[0], as_of))))
        case Operator.BETWEEN:
            return AllOf((_compare(field, _C.GTE, values[0], as_of), _compare(field, _C.LTE, values[1], as_of)))
        case other:
            return _compare(field, _SAME[other], values[0], as_of)


def _compare(field: Field, comparison: Comparison, value: Scalar, as_of: date) -> Compare:
    if field.type is not FieldType.DAYS_AGO:
        return Compare(field, comparison, (value,))
    assert isinstance(value, int)
    return Compare(field, _MIRRORED[comparison], (as_of - timedelta(days=value),))


EVERY_ROW = AllOf(())


def narrowed(step: Step, orm_path: str) -> Step:
    """Return what the plan says of one stored column alone: every row that matches the plan matches the answer too."""
    match step:
        case Compare(field):
            return step if _lies_at(field, orm_path) else EVERY_ROW
        case Negated(inner):
            return step if all(_lies_at(one.field, orm_path) for one in _compares(inner)) else EVERY_ROW
        case AllOf(steps):
            kept = tuple(one for one in (narrowed(one, orm_path) for one in steps) if one != EVERY_ROW)
            return AllOf(kept)
        case AnyOf(steps):
            parts = tuple(narrowed(one, orm_path) for one in steps)
            return EVERY_ROW if EVERY_ROW in parts else AnyOf(parts)


def _lies_at(field: Field, orm_path: str) -> bool:
    return field.rows is None and field.orm_path == orm_path


def _compares(step: Step) -> list[Compare]:
    match step:
        case Compare():
            return [step]
        case Negated(inner):
            return _compares(inner)
        case AllOf(steps) | AnyOf(steps):
            return [compare for one in steps for compare in _compares(one)]


def matches(step: Step, row: Mapping[str, Scalar | tuple[Scalar, ...] | None]) -> bool:
    """
    Return whether one row (stored values by field name) matches the plan.

    A days-ago field holds its date, a field with rows the tuple of its values.
    """
    match step:
        case AllOf(steps):
            return all(matches(one, row) for one in steps)
        case AnyOf(steps):
            return any(matches(one, row) for one in steps)
        case Negated(one):
            return not matches(one, row)
        case Compare(field, comparison, values):
            stored = row[field.name]
            if field.rows is not None:
                several = stored if isinstance(stored, tuple) else ()
                return any(_holds(comparison, one, values) for one in several)
            return stored is not None and not isinstance(stored, tuple) and _holds(comparison, stored, values)


def _holds(comparison: Comparison, stored: Scalar, values: tuple[Scalar, ...]) -> bool:
    match comparison:
        case Comparison.PRESENT:
            return True
        case Comparison.IN:
            return stored in values
        case Comparison.EQ:
            return stored == values[0]
        case Comparison.LT:
            return stored < values[0]  # type: ignore[operator]  # both have the field's one type
        case Comparison.LTE:
            return stored <= values[0]  # type: ignore[operator]
        case Comparison.GT:
            return stored > values[0]  # type: ignore[operator]
        case Comparison.GTE:
            return stored >= values[0]  # type: ignore[operator]

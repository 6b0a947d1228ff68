"""
The filter tree: groups (all, any, not) over conditions (field, operator, value).

One rule for missing values: a condition on a missing value never matches, whatever its operator (only `missing` does);
`not` is plain negation, so NOT of that condition matches. `ne` and `not_in` are operators and need a value;
"not eq" matches missing values too.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_DEPTH = 6  # groups inside groups; a lone condition has depth 1
MAX_CONDITIONS = 100
MAX_LIST_VALUES = 1_000
MAX_VALUES = 10_000  # of all conditions together


class Operator(StrEnum):
    """What a condition asks. The codes are stored."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"  # both ends belong to it
    IN = "in"
    NOT_IN = "not_in"
    MISSING = "missing"
    PRESENT = "present"


LIST_OPERATORS = frozenset({Operator.IN, Operator.NOT_IN})
BARE_OPERATORS = frozenset({Operator.MISSING, Operator.PRESENT})  # take no value

Scalar = str | int | float | bool | date
Value = Scalar | tuple[Scalar, ...] | None  # a pair for `between`, None for the bare operators


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about one field."""

    field: str
    operator: Operator
    value: Value = None


@dataclass(frozen=True, slots=True)
class All:
    """Every child matches. Without children it matches everything; only a root may be empty."""

    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one child matches."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not match."""

    child: "Node"


Node = All | Any | Not | Condition
EVERYTHING = All()

"""
The filter tree: groups (all, any, not) over conditions (field, operator, value) and windows (what happened, how often, when).

One rule for missing values: a condition on a missing value never matches, whatever its operator (only `missing` does);
`not` is plain negation, so NOT of that condition matches. `ne` and `not_in` are operators and need a value;
"not eq" matches missing values too. A window is never missing: to whom nothing happened, it happened 0 times.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_DEPTH = 6  # groups inside groups; a lone condition has depth 1
MAX_CONDITIONS = 100
MAX_LIST_VALUES = 1_000
MAX_VALUES = 10_000  # of all conditions together
MAX_WINDOWS = 20


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
    NEAR = "near"  # value: a place and the metres around it


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


class Measure(StrEnum):
    """What is summed up over everything that happened to a subject in a window. The codes are stored."""

    TIMES = "times"
    DAYS = "days"  # different business days
    NET = "net"  # fen, net of returns
    ITEMS = "items"  # pieces, net of returns


@dataclass(frozen=True, slots=True)
class Recent:
    """From `days` days before as_of on (as_of itself is the first of them), without an upper end: what came since counts."""

    days: int


@dataclass(frozen=True, slots=True)
class Dates:
    """Both days belong to it."""

    first: date
    last: date


Span = Recent | Dates | None  # None: ever
Among = tuple[tuple[str, tuple[Scalar, ...]], ...]  # what is counted: (narrowing, values), all of them asked


@dataclass(frozen=True, slots=True)
class Window:
    """One question about what happened: `measure` of the `event`s in the span, compared with a whole number (or a pair)."""

    event: str
    measure: Measure
    operator: Operator
    value: int | tuple[int, int]
    span: Span = None
    among: Among = ()


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


Leaf = Condition | Window
Node = All | Any | Not | Leaf
EVERYTHING = All()

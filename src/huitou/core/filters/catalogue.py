"""What may be filtered: the fields, their types, operators and places. A name outside the catalogue is refused."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from huitou.core.filters.tree import Measure, Node, Operator, Scalar
from huitou.core.labels import Label

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_PLACE = re.compile(r"[a-z_][a-z0-9_.]{0,95}")
_LARGEST = 2**53 - 1  # every JSON reader keeps whole numbers up to here
_LONGEST_TEXT = 100
_MOST_DAYS_AGO = 36_500
EVENT_WORD = "event"  # begins a window in JSON and in addresses, so no field may have this name


class FieldType(StrEnum):
    """How the value of a condition is written and read."""

    CODE = "code"  # a stored text code, compared letter by letter
    REFERENCE = "reference"  # the id of a row somewhere else
    INTEGER = "integer"
    FEN = "fen"
    DECIMAL = "decimal"  # whole units of the last of the field's `decimals`
    SHARE = "share"  # 0..1
    DATE = "date"
    DAYS_AGO = "days_ago"  # whole days between a stored date and as_of
    FLAG = "flag"
    ENUM = "enum"


_O = Operator
_ORDERED = (_O.EQ, _O.NE, _O.LT, _O.LTE, _O.GT, _O.GTE, _O.BETWEEN)
_NAMED = (_O.EQ, _O.NE, _O.IN, _O.NOT_IN)
OPERATORS: Mapping[FieldType, tuple[Operator, ...]] = {
    FieldType.CODE: _NAMED,
    FieldType.REFERENCE: _NAMED,
    FieldType.ENUM: _NAMED,
    FieldType.INTEGER: _ORDERED,
    FieldType.FEN: _ORDERED,
    FieldType.DECIMAL: _ORDERED,
    FieldType.DATE: _ORDERED,
    FieldType.DAYS_AGO: _ORDERED,
    FieldType.SHARE: (_O.LT, _O.LTE, _O.GT, _O.GTE, _O.BETWEEN),  # equality of fractions surprises
    FieldType.FLAG: (_O.EQ,),
}


class ValueRefused(Exception):
    """The value does not fit the field; the message says what would."""


@dataclass(frozen=True, slots=True)
class Choice:
    """
    One value of an enum. `rule` makes it a derived value: the tree that is true for it. stored: what the column holds instead of
    the code (a keyed hash, a code with more in it).
    """

    code: str
    label: Label
    rule: Node | None = None
    stored: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """
    Where the values of a field with any number of values per subject lie: rows of another table (tags, memberships).

    model: "value.PersonTag"; owner: its column with the subject's id; where: columns that are fixed for this field. purpose:
    only the rows of persons who granted it count, as if the others had none; "" asks nobody.
    """

    model: str
    owner: str
    where: tuple[tuple[str, Scalar], ...] = ()
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class SqlRows:
    """
    The same in the analytical store. source: a query written by us that tells the values; owner: the column, by one name in
    the source and in the rows that are asked about, that says whose a value is.
    """

    source: str
    owner: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the row that a reference names lies; degrees."""

    id: int
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Field:
    """
    One thing that can be asked about.

    orm_path: where it lives for the ORM ("facts__net_fen"); sql_column: where in DuckDB ("net_fen"). An empty place means
    that this engine does not have it. nullable allows `missing` and `present`. With `rows`, orm_path is a column of that
    table, with `sql_rows` sql_column one of theirs: a condition matches where one row fulfils it, `ne` and `not_in` where rows
    have a value and none has that one. of_moment: a date whose place for the ORM holds the moment; asked by the business day.
    Raises ValueError on a malformed entry.
    """

    name: str
    label: Label
    type: FieldType
    orm_path: str = ""
    sql_column: str = ""
    nullable: bool = True
    choices: tuple[Choice, ...] = ()
    minimum: int = -_LARGEST
    maximum: int = _LARGEST
    unit: Label | None = None
    decimals: int = 0  # of a decimal: how many places
    of_moment: bool = False
    rows: Rows | None = None
    sql_rows: SqlRows | None = None
    places: tuple[Place, ...] = ()  # of a reference: `near` asks for the ids around one of them
    below: tuple[tuple[int, tuple[int, ...]], ...] = ()  # of a narrowing: the ids that an id stands for besides itself

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == EVENT_WORD:
            raise ValueError(f"not a field name: {self.name!r}")
        if any(place and not _PLACE.fullmatch(place) for place in (self.orm_path, self.sql_column)):
            raise ValueError(f"field {self.name}: not a place: {self.orm_path!r}, {self.sql_column!r}")
        if (self.type is FieldType.ENUM) != bool(self.choices):
            raise ValueError(f"field {self.name}: an enum has choices and nothing else has")
        if self.is_derived and any(choice.rule is None for choice in self.choices):
            raise ValueError(f"field {self.name}: either every choice has a rule or none has")
        if (self.type is FieldType.DECIMAL) != (self.decimals > 0):
            raise ValueError(f"field {self.name}: a decimal has places and nothing else has")
        if self.of_moment and (self.type is not FieldType.DATE or self.sql_column):
            raise ValueError(f"field {self.name}: the day of a moment is a date of the operations database alone")
        if self.rows is not None and (self.is_derived or self.sql_column or not self.orm_path):
            raise ValueError(f"field {self.name}: rows have a column of the operations database and nothing else")

        if self.sql_rows is not None and not self.sql_column:
            raise ValueError(f"field {self.name}: rows of the analytical store need the column that is asked")

    @property
    def is_derived(self) -> bool:
        """Whether the value is computed from other fields; it is missing where no choice's rule matches."""
        return any(choice.rule is not None for choice in self.choices)

    @property
    def operators(self) -> tuple[Operator, ...]:
        bare = (Operator.MISSING, Operator.PRESENT) if self.nullable else ()
        near = (Operator.NEAR,) if self.places else ()
        return OPERATORS[self.type] + near + bare

    def choice(self, code: str) -> Choice:
        return next(choice for choice in self.choices if choice.code == code)

    def stored(self, value: Scalar) -> Scalar:
        """Return what the column holds for a checked value."""
        kept = next((choice.stored for choice in self.choices if choice.code == value), None)
        return value if kept is None else kept

    def check(self, value: object) -> Scalar:
        """Return the JSON value (or a date) as this field's typed value. Raises ValueRefused."""
        match self.type:
            case FieldType.CODE:
                return _text(value)
            case FieldType.ENUM:
                codes = [choice.code for choice in self.choices]
                if not isinstance(value, str) or value not in codes:
                    raise ValueRefused(f"allowed: {', '.join(codes)}; got {_shown(value)}")
                return value
            case FieldType.FLAG:
                if not isinstance(value, bool):
                    raise ValueRefused(f"allowed: true, false; got {_shown(value)}")
                return value
            case FieldType.DATE:
                return _day(value)
            case FieldType.SHARE:
                return _share(value)
            case FieldType.DAYS_AGO:
                return _whole(value, 0, _MOST_DAYS_AGO)
            case FieldType.INTEGER | FieldType.FEN | FieldType.DECIMAL | FieldType.REFERENCE:
                return _whole(value, self.minimum, self.maximum)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT or not value.isprintable():
        raise ValueRefused(f"need a printable text of 1 to {_LONGEST_TEXT} characters; got {_shown(value)}")
    return value


def _whole(value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueRefused(f"need a whole number from {low} to {high}; got {_shown(value)}")
    return value


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:  # NaN fails too
        raise ValueRefused(f"need a number from 0 to 1; got {_shown(value)}")
    return float(value)


def _day(value: object) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueRefused(f"need a day as YYYY-MM-DD; got {_shown(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueRefused(f"no such day: {value}") from error


@dataclass(frozen=True, slots=True)
class EventRows:
    """Where events lie in the operations database. model: "service.Ticket"; owner and moment: its columns."""

    model: str
    moment: str
    owner: str = "person_id"
    where: tuple[tuple[str, Scalar | tuple[Scalar, ...]], ...] = ()  # what is fixed for this kind of event, as look-ups


@dataclass(frozen=True, slots=True)
class Event:
    """
    One kind of thing that happens to a subject, for windows.

    narrowings: what may be counted alone (its orm_path is a column of `rows`); of those in `one_of` at most one at a time.
    rows: the place in the operations database; None: the event is in the analytical store. Raises ValueError on a bad entry.
    """

    name: str
    label: Label
    measures: tuple[Measure, ...] = (Measure.TIMES,)
    narrowings: tuple[Field, ...] = ()
    one_of: tuple[str, ...] = ()
    rows: EventRows | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not self.measures:
            raise ValueError(f"not an event: {self.name!r} with {len(self.measures)} measures")
        if self.rows is not None and self.measures != (Measure.TIMES,):
            raise ValueError(f"event {self.name}: the operations database counts times and nothing else")
        if any(one.is_derived for one in self.narrowings):
            raise ValueError(f"event {self.name}: a narrowing is a stored column")

    def narrowing(self, name: str) -> Field | None:
        return next((one for one in self.narrowings if one.name == name), None)


@dataclass(frozen=True)
class Catalogue:
    """The fields and events of one subject, by name. Raises ValueError on a name that comes twice."""

    subject: Label
    fields: tuple[Field, ...]
    events: tuple[Event, ...] = ()
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {entry.name: entry for entry in self.fields}
        if len(by_name) != len(self.fields) or len({event.name for event in self.events}) != len(self.events):
            raise ValueError(f"a name comes twice in the catalogue of {self.subject.en}")
        object.__setattr__(self, "_by_name", by_name)

    def event(self, name: object) -> Event | None:
        return next((event for event in self.events if event.name == name), None)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Field:
        return self._by_name[name]

    def names(self) -> Iterable[str]:
        return self._by_name.keys()

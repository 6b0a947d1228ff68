"""
A window as JSON: {"event": "purchase", "measure": "times", "op": "gte", "value": 2, "days": 90, "where": {"category": [3]}}.

Instead of days there may be "from" and "to" (both days belong to it), or neither: ever.
"""

from typing import Any as Json
from typing import TypeVar

from huitou.core.filters.catalogue import Catalogue, Event, Field, FieldType, ValueRefused
from huitou.core.filters.refusal import FilterError
from huitou.core.filters.tree import MAX_LIST_VALUES, Among, Dates, Measure, Operator, Recent, Scalar, Span, Window
from huitou.core.labels import Label

T = TypeVar("T")
_O = Operator
WINDOW_OPERATORS = (_O.EQ, _O.NE, _O.LT, _O.LTE, _O.GT, _O.GTE, _O.BETWEEN)
MOST_DAYS = 3_660
LARGEST = 10**12  # ten thousand million yuan
_KEYS = {"event", "measure", "op", "value", "days", "from", "to", "where"}
_DAY = Field("day", Label("日", "day"), FieldType.DATE)


def window_parse(tree: dict[str, Json], catalogue: Catalogue, path: str) -> Window:
    """Return the typed window of decoded JSON. Raises FilterError."""
    unknown = sorted(set(tree) - _KEYS)
    if unknown:
        raise FilterError(path, f"a window knows {', '.join(sorted(_KEYS))}; got {unknown[0]!r}")
    event = catalogue.event(tree["event"])
    if event is None:
        names = ", ".join(one.name for one in catalogue.events) or "none here"
        raise FilterError(f"{path}.event", f"allowed: {names}")
    measure = _one_of(tree.get("measure"), {one.value: one for one in event.measures}, f"{path}.measure", event.name)
    operator = _one_of(tree.get("op"), {one.value: one for one in WINDOW_OPERATORS}, f"{path}.op", event.name)
    value = _value(tree.get("value"), operator, measure, f"{path}.value")
    return Window(event.name, measure, operator, value, _span(tree, path), _among(tree.get("where"), event, path))


def _one_of(code: Json, allowed: dict[str, T], path: str, name: str) -> T:
    if not isinstance(code, str) or code not in allowed:
        raise FilterError(path, f"allowed for {name}: {', '.join(allowed)}")
    return allowed[code]


def _value(value: Json, operator: Operator, measure: Measure, path: str) -> int | tuple[int, int]:
    if operator is not Operator.BETWEEN:
        return _whole(value, measure, path)
    if not isinstance(value, list) or len(value) != 2:
        raise FilterError(path, "need a list of two values, low and high")
    low, high = (_whole(one, measure, f"{path}[{index}]") for index, one in enumerate(value))
    if low > high:
        raise FilterError(path, "the low end lies above the high end")
    return (low, high)


def _whole(value: Json, measure: Measure, path: str) -> int:
    lowest = 0 if measure in {Measure.TIMES, Measure.DAYS} else -LARGEST
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= LARGEST:
        raise FilterError(path, f"need a whole number from {lowest} to {LARGEST}; got {repr(value)[:60]}")
    return value


def _span(tree: dict[str, Json], path: str) -> Span:
    if "days" in tree and ("from" in tree or "to" in tree):
        raise FilterError(path, "either days, or from and to")
    if "days" in tree:
        days = tree["days"]
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
            raise FilterError(f"{path}.days", f"need whole days from 1 to {MOST_DAYS}; got {repr(days)[:60]}")
        return Recent(days)
    if "from" not in tree and "to" not in tree:
        return None
    first, last = (_checked(_DAY, tree.get(key), f"{path}.{key}") for key in ("from", "to"))
    if first > last:  # type: ignore[operator]  # both are days
        raise FilterError(f"{path}.to", "the last day lies before the first")
    return Dates(first, last)  # type: ignore[arg-type]


def _among(where: Json, event: Event, path: str) -> Among:
    """Return the narrowings in the event's order, whatever order they were written in."""
    if where is None:
        return ()
    if not isinstance(where, dict):
        raise FilterError(f"{path}.where", "need an object of lists")
    unknown = [name for name in where if event.narrowing(name) is None]
    if unknown:
        allowed = ", ".join(one.name for one in event.narrowings) or "nothing"
        raise FilterError(f"{path}.where", f"allowed for {event.name}: {allowed}; got {repr(unknown[0])[:60]}")
    together = [name for name in event.one_of if name in where]
    if len(together) > 1:
        raise FilterError(f"{path}.where", f"only one of {', '.join(together)}")
    asked = [one for one in event.narrowings if one.name in where]
    return tuple((one.name, _values(one, where[one.name], f"{path}.where.{one.name}")) for one in asked)


def _values(field: Field, values: Json, path: str) -> tuple[Scalar, ...]:
    if not isinstance(values, list) or not 1 <= len(values) <= MAX_LIST_VALUES:
        raise FilterError(path, f"need a list of 1 to {MAX_LIST_VALUES} values")
    return tuple(_checked(field, one, f"{path}[{index}]") for index, one in enumerate(values))


def _checked(field: Field, value: Json, path: str) -> Scalar:
    try:
        return field.check(value)
    except ValueRefused as error:
        raise FilterError(path, str(error)) from error


def window_dump(window: Window) -> dict[str, Json]:
    """Return the window as JSON-able values; parsing them gives the equal window."""
    value = list(window.value) if isinstance(window.value, tuple) else window.value
    written: dict[str, Json] = {
        "event": window.event, "measure": window.measure.value, "op": window.operator.value, "value": value,
    }  # fmt: skip
    match window.span:
        case Recent(days):
            written["days"] = days
        case Dates(first, last):
            written |= {"from": first.isoformat(), "to": last.isoformat()}
    if window.among:
        written["where"] = {name: list(values) for name, values in window.among}
    return written

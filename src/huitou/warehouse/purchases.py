"""
The purchases that a window counts: one row per net order (or per its share in the asked categories or products).

An order counts as a purchase while something is left of that share after returns; its day is the day of the sale.
"""

from collections.abc import Mapping

from huitou.core.filters.catalogue import FieldType
from huitou.core.filters.plan import Happened
from huitou.core.filters.tree import Measure, Scalar

MEASURES: Mapping[Measure, str] = {
    Measure.TIMES: "count(*) filter (where e.net_fen > 0)",
    Measure.DAYS: "count(distinct e.d) filter (where e.net_fen > 0)",
    Measure.NET: "sum(e.net_fen)",
    Measure.ITEMS: "sum(e.items_milli)",
}
CHANNEL_CODES: Mapping[str, int] = {"store": 0, "online": 1}  # as in the table lines
WHOLE: Mapping[str, str] = {name: name for name in ("orders", "order_category", "lines")}
_OF_ORDER = frozenset({"store_id", "channel"})
_SHARES: Mapping[str, tuple[str, str]] = {  # the column that cuts an order down: its table and the money there
    "category_id": ("order_category", "net_fen"),
    "product_id": ("lines", "amount_fen"),
}


def purchases_sql(happened: Happened, tables: Mapping[str, str] = WHOLE) -> tuple[str, list[object]]:
    """
    Return a SELECT of record_id, net_order_id, d, net_fen, items_milli of known persons, one row per net order, and its
    parameters. tables: where the curated tables are, made by us.

    Raises ValueError on a narrowing that has no column here.
    """
    asked = [(_column(happened, name), _stored(happened, name, values)) for name, values in happened.among]
    order = [one for one in asked if one[0] in _OF_ORDER]
    share = [one for one in asked if one[0] not in _OF_ORDER]
    parameters: list[object] = []
    if not share:
        where = [*_days("o.d", happened, parameters), *[_is_one_of(f"o.{name}", values, parameters) for name, values in order]]
        return _select(f"{tables['orders']} as o", "o", "net_fen", where, grouped=False), parameters
    ((column, values),) = share
    table, money = _SHARES[column]
    where = [*_days("s.d", happened, parameters), _is_one_of(f"s.{column}", values, parameters)]
    if order:
        of_order = " and ".join(_is_one_of(f"o.{name}", ids, parameters) for name, ids in order)
        where.append(f"s.net_order_id in (select o.net_order_id from {tables['orders']} as o where {of_order})")
    return _select(f"{tables[table]} as s", "s", money, where, grouped=table == "lines" or len(values) > 1), parameters


def _column(happened: Happened, name: str) -> str:
    field = happened.event.narrowing(name)
    if field is None or field.sql_column not in _OF_ORDER | _SHARES.keys():
        raise ValueError(f"{happened.event.name} by {name} cannot be asked of the analytical store")
    return field.sql_column


def _stored(happened: Happened, name: str, values: tuple[Scalar, ...]) -> list[object]:
    field = happened.event.narrowing(name)
    if field is not None and field.type is FieldType.ENUM:
        return [CHANNEL_CODES[str(value)] for value in values]
    return list(values)


def _days(column: str, happened: Happened, parameters: list[object]) -> list[str]:
    found = []
    for sign, day in ((">=", happened.first), ("<", happened.end)):
        if day is not None:
            found.append(f"{column} {sign} ?::date")
            parameters.append(day)
    return found


def _is_one_of(column: str, values: list[object], parameters: list[object]) -> str:
    """One value is compared, so that blocks of rows can be skipped by it."""
    if len(values) == 1:
        parameters.append(values[0])
        return f"{column} = ?::integer"
    parameters.append(values)
    return f"list_contains(?::integer[], {column})"


def _select(source: str, alias: str, money: str, where: list[str], *, grouped: bool) -> str:
    conditions = " and ".join([f"{alias}.record_id is not null", *where])
    if not grouped:
        told = f"{alias}.record_id, {alias}.net_order_id, {alias}.d, {alias}.{money} as net_fen, {alias}.items_milli"
        return f"select {told} from {source} where {conditions}"
    items = "qty_milli" if money == "amount_fen" else "items_milli"
    return (
        f"select min({alias}.record_id) as record_id, {alias}.net_order_id, min({alias}.d) as d,"
        f" sum({alias}.{money})::bigint as net_fen, sum({alias}.{items})::bigint as items_milli"
        f" from {source} where {conditions} group by {alias}.net_order_id"
    )

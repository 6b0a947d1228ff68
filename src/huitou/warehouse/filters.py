"""Compile a filter tree to a DuckDB condition with parameters. Values never enter the text, names come from the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from huitou.core.filters.catalogue import Catalogue, FieldType
from huitou.core.filters.plan import AllOf, AnyOf, Compare, Comparison, Happened, Negated, Step, plan
from huitou.core.filters.tree import Node
from huitou.warehouse.purchases import MEASURES, purchases_sql

_SIGNS: Mapping[Comparison, str] = {
    Comparison.EQ: "=",
    Comparison.LT: "<",
    Comparison.LTE: "<=",
    Comparison.GT: ">",
    Comparison.GTE: ">=",
}
_SQL_TYPES: Mapping[FieldType, str] = {
    FieldType.CODE: "varchar",
    FieldType.ENUM: "varchar",
    FieldType.REFERENCE: "bigint",
    FieldType.INTEGER: "bigint",
    FieldType.FEN: "bigint",
    FieldType.DECIMAL: "bigint",
    FieldType.SHARE: "double",
    FieldType.DATE: "date",
    FieldType.DAYS_AGO: "date",
    FieldType.FLAG: "boolean",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A checked filter, and the day that its days ago are counted from.

    row_id, only: the column of the id, and the rows that are asked for alone; None: all.
    """

    filters: Node
    catalogue: Catalogue
    as_of: date
    row_id: str = ""
    only: tuple[int, ...] | None = None

    def sql(self) -> tuple[str, list[object]]:
        """Return the condition and its parameters in order, as `filter_sql`."""
        condition, parameters = filter_sql(self.filters, self.catalogue, as_of=self.as_of)
        if self.only is None:
            return condition, parameters
        return f"({condition}) and {self.row_id} in (select unnest(?::bigint[]))", [*parameters, list(self.only)]


def filter_sql(node: Node, catalogue: Catalogue, *, as_of: date) -> tuple[str, list[object]]:
    """
    Return the condition of a checked tree and its parameters in order ("true", [] for a tree that asks nothing).

    A window asks the tables orders, order_category, lines and map, and the column person_id of the rows it is put to.
    Raises ValueError on a field or event that has no place in the analytical store.
    """
    return step_sql(plan(node, catalogue, as_of=as_of))


def step_sql(step: Step) -> tuple[str, list[object]]:
    """Return the condition of a plan and its parameters in order, as `filter_sql`."""
    parameters: list[object] = []
    return _condition(step, parameters), parameters


def _condition(step: Step, parameters: list[object]) -> str:
    match step:
        case Compare():
            return _compared(step, parameters)
        case Happened():
            return _happened(step, parameters)
        case Negated(inner):
            return f"(not {_condition(inner, parameters)})"
        case AllOf(steps):
            return _joined(" and ", steps, parameters) or "true"
        case AnyOf(steps):
            return _joined(" or ", steps, parameters) or "false"


def _happened(step: Happened, parameters: list[object]) -> str:
    if step.event.rows is not None:
        raise ValueError(f"{step.event.name} cannot be asked of the analytical store")
    rows, values = purchases_sql(step)
    parameters.extend(values)
    measure = MEASURES[step.measure]
    bounds = []
    for sign, bound in ((">=", step.low), ("<=", step.high)):
        if bound is not None:
            bounds.append(f"{measure} {sign} ?::bigint")
            parameters.append(bound)
    return (
        f"(person_id in (select m.person_id from ({rows}) as e inner join map as m on e.record_id = m.record_id"
        f" group by m.person_id having {' and '.join(bounds) or 'true'}))"
    )


def _joined(word: str, steps: tuple[Step, ...], parameters: list[object]) -> str:
    return f"({word.join(_condition(one, parameters) for one in steps)})" if steps else ""


def _compared(step: Compare, parameters: list[object]) -> str:
    rows, condition = step.field.sql_rows, _compared_value(step, parameters)
    if rows is None:
        return condition
    return f"({rows.owner} in (select {rows.owner} from ({rows.source}) as told where {rows.owner} is not null and {condition}))"


def _compared_value(step: Compare, parameters: list[object]) -> str:
    column, sql_type = step.field.sql_column, _SQL_TYPES[step.field.type]
    if not column:
        raise ValueError(f"{step.field.name} cannot be asked of the analytical store")
    if step.comparison is Comparison.PRESENT:
        return f"({column} is not null)"
    if step.comparison is Comparison.IN:
        parameters.append(list(step.values))
        return f"({column} is not null and list_contains(?::{sql_type}[], {column}))"
    parameters.append(step.values[0])
    return f"({column} is not null and {column} {_SIGNS[step.comparison]} ?::{sql_type})"

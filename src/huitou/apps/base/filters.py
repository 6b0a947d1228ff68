"""Compile a filter tree to a condition of the ORM. Only places named by the catalogue ever reach a query."""

from datetime import date

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from huitou.core.filters.catalogue import Catalogue, Rows
from huitou.core.filters.plan import AllOf, AnyOf, Compare, Comparison, Negated, Step, narrowed, plan
from huitou.core.filters.tree import Node


def filter_q(node: Node, catalogue: Catalogue, *, as_of: date) -> Q:
    """
    Return the condition of a checked tree; days ago are counted back from as_of.

    Raises ValueError on a field that has no place in the operations database.
    """
    return _condition(plan(node, catalogue, as_of=as_of))


def column_q(node: Node, catalogue: Catalogue, *, as_of: date, path: str, column: str) -> Q:
    """
    Return what a checked tree says of the one column at `path` alone, written for a query on the table of that column.

    Every match fulfils it, so that a walk along the column's index may skip the rest; Q() where the tree says nothing.
    """
    return _condition(narrowed(plan(node, catalogue, as_of=as_of), path), column)


def _condition(step: Step, column: str = "") -> Q:
    match step:
        case Compare():
            return _compared(step, column or step.field.orm_path)
        case Negated(inner):
            return ~_condition(inner, column)
        case AllOf(steps):
            return Q(*[_condition(one, column) for one in steps])
        case AnyOf(steps):
            return Q(*[_condition(one, column) for one in steps], _connector=Q.OR)


def _compared(step: Compare, path: str) -> Q:
    if not path:
        raise ValueError(f"{step.field.name} cannot be asked of the operations database")
    if step.field.rows is not None:
        return _in_rows(step.field.rows, Q() if step.comparison is Comparison.PRESENT else _holds(step, path))
    return _holds(step, path)


def _in_rows(rows: Rows, condition: Q) -> Q:
    of_subject = {**dict(rows.where), rows.owner: OuterRef("pk")}
    return Q(Exists(apps.get_model(rows.model)._base_manager.filter(condition, **of_subject)))


def _holds(step: Compare, path: str) -> Q:
    present = Q(**{f"{path}__isnull": False})  # keeps the comparison two-valued under any negation
    if step.comparison is Comparison.PRESENT:
        return present
    if step.comparison is Comparison.IN:
        return present & Q(**{f"{path}__in": list(step.values)})
    lookup = "exact" if step.comparison is Comparison.EQ else step.comparison.value
    return present & Q(**{f"{path}__{lookup}": step.values[0]})

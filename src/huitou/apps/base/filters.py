"""Compile a filter tree to a condition of the ORM. Only places named by the catalogue ever reach a query."""

from datetime import date

from django.db.models import Q

from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.plan import AllOf, AnyOf, Compare, Comparison, Negated, Step, plan
from huitou.core.filters.tree import Node


def filter_q(node: Node, catalogue: Catalogue, *, as_of: date) -> Q:
    """
    Return the condition of a checked tree; days ago are counted back from as_of.

    Raises ValueError on a field that has no place in the operations database.
    """
    return _condition(plan(node, catalogue, as_of=as_of))


def _condition(step: Step) -> Q:
    match step:
        case Compare():
            return _compared(step)
        case Negated(inner):
            return ~_condition(inner)
        case AllOf(steps):
            return Q(*[_condition(one) for one in steps])
        case AnyOf(steps):
            return Q(*[_condition(one) for one in steps], _connector=Q.OR)


def _compared(step: Compare) -> Q:
    path = step.field.orm_path
    if not path:
        raise ValueError(f"{step.field.name} cannot be asked of the operations database")
    present = Q(**{f"{path}__isnull": False})  # keeps the comparison two-valued under any negation
    if step.comparison is Comparison.PRESENT:
        return present
    if step.comparison is Comparison.IN:
        return present & Q(**{f"{path}__in": list(step.values)})
    lookup = "exact" if step.comparison is Comparison.EQ else step.comparison.value
    return present & Q(**{f"{path}__{lookup}": step.values[0]})

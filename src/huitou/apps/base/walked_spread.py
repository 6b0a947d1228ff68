"""How the rows of a list that is too large to be sorted fall into groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count as RowCount
from django.db.models import QuerySet

from huitou.apps.base.listing import Count
from huitou.apps.base.walked_listing import Matching, walked_count
from huitou.core.metrics.shares import apportioned

_SAMPLE = 20_000  # four times what the count looks at: a group is smaller than the whole, and nobody waits for it

Group = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How many rows match, and how many of them stand in each group: its values at the asked paths. Groups add up to count."""

    count: Count
    groups: Mapping[Group, int]


def walked_spread(matching: Matching, paths: tuple[str, ...]) -> Spread:
    """
    Return the groups of the rows that match by their values at `paths`; a row without a value stands in a group of None.

    Counted where the count is exact. Where that is an estimate, so are the groups: a group of 1 % of 1M rows has a standard error
    of a fourteenth of its size. No groups where the sample finds nothing.
    """
    if matching.exact_count is not None:
        groups = _grouped(matching.rarest, paths)
        return Spread(Count(sum(groups.values())), groups)
    count = walked_count(matching)
    sampled = _grouped(matching.rows.filter(id__in_list=matching.every_nth(_SAMPLE)), paths)
    return Spread(count, apportioned(count.value, sampled))


def _grouped(rows: QuerySet[Any], paths: tuple[str, ...]) -> dict[Group, int]:
    counted = rows.order_by().values_list(*paths).annotate(rows=RowCount("pk"))
    return {tuple(group): number for *group, number in counted}

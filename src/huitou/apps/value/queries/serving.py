"""What serving each tier costs: tickets of its persons over 12 months, by the unit costs in force."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from huitou.apps.base.scope import Viewer, store_reach
from huitou.apps.service.queries import ticket_counts
from huitou.apps.value.models import PersonValue, UnitCosts
from huitou.apps.value.queries.overview import SchemeSums, TierSums
from huitou.apps.value.schemes import InForce
from huitou.core.periods import Period
from huitou.core.value.serving import UNIT_COSTS_FEN, Serving, UnitCostsInvalid, check_unit_costs, serving

SERVING_DAYS = 365


@dataclass(frozen=True, slots=True)
class TierServing:
    """A tier's revenue and what it costs. by_kind: its tickets by type."""

    sums: TierSums
    serving: Serving
    by_kind: Mapping[str, int]


def unit_costs_newest() -> UnitCosts | None:
    """Return what was set last, None while nothing was."""
    return UnitCosts.objects.order_by("-pk").first()


def unit_costs() -> Mapping[str, int]:
    """Return fen per kind of ticket. A stored table that a newer release cannot follow gives way to the defaults."""
    newest = unit_costs_newest()
    if newest is None:
        return UNIT_COSTS_FEN
    try:
        check_unit_costs(newest.costs)
    except UnitCostsInvalid:
        return UNIT_COSTS_FEN
    return {kind: newest.costs[kind] for kind in UNIT_COSTS_FEN}


def scheme_serving(viewer: Viewer, one: InForce, sums: SchemeSums, *, as_of: date) -> tuple[TierServing, ...]:
    """Return the tiers of a scheme, best first, over the same persons as `sums`: whose main store the viewer reaches."""
    inside = PersonValue.objects.filter(store_reach(viewer, "store_id"), pk=OuterRef("person_id"))
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for tier, kind, number in ticket_counts(Subquery(inside.values(one.column)[:1]), Period.last_days(SERVING_DAYS, as_of=as_of)):
        counts[tier][kind] = number
    costs = unit_costs()
    return tuple(
        TierServing(
            tier,
            serving(counts[tier.tier.code], costs, persons=tier.persons, monthly_fen=tier.tier.cost_fen, net_fen=tier.net_fen),
            counts[tier.tier.code],
        )
        for tier in sums.tiers
    )

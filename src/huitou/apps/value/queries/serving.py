"""What serving each tier costs: tickets and contacts of its persons over 12 months, by the unit costs in force."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from huitou.apps.base.scope import Viewer, store_reach
from huitou.apps.service.queries import ticket_counts
from huitou.apps.value.models import PersonValue, UnitCosts, ValueRun
from huitou.apps.value.queries.overview import SchemeSums, TierSums
from huitou.apps.value.schemes import InForce
from huitou.core.periods import Period
from huitou.core.value.serving import SERVING_DAYS, UNIT_COSTS_FEN, Serving, UnitCostsInvalid, check_unit_costs, serving


@dataclass(frozen=True, slots=True)
class TierServing:
    """A tier's revenue and what it costs. by_kind: its tickets and contacts by type."""

    sums: TierSums
    serving: Serving
    by_kind: Mapping[str, int]


def unit_costs_newest() -> UnitCosts | None:
    """Return what was set last, None while nothing was."""
    return UnitCosts.objects.order_by("-pk").first()


def unit_costs() -> Mapping[str, int]:
    """
    Return fen per kind of ticket and contact. A kind that the stored table does not name, being older, has its default; a table
    that a newer release cannot follow gives way to the defaults.
    """
    newest = unit_costs_newest()
    if newest is None:
        return UNIT_COSTS_FEN
    costs = {**UNIT_COSTS_FEN, **newest.costs}
    try:
        check_unit_costs(costs)
    except UnitCostsInvalid:
        return UNIT_COSTS_FEN
    return costs


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of 12 months to and with as_of, as counted after a night's run: by tier and event type."""

    as_of: date
    of_tier: Mapping[str, Mapping[str, int]]


def tier_contacts(viewer: Viewer, one: InForce) -> Contacts | None:
    """
    Return the contacts of a scheme's tiers, of persons whose main store the viewer reaches; None before they were counted by
    this scheme.
    """
    run = ValueRun.objects.filter(contacts__isnull=False).order_by("-pk").values("as_of", "contacts", "rules").first()
    if run is None or one.code not in run["rules"]["schemes"]:
        return None
    of_tier: dict[str, Counter[str]] = defaultdict(Counter)
    for scheme, store_id, tier, kind, number in run["contacts"] or ():
        if scheme == one.code and (viewer.store_ids is None or store_id in viewer.store_ids):
            of_tier[tier][kind] += number
    return Contacts(run["as_of"], of_tier)


def scheme_serving(
    viewer: Viewer, one: InForce, sums: SchemeSums, contacts: Contacts | None, *, as_of: date
) -> tuple[TierServing, ...]:
    """Return the tiers of a scheme, best first, over the same persons as `sums`: whose main store the viewer reaches."""
    inside = PersonValue.objects.filter(store_reach(viewer, "store_id"), pk=OuterRef("person_id"))
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for code, kind, number in ticket_counts(Subquery(inside.values(one.column)[:1]), Period.last_days(SERVING_DAYS, as_of=as_of)):
        counts[code][kind] = number
    costs = unit_costs()
    tiers = []
    for tier in sums.tiers:
        tickets = counts[tier.tier.code]
        touches = None if contacts is None else contacts.of_tier.get(tier.tier.code, {})
        cost = serving(tickets, touches, costs, persons=tier.persons, monthly_fen=tier.tier.cost_fen, net_fen=tier.net_fen)
        tiers.append(TierServing(tier, cost, {**tickets, **(touches or {})}))
    return tuple(tiers)

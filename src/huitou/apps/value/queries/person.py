"""What one person is worth, with what it rests on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.gather import facts_gathered
from huitou.apps.value.models import PersonValue, RunKind, TierChange, TopListMember, ValueRun
from huitou.apps.value.queries.overview import last_run
from huitou.apps.value.rules_in_force import rules_of
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.core.value.placing import People
from huitou.core.value.rfm import Cuts
from huitou.core.value.scheme import Scheme, Tier
from huitou.core.value.scoring import RunCuts, people_of
from huitou.core.value.upgrade import Gap, gap_up

CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PersonTier:
    """The tier in one scheme (None: in none), since when, what is missing for the next better, and the inputs it rests on."""

    in_force: InForce
    tier: Tier | None
    since: date | None
    gap: Gap | None
    inputs: Mapping[str, float]  # without an answer left out


@dataclass(frozen=True, slots=True)
class TierStep:
    """One logged change of tier; a tier that the scheme no longer knows is None."""

    scheme: InForce
    from_tier: Tier | None
    to_tier: Tier | None
    on: date


@dataclass(frozen=True, slots=True)
class PersonWorth:
    """
    Everything the last run said of a person. row: the stored columns; top_months: frozen lists the person is on.

    rfm_cuts: what the scores of `row` were cut at; None where nobody bought.
    """

    run: ValueRun
    row: PersonValue
    tiers: tuple[PersonTier, ...]
    changes: tuple[TierStep, ...]
    top_months: tuple[str, ...]
    rfm_cuts: Cuts | None

    def tier(self, scheme_code: str) -> PersonTier | None:
        return next((one for one in self.tiers if one.in_force.code == scheme_code), None)


def tiers_in(viewer: Viewer, person_ids: Collection[int], one: InForce | None) -> dict[int, tuple[Tier | None, int | None]]:
    """Return of few persons in reach their tier in a scheme, and their predicted value of 12 months in fen; {} without one."""
    if one is None or not person_ids:
        return {}
    by_code = {tier.code: tier for tier in one.scheme.tiers}
    rows = PersonValue.objects.filter(person__in=persons_in_reach(viewer).filter(pk__in=person_ids))
    return {pk: (by_code.get(code or ""), clv) for pk, code, clv in rows.values_list("pk", one.column, "clv_12m_fen")}


def person_value(viewer: Viewer, person_id: int) -> PersonWorth | None:
    """Return a living person's values; None out of reach, before the first run, and for somebody newer than the last run."""
    reached = persons_in_reach(viewer).filter(pk=person_id)
    row = PersonValue.objects.filter(person__in=reached, pk=person_id).first()
    run = last_run()
    if row is None or run is None:
        return None
    full = run if run.kind_code == RunKind.FULL else run.cuts_of
    schemes = schemes_in_force()
    cuts = RunCuts.from_json(full.cuts) if full is not None and full.cuts else None
    person = None if cuts is None else _inputs(person_id, cuts, schemes)
    return PersonWorth(
        run=run,
        row=row,
        tiers=tuple(_tier(one, row, person, cuts) for one in schemes),
        changes=_changes(person_id, schemes),
        top_months=tuple(
            TopListMember.objects.filter(person_id=person_id)
            .order_by("-top_list__month")
            .values_list("top_list__month", flat=True)
        ),
        rfm_cuts=None if cuts is None else cuts.rfm,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """The tier of a person in one scheme (None: in none) and since when."""

    scheme: Scheme
    tier: Tier | None
    since: date | None


def standing_of(viewer: Viewer, person_id: int) -> list[Standing]:
    """Return the tiers of a living person in reach, from the stored columns alone; [] out of reach and before the first run."""
    reached = persons_in_reach(viewer).filter(pk=person_id)
    row = PersonValue.objects.filter(person__in=reached, pk=person_id).first()
    found = []
    for one in schemes_in_force() if row is not None else ():
        tiers = {tier.code: tier for tier in one.scheme.tiers}
        found.append(Standing(one.scheme, tiers.get(getattr(row, one.column)), getattr(row, f"{one.column}_since")))
    return found


def tier_on(viewer: Viewer, person_id: int, scheme_code: str, day: date) -> str | None:
    """
    Return the code of the tier a person in reach stood in at the end of a business day; None for in none, or nothing known.

    Read backwards from today: the first change after that day says what was before it.
    """
    one = next((scheme for scheme in schemes_in_force() if scheme.code == scheme_code), None)
    reached = persons_in_reach(viewer).filter(pk=person_id)
    if one is None or not reached.exists():
        return None
    later = TierChange.objects.filter(person_id=person_id, scheme_id=one.scheme_id, changed_on__gt=day).order_by("pk").first()
    if later is not None:
        return later.from_code or None
    code: str | None = PersonValue.objects.filter(pk=person_id).values_list(one.column, flat=True).first()
    return code


def _inputs(person_id: int, cuts: RunCuts, schemes: list[InForce]) -> People | None:
    rules = rules_of(schemes)
    with warehouse().read() as reading:
        facts = facts_gathered(reading, person_ids=[person_id], custom=rules.custom_inputs)
    if not facts.person_ids.size:
        return None
    return people_of(facts, rules, cuts)


def _tier(one: InForce, row: PersonValue, person: People | None, cuts: RunCuts | None) -> PersonTier:
    code, since = getattr(row, one.column), getattr(row, f"{one.column}_since")
    place = one.scheme.codes.index(code) if code in one.scheme.codes else -1
    tier = one.scheme.tiers[place] if place >= 0 else None
    edges = None if cuts is None else cuts.edges.get(one.code)
    if person is None or edges is None:
        return PersonTier(one, tier, since, None, {})
    known = {name: float(person.inputs[name][0]) for name in one.scheme.inputs if not np.isnan(person.inputs[name][0])}
    return PersonTier(one, tier, since, gap_up(one.scheme, person, place, edges), known)


def _changes(person_id: int, schemes: list[InForce]) -> tuple[TierStep, ...]:
    by_id = {one.scheme_id: one for one in schemes}
    rows = TierChange.objects.filter(person_id=person_id, scheme_id__in=by_id).order_by("-pk")[:CHANGES_SHOWN]
    steps = []
    for row in rows:
        one = by_id[row.scheme_id]
        tiers = {tier.code: tier for tier in one.scheme.tiers}
        steps.append(TierStep(one, tiers.get(row.from_code), tiers.get(row.to_code), row.changed_on))
    return tuple(steps)

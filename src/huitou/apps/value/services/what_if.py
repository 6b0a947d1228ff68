"""
Try a draft on everybody without changing anybody: who would move, what revenue moves with them, what it would cost.

It reads everybody, so pages let a job do it.
"""

import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from huitou.apps.base.jobs import plan
from huitou.apps.base.models import Job, JobState
from huitou.apps.base.storage import warehouse
from huitou.apps.value.gather import facts_gathered
from huitou.apps.value.models import PersonValue, RunKind, SchemeVersion, ValueRun, VersionState
from huitou.apps.value.rules_in_force import rules_of
from huitou.apps.value.schemes import in_force, schemes_in_force
from huitou.apps.value.services.design import DesignRefused
from huitou.apps.value.stored import place_of
from huitou.core.value.placing import People, edges_cut, goodness, places
from huitou.core.value.scheme import Kind, Scheme, scheme_read
from huitou.core.value.scoring import RunCuts, people_of

MOVERS_KEPT = 20
TRY_JOB = "value.try_draft"
WAITING, FAILED, NO_RUN = "waiting", "failed", "no_run"


def trial_ask(*, code: str, draft: SchemeVersion, now: datetime) -> str:
    """
    Let a draft be tried that was not since it changed, once. Return where that stands: waiting, failed (an error; a changed draft
    is tried again) or no_run (nobody has tiers yet).
    """
    if not ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).exists():
        return NO_RUN
    arguments = {"code": code, "changed_at": draft.changed_at.isoformat()}
    asked = Job.objects.filter(name=TRY_JOB, arguments=arguments).order_by("-pk").first()
    if asked is None:
        plan(TRY_JOB, now=now, **arguments)
    return FAILED if asked is not None and asked.state == JobState.FAILED else WAITING


def draft_try(*, code: str, now: datetime) -> SchemeVersion:
    """
    Work out what the draft would do today and keep it with the draft. Raises DesignRefused: "unknown", "no_draft",
    "no_run", NothingPublished before the first build.

    what_if: {"before": codes, "after": codes, "persons" and "revenue_fen": matrices with a last row and column for "in none",
    "cost_fen": [before, after] per month, "at_stake_fen": revenue of who falls, "thresholds": worst value per tier,
    "movers": who falls with most revenue, who rises where nobody falls, each with "inputs": what the draft asks of the person,
    "in_cells": the same of every move from tier to tier ({"from", "to", "people"}), "seconds", "as_of", "at"}. A draft that was
    changed meanwhile is left without.
    """
    started = time.monotonic()
    standing = in_force(code)
    draft = SchemeVersion.objects.filter(scheme__code=code, state=VersionState.DRAFT).first()
    if standing is None:
        raise DesignRefused("unknown")
    if draft is None:
        raise DesignRefused("no_draft")
    full = ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk").first()
    if full is None:
        raise DesignRefused("no_run")
    scheme = scheme_read(draft.table)
    standing_rules = rules_of(schemes_in_force())
    rules = replace(standing_rules, schemes=[*standing_rules.schemes, scheme])
    with warehouse().read() as reading:
        facts = facts_gathered(reading, custom=rules.custom_inputs)
    people = people_of(facts, rules, RunCuts.from_json(full.cuts))
    codes = np.full(people.person_ids.size, None, dtype=object)
    stored = PersonValue.objects.exclude(**{standing.column: None}).order_by("pk").values_list("pk", standing.column)
    for person_id, tier in stored.iterator(chunk_size=20_000):
        place = int(np.searchsorted(people.person_ids, person_id))
        if place < people.person_ids.size and people.person_ids[place] == person_id:
            codes[place] = tier
    edges = edges_cut(scheme, people)
    after = places(scheme, people, edges, before=place_of(codes, scheme.codes))
    before = place_of(codes, standing.scheme.codes)
    shape = (len(standing.scheme.tiers) + 1, len(scheme.tiers) + 1)
    cell = np.where(before < 0, shape[0] - 1, before).astype(np.int64) * shape[1] + np.where(after < 0, shape[1] - 1, after)
    persons = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    revenue = np.zeros(shape[0] * shape[1], dtype=np.int64)
    np.add.at(revenue, cell, people.revenue_fen)
    stays_in = (before >= 0) & (after >= 0)
    falls = stays_in & (after > before)
    told = partial(_told, people, standing.scheme, scheme, before, after)
    draft.what_if = {
        "before": [tier.code for tier in standing.scheme.tiers],
        "after": list(scheme.codes),
        "before_number": standing.number,
        "persons": persons.tolist(),
        "revenue_fen": revenue.reshape(shape).tolist(),
        "cost_fen": [_cost(standing.scheme, persons.sum(axis=1)), _cost(scheme, persons.sum(axis=0))],
        "at_stake_fen": int(people.revenue_fen[falls].sum()),
        "thresholds": _thresholds(scheme, goodness(scheme, people) if scheme.kind is Kind.SHARES else None, after),
        "movers": told(falls if falls.any() else stays_in & (after < before)),
        "in_cells": [
            {"from": old, "to": new, "people": told((before == row) & (after == column))}
            for row, old in enumerate(standing.scheme.codes)
            for column, new in enumerate(scheme.codes)
            if row != column and persons[row, column]
        ],
        "as_of": full.as_of.isoformat(),
        "at": now.isoformat(),
        "seconds": round(time.monotonic() - started, 1),
    }
    # a request to publish stands: the table is the same, the figures are newer
    SchemeVersion.objects.filter(pk=draft.pk, changed_at=draft.changed_at).update(what_if=draft.what_if)
    return draft


def mover_forget(person_id: int) -> None:
    """Take a person out of the lists of every trial; what was counted stands."""
    for version in SchemeVersion.objects.all():
        trial = version.what_if
        if trial is None:
            continue
        for people in (trial["movers"], *(one["people"] for one in trial.get("in_cells", ()))):  # trials of before have no cells
            people[:] = [one for one in people if one["person_id"] != person_id]
        version.save(update_fields=["what_if"])


def _told(
    people: People, standing: Scheme, scheme: Scheme, before: np.ndarray, after: np.ndarray, wanted: np.ndarray
) -> list[dict[str, Any]]:
    """Return those with most revenue among the wanted (a mask), ties by id, with what the draft asks of each."""
    found = np.flatnonzero(wanted)
    found = found[np.lexsort((people.person_ids[found], -people.revenue_fen[found]))][:MOVERS_KEPT]
    return [
        {
            "person_id": int(people.person_ids[one]),
            "from": standing.codes[before[one]],
            "to": scheme.codes[after[one]],
            "net_365d_fen": int(people.revenue_fen[one]),
            "clv_12m_fen": _answer(people, "clv_12m_fen", int(one)),
            "inputs": {name: _answer(people, name, int(one)) for name in scheme.inputs},
        }
        for one in found
    ]


def _answer(people: People, name: str, place: int) -> float | None:
    value = float(people.inputs[name][place])
    return None if np.isnan(value) else value


def _cost(scheme: Scheme, persons: np.ndarray) -> int:
    """Return what the service of all tiers may cost in a month; tiers without a cap count nothing."""
    return sum(int(count) * (tier.cost_fen or 0) for tier, count in zip(scheme.tiers, persons[:-1], strict=True))


def _thresholds(scheme: Scheme, values: np.ndarray | None, after: np.ndarray) -> list[float | None]:
    """Return the worst value in each tier of a ranking; None for the last, for an empty one, and for other kinds."""
    if values is None:
        return [None] * len(scheme.tiers)
    found = [values[after == place] for place in range(len(scheme.tiers) - 1)]
    return [float(one.min()) if one.size else None for one in found] + [None]

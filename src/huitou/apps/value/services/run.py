"""
Compute what everybody is worth and keep it: a full run when the business day, the base or a rule moved, else the touched.

What depends on everybody is drawn by full runs and kept; a touched run scores by it, so it writes what a full run over the
same cuts would. Rows are written as differences in short transactions, each with its changes logged and told; the run's end
is marked last. A run that was cut short is made up by a full one.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from huitou.apps.attributes.queries import newest_value_event, persons_valued_since
from huitou.apps.base import hooks, leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.hooks import Hook, ValueComputed
from huitou.apps.base.pace import Pace
from huitou.apps.base.page_cache import large_page_cache
from huitou.apps.base.planner import statistics_refresh
from huitou.apps.base.storage import layout, warehouse
from huitou.apps.behaviour.queries import newest_event, persons_since
from huitou.apps.service.queries import newest_ticket, persons_with_tickets_since
from huitou.apps.value import stored
from huitou.apps.value.gather import facts_gathered, hours_gathered
from huitou.apps.value.models import RunKind, TierChange, ValueRun
from huitou.apps.value.rules_in_force import rules_of, rules_text
from huitou.apps.value.scenarios import scenarios_ensure
from huitou.apps.value.schemes import InForce, schemes_in_force, shipped_ensure
from huitou.apps.value.services.counted import newest_full
from huitou.apps.value.services.sentiment import moods_refresh
from huitou.apps.value.services.sums import sums_move, sums_replace
from huitou.apps.value.services.top_list import top_list_freeze
from huitou.apps.value.services.write import Differences, differences_write
from huitou.core.value.placing import People, tier_means
from huitou.core.value.rfm import WINDOW_DAYS
from huitou.core.value.scoring import Facts, Rules, RunCuts, cuts_drawn, people_of, scored
from huitou.core.value.tiers import Places
from huitou.warehouse.queries.changes import touched_persons
from huitou.warehouse.queries.value_features import hours_of_everybody
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.warehouse.scope import CHAIN
from huitou.warehouse.switch import Version

VALUE_LEASE = "value"


@dataclass(slots=True)
class _Steps:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.monotonic)

    def done(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._since, 3)
        self._since = now


def value_run(*, now: datetime, person_ids: Collection[int] = (), pace: Pace | None = None) -> ValueRun | None:
    """
    Bring the stored values to the published version; None when they stand there, or nothing is published yet.

    person_ids: persons whose inputs changed without a new version. Raises LeaseTaken while another run is at work.
    """
    with leases.hold(VALUE_LEASE) as lease, large_page_cache():
        shipped_ensure(now=now)
        scenarios_ensure(now=now)
        try:
            with warehouse().read() as reading:
                return _run(reading, lease, now=now, asked=person_ids, pace=pace or Pace())
        except NothingPublished:
            return None


def _run(reading: Reading, lease: leases.Held, *, now: datetime, asked: Collection[int], pace: Pace) -> ValueRun | None:
    schemes = schemes_in_force()
    rules = rules_text(schemes, today=reading.as_of)
    last = ValueRun.objects.order_by("-pk").first()
    touched = None if last is None else _touched(reading, last, rules)
    if touched is None:
        return _full(reading, lease, schemes, rules, last, now=now, pace=pace)
    events = set() if last is None else _persons_since(last.events_to, last.started_at)
    wanted = sorted({*touched, *asked, *events})
    if last is not None and not wanted and _version_of(last) == reading.version:
        return None
    return _touched_run(reading, lease, schemes, rules, wanted, now=now, pace=pace)


def _touched(reading: Reading, last: ValueRun, rules: dict[str, Any]) -> list[int] | None:
    """Return who may differ since the last run, None when everybody may."""
    if last.ended_at is None or last.as_of != reading.as_of or last.rules != rules:
        return None
    before = _version_of(last)
    return [] if before == reading.version else touched_persons(layout(), reading.version, before)


def _persons_since(event_id: int, started_at: datetime) -> set[int]:
    """Return who did, stated or complained about something that landed after this id or was entered by hand since a run began."""
    return persons_since(event_id) | persons_valued_since(event_id, started_at) | persons_with_tickets_since(event_id)


def _full(
    reading: Reading,
    lease: leases.Held,
    schemes: list[InForce],
    rules_kept: dict[str, Any],
    last: ValueRun | None,
    *,
    now: datetime,
    pace: Pace,
) -> ValueRun:
    steps = _Steps()
    before_cuts = newest_full()
    run = _begin(RunKind.FULL, reading, rules_kept, None, now)
    moods_refresh(pace=pace)
    steps.done("texts")
    rules = rules_of(schemes)
    facts = facts_gathered(reading, with_scenarios=True, custom=rules.custom_inputs)
    hours = hours_of_everybody(reading.cursor, scope=CHAIN, as_of=reading.as_of)
    steps.done("read")
    kept = None if before_cuts is None else _still_good(before_cuts, rules_kept)
    month = month_of(reading.as_of)
    cuts = cuts_drawn(facts, rules, as_of=reading.as_of, month=month, hours=hours.tolist(), before=kept)
    if cuts.hour_weights:
        best = hours_gathered(reading, facts.person_ids, hour_weights=cuts.hour_weights)
        facts = Facts(facts.person_ids, {**facts.columns, "best_hour": best})
    steps.done("cuts")
    old = stored.rows_read()
    steps.done("stored")
    diff = _compared(run, facts, rules, cuts, schemes, old, told=_told(last))
    steps.done("score")
    ValueRun.objects.filter(pk=run.pk).update(
        cuts=cuts.to_json(), coverage=diff.coverage(), means=_means(schemes, people_of(facts, rules, cuts), diff)
    )
    differences_write(diff, lease=lease, pace=pace, now=now)
    steps.done("write")
    sums_replace(diff)
    top_list_freeze(run_id=run.pk, month=month, facts=facts, cuts=cuts, now=now)
    return _end(run, diff, steps, now)


def _touched_run(
    reading: Reading,
    lease: leases.Held,
    schemes: list[InForce],
    rules_kept: dict[str, Any],
    wanted: list[int],
    *,
    now: datetime,
    pace: Pace,
) -> ValueRun:
    steps = _Steps()
    full = ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk")[:1].get()
    cuts = RunCuts.from_json(full.cuts)
    run = _begin(RunKind.TOUCHED, reading, rules_kept, full.pk, now)
    moods_refresh(wanted, pace=pace)
    rules = rules_of(schemes)
    facts = facts_gathered(
        reading, hour_weights=cuts.hour_weights, person_ids=wanted, with_scenarios=True, custom=rules.custom_inputs
    )
    old = stored.rows_read(wanted)
    steps.done("read")
    diff = _compared(run, facts, rules, cuts, schemes, old, told=_told(full))
    steps.done("score")
    differences_write(diff, lease=lease, pace=pace, now=now)
    sums_move(diff)
    steps.done("write")
    return _end(run, diff, steps, now)


def _compared(
    run: ValueRun,
    facts: Facts,
    rules: Rules,
    cuts: RunCuts,
    schemes: list[InForce],
    old: stored.Rows,
    *,
    told: frozenset[str],
) -> Differences:
    """Score and compare with what is stored. told: schemes whose changes are news; a scheme just switched on makes none."""
    known, before = old.lined_up(facts.person_ids)
    columns, places = scored(facts, rules, cuts, before=_anchors(facts, schemes, before, run.as_of))
    return Differences.of(run, facts.person_ids, columns, places, schemes, known, before, old, told=told)


def _means(schemes: list[InForce], people: People, diff: Differences) -> dict[str, Any]:
    return {one.code: tier_means(one.scheme, people, stored.place_of(diff.new[one.column], one.scheme.codes)) for one in schemes}


def _anchors(facts: Facts, schemes: list[InForce], before: dict[str, stored.Column], as_of: date) -> dict[str, Places]:
    """
    Return, for schemes that look back, where everybody stood before this business day began: the day's first change says it.

    So a person falls no further by being scored twice a day, and one run over everybody gives what many small ones give.
    """
    anchors = {}
    for one in schemes:
        if one.scheme.looks_back:
            codes = before[one.column].copy()
            firsts = TierChange.objects.filter(scheme_id=one.scheme_id, changed_on__gte=as_of).order_by("-pk")
            for person_id, code in firsts.values_list("person_id", "from_code"):
                place = int(np.searchsorted(facts.person_ids, person_id))
                if place < facts.person_ids.size and facts.person_ids[place] == person_id:
                    codes[place] = code or None
            anchors[one.code] = stored.place_of(codes, one.scheme.codes)
    return anchors


def _begin(kind: RunKind, reading: Reading, rules: dict[str, Any], cuts_of: int | None, now: datetime) -> ValueRun:
    return ValueRun.objects.create(
        kind_code=kind,
        version=reading.version.number,
        base_number=reading.version.base,
        tail_number=reading.version.tail,
        as_of=reading.as_of,
        cuts_of_id=cuts_of,
        window_days=WINDOW_DAYS,
        events_to=max(newest_event(), newest_value_event(), newest_ticket()),  # one sequence gives all these ids
        rules=rules,
        started_at=now,
    )


def _end(run: ValueRun, diff: Differences, steps: _Steps, now: datetime) -> ValueRun:
    run.persons, run.written, run.deleted = diff.person_ids.size, diff.written, diff.deleted
    run.tier_changes, run.seconds, run.ended_at = diff.tier_changes, steps.seconds, utc_now()
    run.save(update_fields=["persons", "written", "deleted", "tier_changes", "seconds", "ended_at"])
    is_full = run.kind_code == RunKind.FULL
    if is_full:
        statistics_refresh()  # the first one filled tables that the last publish saw empty
    hooks.run(Hook.VALUE_COMPUTED, ValueComputed(run.pk, run.version, run.as_of, is_full, now))
    return run


def _told(last: ValueRun | None) -> frozenset[str]:
    return frozenset() if last is None else frozenset(last.rules.get("schemes", {}))


def _still_good(run: ValueRun, rules: dict[str, Any]) -> RunCuts:
    """Return the cuts of a run without the edges of schemes that have changed since, or of another prediction."""
    cuts = RunCuts.from_json(run.cuts)
    same_inputs = all(run.rules.get(name) == rules[name] for name in ("formulas", "clv"))
    before = run.rules.get("schemes", {})
    good = {code: edges for code, edges in cuts.edges.items() if same_inputs and before.get(code) == rules["schemes"].get(code)}
    return RunCuts(cuts.as_of, cuts.rfm, good, cuts.month, cuts.hour_weights, cuts.answered)


def _version_of(run: ValueRun) -> Version:
    return Version(run.version, run.base_number, run.tail_number)


def month_of(as_of: date) -> str:
    """Return the month of the business day after as_of: the day a nightly run is made for."""
    return (as_of + timedelta(days=1)).strftime("%Y-%m")

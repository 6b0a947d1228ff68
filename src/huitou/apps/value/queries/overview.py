"""How many persons and how much revenue stand in each tier, from the stored sums."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum

from huitou.apps.base.scope import Viewer, store_reach
from huitou.apps.value.models import RunKind, SchemeVersion, TierCross, TierSum, TopList, ValueRun
from huitou.apps.value.schemes import InForce
from huitou.core.metrics.shares import Share
from huitou.core.value.scheme import Kind, Scheme, Tier, scheme_read
from huitou.core.value.scoring import RunCuts


@dataclass(frozen=True, slots=True)
class TierSums:
    """One tier: its persons and their net revenue of 12 months, each with its share (0..1) of all; None: nothing to divide by."""

    tier: Tier
    persons: int
    person_share: float | None
    net_fen: int
    revenue_share: float | None

    @property
    def mean_fen(self) -> int | None:
        return round(self.net_fen / self.persons) if self.persons else None


@dataclass(frozen=True, slots=True)
class SchemeSums:
    """A scheme's tiers, best first; they add up to persons and net_fen. without: persons in reach who are in no tier."""

    tiers: tuple[TierSums, ...]
    persons: int
    net_fen: int
    without: int


def last_run() -> ValueRun | None:
    """Return the run that the stored values come from; None before the first."""
    return runs_ended().first()


def last_run_id() -> int:
    """Return the number of that run, 0 before the first; a list asks on every page and needs none of what the run holds."""
    return runs_ended().values_list("pk", flat=True).first() or 0


def runs_ended() -> "QuerySet[ValueRun]":
    """Return the runs that ended, newest first."""
    return ValueRun.objects.filter(ended_at__isnull=False).order_by("-pk")


def run_since(moment: datetime) -> ValueRun | None:
    """Return the first run that read what stood at a moment, once it has ended."""
    return ValueRun.objects.filter(started_at__gte=moment, ended_at__isnull=False).order_by("pk").first()


def scheme_sums(viewer: Viewer, one: InForce) -> SchemeSums:
    """Return the tiers of a scheme over the persons whose main store the viewer reaches; without a store only the chain does."""
    rows = TierSum.objects.filter(store_reach(viewer, "store_id"), scheme_id=one.scheme_id)
    grouped = rows.values("tier_code").annotate(count=Sum("persons"), fen=Sum("net_fen"))
    found = {row["tier_code"]: (row["count"], row["fen"]) for row in grouped}
    inside = [found.get(code, (0, 0)) for code in one.scheme.codes]
    persons, net = sum(row[0] for row in inside), sum(row[1] for row in inside)
    tiers = tuple(
        TierSums(tier, count, count / persons if persons else None, fen, fen / net if net else None)
        for tier, (count, fen) in zip(one.scheme.tiers, inside, strict=True)
    )
    return SchemeSums(tiers, persons, net, found.get("", (0, 0))[0])


def scheme_means(viewer: Viewer, one: InForce) -> Mapping[str, Mapping[str, float]]:
    """
    Return by tier the mean of each input of a scheme, as of the last full run: of the whole chain, so only to who sees it whole.
    """
    run = ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk").first()
    if run is None or viewer.store_ids is not None or run.rules.get("schemes", {}).get(one.code) != [one.slot, one.number]:
        return {}
    found: Mapping[str, Mapping[str, float]] = run.means.get(one.code, {})
    return found


def tier_ends(one: InForce) -> list[float | None]:
    """
    Return by tier, best first, the worst value that stands in it by the last cut of a ranking; None for the last tier, and where
    the version in force was not cut yet.
    """
    nothing: list[float | None] = [None] * len(one.scheme.tiers)
    run = ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk").first()
    if run is None or one.scheme.kind is not Kind.SHARES or run.rules.get("schemes", {}).get(one.code) != [one.slot, one.number]:
        return nothing
    edges = RunCuts.from_json(run.cuts).edges.get(one.code)
    return nothing if edges is None else [*(None if worst is None else worst[0] for worst in edges.worst), None]


def high_by_store(viewer: Viewer, one: InForce) -> dict[int, Share]:
    """Return those of the two best tiers of all with a tier, per home store in reach; a store without any is left out."""
    best = one.scheme.codes[:2]
    rows = TierSum.objects.filter(store_reach(viewer, "store_id"), scheme_id=one.scheme_id, store_id__isnull=False)
    sums = (
        rows.exclude(tier_code="")
        .values("store_id")
        .annotate(all=Sum("persons"), high=Sum("persons", filter=Q(tier_code__in=best)))
    )
    return {int(row["store_id"] or 0): Share(row["high"] or 0, row["all"]) for row in sums if row["all"]}


@dataclass(frozen=True, slots=True)
class Crossed:
    """
    Living persons in reach by pair of tiers of two schemes, an empty code for in none, as counted at a moment by the versions
    of then. is_current: those are in force still.
    """

    counts: Mapping[tuple[str, str], int]
    down: Scheme
    across: Scheme
    is_current: bool
    as_of: date
    counted_at: datetime


def cross_tab(viewer: Viewer, rows: InForce, columns: InForce) -> Crossed | None:
    """Return how two schemes cross, as last counted after a run; None before that, and for a scheme that is newer."""
    asked = [(rows.scheme_id, columns.scheme_id), (columns.scheme_id, rows.scheme_id)]
    places = Q(down=asked[0][0], across=asked[0][1]) | Q(down=asked[1][0], across=asked[1][1])
    found = TierCross.objects.filter(places).first()
    if found is None:
        return None
    is_turned = found.down_id != rows.scheme_id
    numbers = (found.across_number, found.down_number) if is_turned else (found.down_number, found.across_number)
    counts: Counter[tuple[str, str]] = Counter()
    for store_id, one, two, persons in found.rows:
        if viewer.store_ids is None or store_id in viewer.store_ids:
            counts[(two, one) if is_turned else (one, two)] += persons
    return Crossed(
        counts,
        _as_counted(rows, numbers[0]),
        _as_counted(columns, numbers[1]),
        numbers == (rows.number, columns.number),
        found.as_of,
        found.counted_at,
    )


def _as_counted(one: InForce, number: int) -> Scheme:
    """Return a scheme as it stood in a version."""
    if number == one.number:
        return one.scheme
    return scheme_read(SchemeVersion.objects.values_list("table", flat=True).get(scheme_id=one.scheme_id, number=number))


@dataclass(frozen=True, slots=True)
class ListOverlap:
    """
    Living persons in reach on a frozen list, in the best tiers of a scheme, and in both, as counted with a run by the version of
    then. is_current: that is in force still.
    """

    month: str
    tiers: tuple[Tier, ...]
    is_current: bool
    listed: int
    best: int
    both: int
    as_of: date


def best_tiers(scheme: Scheme) -> tuple[Tier, ...]:
    """Return the two best tiers of a scheme."""
    return scheme.tiers[:2]


def top_list_overlap(viewer: Viewer, one: InForce) -> ListOverlap | None:
    """
    Return how the newest frozen list (by RFM) and the two best tiers of a scheme overlap; None before that was counted.
    """
    run = ValueRun.objects.filter(overlaps__isnull=False).order_by("-pk").first()
    counted = None if run is None or run.overlaps is None else run.overlaps["schemes"].get(one.code)
    if run is None or run.overlaps is None or counted is None:
        return None
    listed = best = both = 0
    for store_id, *counts in counted["rows"]:
        if viewer.store_ids is None or store_id in viewer.store_ids:
            listed, best, both = listed + counts[0], best + counts[1], both + counts[2]
    number = counted["number"]
    tiers = best_tiers(_as_counted(one, number))
    return ListOverlap(run.overlaps["month"], tiers, number == one.number, listed, best, both, run.as_of)


def top_lists(limit: int = 12) -> QuerySet[TopList]:
    """Return the frozen monthly lists, newest first: sizes only, for whoever may open the value page."""
    return TopList.objects.order_by("-month")[:limit]

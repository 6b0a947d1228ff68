"""The pyramid of the cockpit, who moved in it, and how its best two tiers spread over the stores, from the value app's sums."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from huitou.apps.base.kept import kept, reach_key
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.census import new_members_count
from huitou.apps.value import queries
from huitou.apps.value.queries import TierMoves, TierSums
from huitou.apps.value.schemes import in_force
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.core.metrics.shares import Share
from huitou.core.periods import Period
from huitou.warehouse.reader import Reading
from huitou.web.badges import tier_look
from huitou.web.drill import customers_url
from huitou.web.figures import Figure, figure
from huitou.web.pages.value import top_is_low

SCHEME = "pyramid"


@dataclass(frozen=True, slots=True)
class Level:
    """One tier with the address of its customers. place: of how many, best first, from 0: its band of the triangle."""

    sums: TierSums
    url: str
    place: int
    of: int

    @property
    def band(self) -> str:
        """Return the corners of the band in a box of 100 by 100, as SVG writes them."""
        top, bottom = (50 * edge / self.of for edge in (self.place, self.place + 1))
        return f"{50 - top:.1f},0 {50 + top:.1f},0 {50 + bottom:.1f},100 {50 - bottom:.1f},100"

    @property
    def kind(self) -> str:
        return tier_look(self.sums.tier.code).kind


@dataclass(frozen=True, slots=True)
class BestTwo:
    """The second best tier by name, and the shares (0..1) of persons and of net spending of the best two together."""

    second: Label
    persons: float
    revenue: float


@dataclass(frozen=True, slots=True)
class Pyramid:
    """
    The tiers in reach, best first; high: those of the two best of all with a tier, per home store; version: of the scheme. moves:
    up and down since the end of last month (`moved_since`), empty where that cannot be told.
    """

    levels: tuple[Level, ...]
    high: Mapping[int, Share]
    overall: float | None
    version: int
    as_of: date
    moves: tuple[Figure, ...]
    moved_since: date | None

    @property
    def scheme(self) -> str:
        return SCHEME

    @property
    def two_best(self) -> BestTwo | None:
        """Return what the two best tiers are of all together; None where they bring nothing, or a scheme has one tier alone."""
        if len(self.levels) < 2:
            return None
        first, second = (level.sums for level in self.levels[:2])
        if None in (first.person_share, second.person_share, first.revenue_share, second.revenue_share):
            return None
        persons = (first.person_share or 0) + (second.person_share or 0)
        return BestTwo(second.tier.label, persons, (first.revenue_share or 0) + (second.revenue_share or 0))

    @property
    def best(self) -> TierSums:
        return self.levels[0].sums

    @property
    def best_brings_enough(self) -> bool:
        return self.best.revenue_share is not None and not top_is_low(self.best.revenue_share)


def pyramid_of(viewer: Viewer, where: Sequence[Condition] = ()) -> Pyramid | None:
    """
    Return the pyramid over the viewer's stores; None before the first run, without the scheme, or with nobody in it.

    where: what the customer list is asked besides, for the same people.
    """
    run, one = queries.last_run(), in_force(SCHEME)
    if run is None or one is None:
        return None
    sums = queries.scheme_sums(viewer, one)
    if not sums.persons:
        return None
    of_tier = partial(Condition, f"tier_{one.code}", Operator.EQ)
    levels = tuple(
        Level(tier, customers_url(viewer.role_code, *where, of_tier(tier.tier.code)), place, len(sums.tiers))
        for place, tier in enumerate(sums.tiers)
    )
    high = queries.high_by_store(viewer, one)
    everybody = sum(share.denominator for share in high.values())
    overall = sum(share.numerator for share in high.values()) / everybody if everybody else None
    moves = queries.tier_moves(viewer, one)
    return Pyramid(
        levels,
        high,
        overall,
        one.number,
        run.as_of,
        moves=() if moves is None else _moved(viewer, moves, partial(Condition, f"tier_{one.code}_moved", Operator.EQ), where),
        moved_since=moves.base if moves else None,
    )


def _moved(viewer: Viewer, moves: TierMoves, went: Callable[[str], Condition], where: Sequence[Condition]) -> tuple[Figure, ...]:
    told = (("tier_moved_up", moves.up, "up"), ("tier_moved_down", moves.down, "down"))
    return tuple(
        figure(key, persons, as_of=moves.as_of, url=customers_url(viewer.role_code, *where, went(way)))
        for key, persons, way in told
    )


def new_members(reading: Reading, viewer: Viewer, where: Sequence[Condition] = ()) -> Figure:
    """Return who became a member in the month of the as-of date, some minutes old; where: as in `pyramid_of`."""
    period = Period(reading.as_of.replace(day=1), reading.as_of + timedelta(days=1))
    members = kept("new-members", lambda: new_members_count(viewer, period), period, reading.version.number, reach_key(viewer))
    joined = Condition("registered", Operator.BETWEEN, (period.start, reading.as_of))
    url = customers_url(viewer.role_code, *where, Condition("is_member", Operator.EQ, True), joined)
    return figure("new_members", members, as_of=reading.as_of, url=url)

"""The pyramid of the cockpit and how its best two tiers spread over the stores, from the stored sums of the value app."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from huitou.apps.base.scope import Viewer
from huitou.apps.value import queries
from huitou.apps.value.queries import TierSums
from huitou.apps.value.schemes import in_force
from huitou.core.filters.tree import Condition, Operator
from huitou.core.metrics.shares import Share
from huitou.web.badges import tier_look
from huitou.web.drill import customers_url
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
class Pyramid:
    """The tiers in reach, best first; high: those of the two best of all with a tier, per home store; version: of the scheme."""

    levels: tuple[Level, ...]
    high: Mapping[int, Share]
    overall: float | None
    version: int
    as_of: date

    @property
    def best(self) -> TierSums:
        return self.levels[0].sums

    @property
    def best_brings_enough(self) -> bool:
        return self.best.revenue_share is not None and not top_is_low(self.best.revenue_share)


def pyramid_of(viewer: Viewer) -> Pyramid | None:
    """Return the pyramid over the viewer's stores; None before the first run, without the scheme, or with nobody in it."""
    run, one = queries.last_run(), in_force(SCHEME)
    if run is None or one is None:
        return None
    sums = queries.scheme_sums(viewer, one)
    if not sums.persons:
        return None
    of_tier = partial(Condition, f"tier_{one.code}", Operator.EQ)
    levels = tuple(
        Level(tier, customers_url(viewer.role_code, of_tier(tier.tier.code)), place, len(sums.tiers))
        for place, tier in enumerate(sums.tiers)
    )
    high = queries.high_by_store(viewer, one)
    everybody = sum(share.denominator for share in high.values())
    overall = sum(share.numerator for share in high.values()) / everybody if everybody else None
    return Pyramid(levels, high, overall, one.number, run.as_of)

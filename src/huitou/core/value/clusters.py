"""
Group customers that behave alike: k-means on scaled features, the number of groups by silhouette (docs/algorithms/clusters.md).

Everything is seeded and starts from the persons in rising id, so the order of the rows changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.labels import Label

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SEED = 20_260_101
KS = range(3, 9)
LEAST_PERSONS = 300
FIT_ON = 20_000  # persons at even distances; the rest are assigned
SILHOUETTE_ON = 1_500
STARTS = 3
ROUNDS = 60
CUT = 3.0  # scaled values lie in -3..3, so that one giant makes no group
TOLD_FROM = 0.35  # spreads from the mean of all
MOST_TOLD = 2
SAME_WITHIN = 1.0  # spreads, over all features: a new group this near an old one keeps its number
_BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: stored name, whether its logarithm counts, and what a group is called that has much or little of it."""

    name: str
    label: Label
    high: Label
    low: Label
    is_log: bool = False


FEATURES = (
    Feature("r", Label("R 分", "R score"), Label("最近来过", "recent"), Label("久未到店", "long away")),
    Feature("f", Label("F 分", "F score"), Label("买得勤", "frequent"), Label("买得少", "rare")),
    Feature("net_365d_fen", Label("近 12 月净消费", "Net spend in 12 months"), Label("花得多", "high spend"),
            Label("花得少", "low spend"), is_log=True),
    Feature("average_ticket_fen", Label("客单价", "Average ticket"), Label("客单高", "large tickets"),
            Label("客单低", "small tickets"), is_log=True),
    Feature("discount_share", Label("优惠商品占比", "Share of discounted lines"), Label("爱优惠", "discount-minded"),
            Label("不看优惠", "full price")),
    Feature("online_share", Label("线上订单占比", "Share of online orders"), Label("多在线上", "mostly online"),
            Label("只在门店", "in stores")),
    Feature("top_category_share", Label("首选品类占比", "Share of the top category"), Label("品类集中", "few categories"),
            Label("品类分散", "many categories")),
    Feature("interaction_power", Label("互动力", "Interaction power"), Label("爱互动", "interactive"),
            Label("少互动", "quiet")),
)  # fmt: skip


class ClustersRefused(Exception):
    """No groups can be made; `reason`: "few" (below 300 persons with every score), "same" (nothing differs)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Cluster:
    """One group. number: stable between runs; means: by feature in its own unit; spreads: their distance from the mean of all."""

    number: int
    size: int
    means: Mapping[str, float]
    spreads: Mapping[str, float]
    centre: tuple[float, ...]  # in the measured units (logarithms where the feature says so)

    def told(self) -> list[tuple[Feature, bool]]:
        """Return the up to two features that set the group apart the most, True for much of it; none where nothing does."""
        strong = sorted(self.spreads, key=lambda name: (-abs(self.spreads[name]), name))
        by_name = {feature.name: feature for feature in FEATURES}
        return [(by_name[name], self.spreads[name] > 0) for name in strong if abs(self.spreads[name]) >= TOLD_FROM][:MOST_TOLD]

    def numbered_name(self) -> Label:
        """Return number and name, which no two groups of a run share."""
        name = self.name()
        return Label(f"{self.number} · {name.zh}", f"{self.number} · {name.en}")

    def name(self) -> Label:
        """Return the group's name, made of what sets it apart."""
        told = [feature.high if much else feature.low for feature, much in self.told()]
        if not told:
            return Label("接近平均", "near the mean")
        return Label("、".join(one.zh for one in told), ", ".join(one.en for one in told))


@dataclass(frozen=True, slots=True)
class Clustering:
    """The groups by number, the number of each person (in the order given), means of all, and the silhouette of every k tried."""

    clusters: tuple[Cluster, ...]
    numbers: Ints
    means: Mapping[str, float]
    silhouettes: Mapping[int, float]
    k: int

    @property
    def silhouette(self) -> float:
        """Return that of the k taken: 1 well apart, 0 no groups at all."""
        return self.silhouettes[self.k]


def clusters(person_ids: Ints, values: Floats, *, ks: Sequence[int] = KS, before: Sequence[Cluster] = ()) -> Clustering:
    """
    Group persons by `values` (n, FEATURES), NaN: no answer, which counts as the mean. Equal rows fall into the same group.

    before: the groups of the last run; the nearest new one within one spread takes over the number, others get new numbers.
    Raises ClustersRefused.
    """
    order = np.argsort(person_ids, kind="stable")
    measured = np.column_stack([_measured(values[order, place], feature) for place, feature in enumerate(FEATURES)])
    if person_ids.size < LEAST_PERSONS:
        raise ClustersRefused("few")
    scale = _Scale.of(measured)
    if not scale.differs.any():
        raise ClustersRefused("same")
    rows = scale.rows(measured)
    sample = rows[np.linspace(0, rows.shape[0] - 1, min(FIT_ON, rows.shape[0])).astype(np.int64)]
    looked = sample[np.linspace(0, sample.shape[0] - 1, min(SILHOUETTE_ON, sample.shape[0])).astype(np.int64)]
    tried = {k: _fitted(sample, k) for k in ks}
    silhouettes = {k: silhouette(looked, nearest(looked, centres)) for k, centres in tried.items()}
    best = max(silhouettes, key=lambda k: (round(silhouettes[k], 6), -k))
    places = nearest(rows, tried[best])
    numbers, found = _described(places, rows, measured, values[order], scale, before)
    back = np.empty_like(numbers)
    back[order] = numbers
    return Clustering(found, back, _means(values), silhouettes, best)


def nearest(rows: Floats, centres: Floats) -> Ints:
    """Return the place of the nearest centre per row (n, d); ties to the lower place."""
    found = np.empty(rows.shape[0], dtype=np.int64)
    for start in range(0, rows.shape[0], _BLOCK):
        part = rows[start : start + _BLOCK]
        found[start : start + _BLOCK] = ((centres**2).sum(axis=1) - 2 * part @ centres.T).argmin(axis=1)
    return found


def silhouette(rows: Floats, places: Ints) -> float:
    """
    Return the mean of (b - a) / max(a, b) over the rows (n, d): a is the mean distance to the own group, b to the nearest other.

    A row alone in its group counts 0, as does everything where there is one group only.
    """
    groups, place = np.unique(places, return_inverse=True)
    if groups.size < 2:
        return 0.0
    squares = (rows**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * rows @ rows.T, 0))
    sizes = np.bincount(place)
    sums = np.column_stack([distances[:, place == group].sum(axis=1) for group in range(groups.size)])
    each = np.arange(rows.shape[0])
    own = sums[each, place] / np.maximum(sizes[place] - 1, 1)
    others = sums / sizes
    others[each, place] = np.inf
    other = others.min(axis=1)
    apart = np.where(sizes[place] > 1, (other - own) / np.maximum(np.maximum(own, other), 1e-12), 0.0)
    return float(apart.mean())


def _fitted(rows: Floats, k: int) -> Floats:
    """Return the centres (k, d) of the best of three seeded starts (k-means++, then Lloyd's rounds until nothing moves)."""
    best: tuple[float, Floats] | None = None
    for start in range(STARTS):
        centres = _lloyd(rows, _spread_out(rows, k, np.random.default_rng((SEED, k, start))))
        loss = float(((rows - centres[nearest(rows, centres)]) ** 2).sum())
        if best is None or loss < best[0]:
            best = (loss, centres)
    if best is None:  # STARTS is above 0
        raise ClustersRefused("few")
    return best[1]


def _spread_out(rows: Floats, k: int, rng: np.random.Generator) -> Floats:
    chosen = [rows[int(rng.integers(rows.shape[0]))]]
    left = ((rows - chosen[0]) ** 2).sum(axis=1)
    for _ in range(k - 1):
        total = left.sum()
        place = int(rng.integers(rows.shape[0])) if total == 0 else int(np.searchsorted(np.cumsum(left), rng.random() * total))
        chosen.append(rows[min(place, rows.shape[0] - 1)])
        left = np.minimum(left, ((rows - chosen[-1]) ** 2).sum(axis=1))
    return np.array(chosen)


def _lloyd(rows: Floats, centres: Floats) -> Floats:
    for _ in range(ROUNDS):
        places = nearest(rows, centres)
        sizes = np.bincount(places, minlength=centres.shape[0])
        sums = np.column_stack([np.bincount(places, weights=column, minlength=centres.shape[0]) for column in rows.T])
        moved = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres


def _described(
    places: Ints, rows: Floats, measured: Floats, values: Floats, scale: "_Scale", before: Sequence[Cluster]
) -> tuple[Ints, tuple[Cluster, ...]]:
    """Return the number of every row and the groups in rising number."""
    held = [place for place in range(int(places.max()) + 1) if (places == place).any()]
    centres = np.array([_filled_mean(measured[places == place], scale) for place in held])
    spend = next(place for place, feature in enumerate(FEATURES) if feature.name == "net_365d_fen")
    first = sorted(range(len(held)), key=lambda one: (-centres[one, spend], tuple(centres[one])))
    numbers = _numbered(scale.rows(centres), first, scale, before)
    found = []
    of_row = np.empty_like(places)
    for one, place in enumerate(held):
        members = places == place
        of_row[members] = numbers[one]
        spreads = rows[members].mean(axis=0)
        found.append(
            Cluster(
                number=numbers[one],
                size=int(members.sum()),
                means=_means(values[members]),
                spreads={feature.name: float(spreads[at]) for at, feature in enumerate(FEATURES) if scale.differs[at]},
                centre=tuple(centres[one].tolist()),
            )
        )
    return of_row, tuple(sorted(found, key=lambda cluster: cluster.number))


def _numbered(scaled: Floats, first: Sequence[int], scale: "_Scale", before: Sequence[Cluster]) -> list[int]:
    """Return the number of each group: that of the nearest old one (pairs by rising distance), else the next free one."""
    numbers: dict[int, int] = {}
    if before:
        old = scale.rows(np.array([one.centre for one in before]))
        distances = np.sqrt(((scaled[:, None, :] - old[None, :, :]) ** 2).sum(axis=2))
        for flat in np.argsort(distances, axis=None, kind="stable").tolist():
            new, place = divmod(flat, len(before))
            if distances[new, place] <= SAME_WITHIN and new not in numbers and before[place].number not in numbers.values():
                numbers[new] = before[place].number
    free = max((one.number for one in before), default=0)
    for new in first:
        if new not in numbers:
            free += 1
            numbers[new] = free
    return [numbers[new] for new in range(len(numbers))]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Mean and spread of each measured feature, shapes (d,); what does not differ counts nothing."""

    middle: Floats
    spread: Floats
    differs: Flags

    @classmethod
    def of(cls, measured: Floats) -> "_Scale":
        known = ~np.isnan(measured)
        counts = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, measured, 0.0)
        middle = filled.sum(axis=0) / counts
        spread = np.sqrt((np.where(known, measured - middle, 0.0) ** 2).sum(axis=0) / counts)
        differs = spread > 1e-9
        return cls(middle, np.where(differs, spread, 1.0), differs)

    def rows(self, measured: Floats) -> Floats:
        scaled = np.clip((measured - self.middle) / self.spread, -CUT, CUT)
        found: Floats = np.where(np.isnan(scaled) | ~self.differs, 0.0, scaled)
        return found


def _measured(column: Floats, feature: Feature) -> Floats:
    return np.log1p(np.maximum(column, 0)) if feature.is_log else column


def _filled_mean(part: Floats, scale: _Scale) -> Floats:
    mean: Floats = np.where(np.isnan(part), scale.middle, part).mean(axis=0)
    return mean


def _means(values: Floats) -> dict[str, float]:
    """Return the mean of each feature in its own unit, of who has it; a feature that nobody has is left out."""
    return dict(_known_means(values))


def _known_means(values: Floats) -> Iterator[tuple[str, float]]:
    for place, feature in enumerate(FEATURES):
        known = values[~np.isnan(values[:, place]), place]
        if known.size:
            yield feature.name, float(known.mean())

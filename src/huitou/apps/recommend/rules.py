"""The association rules in force, as a reader sees them, and what is asked of them."""

from dataclasses import dataclass

from huitou.apps.products.queries import category_names, products_by_id
from huitou.apps.recommend.models import AssociationLevel, AssociationRule, AssociationRun, AssociationThresholds
from huitou.core.value.associations import DEFAULTS, Thresholds


@dataclass(frozen=True, slots=True)
class RuleLine:
    """With `left` in a basket (names), `right` is in it, too, in `confidence` of the cases, lift times as often as in any."""

    rank: int
    left: tuple[str, ...]
    right: str
    both: int
    support_share: float
    confidence_share: float
    lift: float


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the rules of a run, the largest lift first; total: of all pages."""

    run: AssociationRun
    lines: tuple[RuleLine, ...]
    total: int


def thresholds_in_force(level: AssociationLevel) -> Thresholds:
    """Return what was saved last for the level, else the defaults."""
    row = thresholds_newest(level)
    return DEFAULTS[level.value] if row is None else Thresholds(row.support_share, row.confidence_share, row.lift)


def thresholds_newest(level: AssociationLevel) -> AssociationThresholds | None:
    """Return the last saved choice of the level."""
    return AssociationThresholds.objects.filter(level_code=level).order_by("-pk").first()


def newest_search(level: AssociationLevel) -> AssociationRun | None:
    """Return the newest ended run of the level, a refused one too."""
    return AssociationRun.objects.filter(level_code=level, ended_at__isnull=False).order_by("-pk").first()


def rules_in_force(level: AssociationLevel, *, start: int = 0, limit: int = 100) -> Found | None:
    """Return `limit` rules of the level's last good run from place `start` on; None before the first one."""
    run = AssociationRun.objects.filter(level_code=level, ended_at__isnull=False, refusal="").order_by("-pk").first()
    if run is None:
        return None
    rows = list(AssociationRule.objects.filter(run=run, rank__gt=start, rank__lte=start + limit).order_by("rank"))
    names = _names(level, {one for row in rows for one in (*row.left_ids, row.right_id)})
    lines = tuple(
        RuleLine(
            rank=row.rank,
            left=tuple(names.get(one, "") for one in row.left_ids),
            right=names.get(row.right_id, ""),
            both=row.both,
            support_share=row.both / run.baskets,
            confidence_share=row.both / row.left_count,
            lift=row.both / row.left_count / (row.right_count / run.baskets),
        )
        for row in rows
    )
    return Found(run, lines, run.rules)


def _names(level: AssociationLevel, ids: set[int]) -> dict[int, str]:
    if level is AssociationLevel.PRODUCT:
        return {product.pk: f"{product.name} {product.code}" for product in products_by_id(ids).values()}
    return {category: name for category, name in category_names().items() if category in ids}

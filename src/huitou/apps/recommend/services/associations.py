"""
Find the association rules of a published base, level by level, with the thresholds in force; and set the thresholds.

A level that is refused leaves the rules of its last good run. docs/algorithms/associations.md.
"""

import time
from datetime import datetime

import numpy as np
from django.db import transaction

from huitou.apps.base import jobs, leases
from huitou.apps.base.audit import audit_record
from huitou.apps.base.clock import utc_now
from huitou.apps.base.pace import Pace
from huitou.apps.base.storage import warehouse
from huitou.apps.products.queries import categories_below, root_categories
from huitou.apps.recommend.catalogue import Catalogue, catalogue
from huitou.apps.recommend.models import AssociationLevel, AssociationRule, AssociationRun, AssociationThresholds
from huitou.apps.recommend.rules import thresholds_in_force
from huitou.core.value.associations import Rules, Thresholds, TooManySets, rules_of
from huitou.core.value.recommend.history import Ints
from huitou.warehouse.queries.bought_items import Bought, baskets
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.scope import CHAIN

ASSOCIATIONS_LEASE = "associations"
BASKETS = 500_000
TOO_MANY, NO_BASKET = "many", "nothing"


def associations_run(*, now: datetime, pace: Pace | None = None) -> list[AssociationRun]:
    """
    Search every level that was not searched yet in the published base with its thresholds; the runs made, often none.

    Raises LeaseTaken while another search is at work.
    """
    with leases.hold(ASSOCIATIONS_LEASE) as lease:
        try:
            with warehouse().read() as reading:
                base, as_of = reading.version.base, reading.as_of
                limits = {level: thresholds_in_force(level) for level in AssociationLevel}
                due = [level for level in AssociationLevel if not _is_made(level, base, limits[level])]
                if not due:
                    return []
                together = baskets(reading.cursor, scope=CHAIN, as_of=as_of, most=BASKETS)
        except NothingPublished:
            return []
        goods, made = catalogue(), []
        for level in due:
            lease.check()
            asked = limits[level]
            run = AssociationRun.objects.create(
                level_code=level, base_number=base, as_of=as_of, started_at=now, support_share=asked.support,
                confidence_share=asked.confidence, lift=asked.lift,
            )  # fmt: skip
            _run(run, together, goods, asked, pace or Pace())
            made.append(run)
    return made


def thresholds_save(level: AssociationLevel, limits: Thresholds, *, by: int, now: datetime) -> None:
    """Ask these of a level's rules from now on, and plan the search; the same as in force changes nothing."""
    if limits == thresholds_in_force(level):
        return
    with transaction.atomic():
        AssociationThresholds.objects.create(
            level_code=level, support_share=limits.support, confidence_share=limits.confidence, lift=limits.lift, saved_at=now,
            by=by,
        )  # fmt: skip
        audit_record(
            action_code="recommend.thresholds", subject_kind="associations", subject_id=level.value, now=now, user_id=by,
            support=limits.support, confidence=limits.confidence, lift=limits.lift,
        )  # fmt: skip
        jobs.plan_once("recommend.associations", now=now)


def _is_made(level: AssociationLevel, base: int, limits: Thresholds) -> bool:
    newest = AssociationRun.objects.filter(level_code=level, ended_at__isnull=False).order_by("-pk").first()
    if newest is None:
        return False
    asked = newest.base_number, newest.support_share, newest.confidence_share, newest.lift
    return asked == (base, limits.support, limits.confidence, limits.lift)


def _run(run: AssociationRun, together: Bought, goods: Catalogue, limits: Thresholds, pace: Pace) -> None:
    began = time.monotonic()
    level = AssociationLevel(run.level_code)
    items = _items(level, together.products, goods)
    known = items >= 0
    try:
        found = rules_of(together.persons[known], items[known], limits)
        run.baskets, run.rules = found.baskets, found.right.size
        run.refusal = "" if found.baskets else NO_BASKET
    except TooManySets:
        run.refusal = TOO_MANY
    else:
        _rules_write(run, found, pace)
    run.seconds = round(time.monotonic() - began, 2)
    run.ended_at = utc_now()
    run.save()
    if not run.refusal:
        AssociationRule.objects.filter(run__level_code=level).exclude(run=run).delete()


def _items(level: AssociationLevel, products: Ints, goods: Catalogue) -> Ints:
    """Return what stands in a rule for each product; -1 for one of which only the code is known."""
    named = np.where(np.isin(products, goods.unnamed), -1, products)
    if level is AssociationLevel.PRODUCT:
        return named
    categories = goods.categories_of(named)
    return categories if level is AssociationLevel.CATEGORY else _roots(categories)


def _roots(categories: Ints) -> Ints:
    below = categories_below()
    root_of = {category: root for root in root_categories() for category in (root, *below.get(root, ()))}
    ids, at = np.unique(categories, return_inverse=True)
    return np.array([root_of.get(category, -1) for category in ids.tolist()], dtype=np.int64)[at]


def _rules_write(run: AssociationRun, found: Rules, pace: Pace) -> None:
    columns = (found.left, found.right, found.both, found.left_count, found.right_count)
    rows = [
        AssociationRule(
            run=run, rank=rank, left_ids=[one for one in left if one >= 0], right_id=right, both=both, left_count=lefts,
            right_count=rights,
        )
        for rank, (left, right, both, lefts, rights) in enumerate(zip(*(one.tolist() for one in columns), strict=True), start=1)
    ]  # fmt: skip
    for part in pace.cut(rows):
        AssociationRule.objects.bulk_create(part)

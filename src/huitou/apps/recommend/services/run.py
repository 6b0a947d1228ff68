"""
Make everybody's lists once per base: learn from a sample, judge on its past, write person by person.

A run that is refused says why and leaves the lists of the last good one. docs/algorithms/recommend.md.
"""

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np

from huitou.apps.base import leases
from huitou.apps.base.bulk import rows_write
from huitou.apps.base.clock import utc_now
from huitou.apps.base.pace import Pace
from huitou.apps.base.page_cache import large_page_cache
from huitou.apps.base.planner import statistics_refresh
from huitou.apps.base.storage import warehouse
from huitou.apps.privacy.outreach import PERSONAL, kept_out
from huitou.apps.recommend.catalogue import Catalogue, catalogue, unsold
from huitou.apps.recommend.lists import PersonLists, lists_of
from huitou.apps.recommend.models import Complement, PersonNext, RecommendRun, Withholding
from huitou.apps.recommend.withheld import kept_back, own_pairs
from huitou.core.value import recommend as core
from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.history import Ints
from huitou.core.value.recommend.stock import BASKET_SHELF
from huitou.warehouse.queries.bought_items import Bought, baskets, bought_items, buyers_count
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.warehouse.scope import CHAIN

RECOMMEND_LEASE = "recommend"
SAMPLE, JUDGED = 20_000, 3_000  # persons learnt from, and judged on
BASKETS, BASKETS_JUDGED = 200_000, 1_000
JUDGED_DAYS = 28
TOP, TOP_CATEGORIES = 10, 5
LINKS = 20
MARGIN_WEIGHT = 0.2
UNNAMED = "unnamed"
COLUMNS = ("person", "run_id", "next_category_id", "again", "fresh", "categories")


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the sample taught; category_habits None where too little is known of categories."""

    habits: core.Habits
    taste: core.Taste
    category_habits: core.Habits | None
    links: core.Links


def recommend_run(*, now: datetime, pace: Pace | None = None) -> RecommendRun | None:
    """
    Make the lists from the published base; None when that was done already, or nothing is published.

    Raises LeaseTaken while another run is at work.
    """
    with leases.hold(RECOMMEND_LEASE) as lease, large_page_cache():
        try:
            with warehouse().read() as reading:
                if is_made(reading.version.base):
                    return None
                run = RecommendRun.objects.create(
                    base_number=reading.version.base, version=reading.version.number, as_of=reading.as_of, started_at=now
                )
                _run(run, reading, lease, pace or Pace())
        except NothingPublished:
            return None
        statistics_refresh()
        run.ended_at = utc_now()
        run.save()
    return run


def is_made(base_number: int) -> bool:
    """Say whether a run from this base has ended, with whatever result."""
    return RecommendRun.objects.filter(base_number=base_number, ended_at__isnull=False).exists()


def _run(run: RecommendRun, reading: Reading, lease: leases.Held, pace: Pace) -> None:
    began = time.monotonic()
    goods = catalogue()
    last = int(np.datetime64(run.as_of, "D").astype(np.int64))
    try:
        learnt = _learn(run, reading, goods, last)
    except core.NoRecommendation as refused:
        run.refusal, run.told = refused.refusal.value, str(refused)[:300]
        return
    run.seconds["learn"] = round(time.monotonic() - began, 2)
    began = time.monotonic()
    exclusions = _exclusions(run, reading, goods)
    out = kept_out(PERSONAL, today=run.as_of)
    for block in bought_items(reading.cursor, scope=CHAIN, as_of=run.as_of):
        lease.check()
        found = _lists(run, learnt, goods, block, last, exclusions)
        rows = [(one.person_id, run.pk, *one.stored()) for one in found if one.person_id not in out]
        for part in pace.cut(rows):
            rows_write(PersonNext, COLUMNS, part, conflict=("person",), update=COLUMNS[1:])
        run.persons += len(rows)
    PersonNext.objects.exclude(run_id=run.pk).delete()
    _links_write(run, learnt.links, pace)
    run.seconds["lists"] = round(time.monotonic() - began, 2)


def _learn(run: RecommendRun, reading: Reading, goods: Catalogue, last: int) -> Learnt:
    buyers = buyers_count(reading.cursor, scope=CHAIN, as_of=run.as_of)
    every = max(1, buyers // SAMPLE)
    parts = list(bought_items(reading.cursor, scope=CHAIN, as_of=run.as_of, every=every))
    persons, products, days = (
        np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0, dtype=np.int64)])
        for name in ("persons", "products", "days")
    )
    book = core.history(persons, products, days, last)
    habits = core.Habits.fit(book)
    by_category = core.history(persons, goods.categories_of(products), days, last)
    together = baskets(reading.cursor, scope=CHAIN, as_of=run.as_of, most=BASKETS)
    step = -(-book.persons.size // JUDGED)
    run.trials["product"] = _judged(book.of_every(step), last)
    if run.trials["product"]["again"]["habits"]["recall"] <= run.trials["product"]["again"]["popular"]["recall"]:
        raise core.NoRecommendation(core.Refusal.NAIVE, "the most popular products did as well")
    run.trials["basket"] = _basket_judged(together, last)
    try:
        run.trials["category"] = _judged(by_category.of_every(step), last)
        category_habits = core.Habits.fit(by_category)
    except core.NoRecommendation as refused:
        run.trials["category"] = {"refusal": refused.refusal.value, "told": str(refused)}
        category_habits = None
    return Learnt(
        habits,
        core.Taste.of(
            core.affinity(book.person, book.items[book.item]), habits.stock, goods.margins, margin_weight=MARGIN_WEIGHT
        ),
        category_habits,
        core.links_of(core.affinity(together.persons, together.products, shelf=BASKET_SHELF), LINKS),
    )


def _judged(book: core.History, last: int) -> dict[str, Any]:
    found = core.trial(book, last - JUDGED_DAYS)
    return {
        "persons": found.persons,
        "fresh_persons": found.fresh_persons,
        "days": JUDGED_DAYS,
        "again": {name: asdict(row) for name, row in found.again.items()},
        "fresh": {name: asdict(row) for name, row in found.fresh.items()},
    }


def _basket_judged(together: Bought, last: int) -> dict[str, Any]:
    try:
        found = core.basket_trial(together.persons, together.products, together.days, last - JUDGED_DAYS, most=BASKETS_JUDGED)
    except ValueError as error:
        return {"told": str(error)}
    return asdict(found)


def _exclusions(run: RecommendRun, reading: Reading, goods: Catalogue) -> core.Exclusions:
    kept = kept_back(goods.products_of(), on=run.as_of)
    everybody = {reason: np.array(sorted(products), dtype=np.int64) for reason, products in kept.everybody.items()}
    not_sold = np.concatenate((everybody.pop(Withholding.OFF_SALE.value, goods.unnamed[:0]), unsold(reading.cursor, run.as_of)))
    return core.Exclusions(items=everybody | {Withholding.OFF_SALE.value: not_sold, UNNAMED: goods.unnamed}, own=own_pairs(kept))


def _lists(
    run: RecommendRun, learnt: Learnt, goods: Catalogue, block: Bought, last: int, exclusions: core.Exclusions
) -> list[PersonLists]:
    book = core.history(block.persons, block.products, block.days, last)
    again = core.again(learnt.habits, book, TOP, exclusions)
    for reason, count in again.excluded.items():
        run.excluded[reason] = run.excluded.get(reason, 0) + count
    fresh = core.fresh(learnt.taste, book, TOP, exclusions)
    categories: tuple[Ints, Ints, Floats] | None = None
    if learnt.category_habits is not None:
        by_category = core.history(block.persons, goods.categories_of(block.products), block.days, last)
        found = core.again(learnt.category_habits, by_category, TOP_CATEGORIES, core.Exclusions(recent_days=0))
        categories = found.person_ids, found.item_ids, found.chance
    return lists_of(book.persons, again, fresh, categories)


def _links_write(run: RecommendRun, links: core.Links, pace: Pace) -> None:
    rows = zip(
        [run.pk] * links.one.size, links.one.tolist(), links.other.tolist(), np.round(links.logs, 4).tolist(),
        np.round(links.share, 6).tolist(), strict=True,
    )  # fmt: skip
    names = ("run_id", "product_id", "other_id", "log_lift", "share")
    for part in pace.cut(rows):
        rows_write(Complement, names, part, conflict=("product_id", "other_id"), update=("run_id", "log_lift", "share"))
    Complement.objects.exclude(run_id=run.pk).delete()

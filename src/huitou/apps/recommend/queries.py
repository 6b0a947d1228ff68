"""What is recommended to whom, and how the lists did on the past."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.privacy.outreach import PERSONAL, kept_out
from huitou.apps.products.queries import ProductCard, category_names, products_by_id
from huitou.apps.recommend.catalogue import catalogue
from huitou.apps.recommend.models import Complement, PersonNext, RecommendRun, Withheld
from huitou.apps.recommend.withheld import kept_back
from huitou.core.value import recommend as core
from huitou.core.value.recommend.history import Ints


@dataclass(frozen=True, slots=True)
class RepeatLine:
    """A product bought before: the chance (0..1) that it is in the next basket, and what that rests on."""

    product: ProductCard
    chance: float
    reason: str  # core.AgainReason
    times: int
    days_ago: int
    gap_days: float | None


@dataclass(frozen=True, slots=True)
class NewLine:
    """A product never bought; because: the one bought that speaks for it, with the lift of the two. margin 0..1."""

    product: ProductCard
    reason: str  # core.FreshReason
    because: ProductCard | None
    lift: float | None
    margin: float | None


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category and the chance that the next basket holds something of it."""

    category_id: int
    name: str
    chance: float


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Something this person is not recommended."""

    withheld_id: int
    name: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Next:
    """The lists of a person, as of the run's day, without what was kept back since."""

    run: RecommendRun
    again: tuple[RepeatLine, ...]
    fresh: tuple[NewLine, ...]
    categories: tuple[CategoryLine, ...]
    kept_back: tuple[KeptBack, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to offer with a basket: bought with `because` lift times as often as by chance. margin None: unknown."""

    product: ProductCard
    because: ProductCard
    lift: float
    margin: float | None


def run_in_force() -> RecommendRun | None:
    """Return the run that the stored lists come from; None before the first good one."""
    return RecommendRun.objects.filter(ended_at__isnull=False, refusal="").order_by("-pk").first()


def last_run() -> RecommendRun | None:
    """Return the newest ended run, a refused one too."""
    return RecommendRun.objects.filter(ended_at__isnull=False).order_by("-pk").first()


def person_next(viewer: Viewer, person_id: int, *, today: date, is_out: bool | None = None) -> Next | None:
    """
    Return the lists of a person in reach; None for a stranger, for somebody kept out by now and for somebody without lists.

    is_out: what the gate of outreach said of this person and PERSONAL on this day; None: it is asked here.
    """
    if is_out is None:
        is_out = bool(kept_out(PERSONAL, today=today, person_ids=[person_id]))
    if is_out:
        return None
    row = PersonNext.objects.filter(pk=person_id, person__in=persons_in_reach(viewer).filter(pk=person_id)).first()
    run = run_in_force()
    if row is None or run is None:
        return None
    again, fresh, categories = (json.loads(text) for text in (row.again, row.fresh, row.categories))
    named = products_by_id([one[0] for one in (*again, *fresh)] + [one[2] for one in fresh if one[2] is not None])
    products_of: dict[int, list[int]] = {}
    for product in named.values():
        products_of.setdefault(product.category_id, []).append(product.pk)
    kept = kept_back(products_of, on=today, person_id=person_id)
    hidden = set().union(*kept.everybody.values(), *kept.own.values())
    names = category_names()
    return Next(
        run=run,
        again=tuple(RepeatLine(named[one[0]], one[1], *one[2:]) for one in again if one[0] in named and one[0] not in hidden),
        fresh=tuple(
            NewLine(named[one[0]], one[1], named.get(one[2]), one[3], one[4])
            for one in fresh
            if one[0] in named and one[0] not in hidden
        ),
        categories=tuple(CategoryLine(one[0], names[one[0]], one[1]) for one in categories if one[0] in names),
        kept_back=_kept_back(person_id, names, today),
    )


def _kept_back(person_id: int, names: dict[int, str], today: date) -> tuple[KeptBack, ...]:
    rows = [one for one in Withheld.objects.filter(person_id=person_id).order_by("pk") if one.until is None or one.until >= today]
    products = products_by_id(one.product_id for one in rows if one.product_id is not None)
    found = []
    for one in rows:
        product = products.get(one.product_id or 0)
        found.append(KeptBack(one.pk, product.name if product else names.get(one.category_id or 0, ""), one.until))
    return tuple(found)


def basket_offers(product_ids: Collection[int], *, today: date, top: int = 5, margin_weight: float = 0.2) -> list[Offer]:
    """Return what goes with these products, best first; empty before the first run and for a basket of unknown things."""
    rows = Complement.objects.filter(product_id__in=set(product_ids)).order_by("product_id", "other_id")
    columns = list(zip(*rows.values_list("product_id", "other_id", "log_lift", "share"), strict=True))
    if not columns:
        return []
    one, other = (np.array(column, dtype=np.int64) for column in columns[:2])
    links = core.Links(one, other, *(np.array(column, dtype=np.float64) for column in columns[2:]))
    goods = catalogue()
    kept = kept_back(goods.products_of(), on=today)
    barred = _array(set().union(*kept.everybody.values())) if kept.everybody else goods.unnamed
    found = core.complements(
        links, _array(product_ids), top, margins=goods.margins, margin_weight=margin_weight,
        barred=np.concatenate((barred, goods.unnamed)),
    )  # fmt: skip
    named = products_by_id([*found.items.tolist(), *found.because.tolist()])
    lines = zip(found.items.tolist(), found.because.tolist(), found.lift.tolist(), found.margin.tolist(), strict=True)
    return [
        Offer(named[item], named[because], lift, None if np.isnan(margin) else margin)
        for item, because, lift, margin in lines
        if item in named and because in named
    ]


def _array(ids: Iterable[int]) -> Ints:
    return np.array(sorted(ids), dtype=np.int64)

"""What to offer: a person's lists, what goes with a basket, what is kept back from everybody."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from huitou.apps.base.clock import utc_now
from huitou.apps.customers.queries import person_id_in_reach
from huitou.apps.products.queries import product_ids_of
from huitou.apps.recommend import queries
from huitou.apps.recommend.models import Withholding
from huitou.apps.recommend.services import withheld_set
from huitou.core.periods import business_date
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.recommendations import (
    BasketIn,
    NextCategoryOut,
    NextNewOut,
    NextOut,
    NextRepeatOut,
    OfferOut,
    OffersOut,
    WithheldIn,
    WithheldOut,
)
from huitou.web.api.shared import PersonId, answers, caller_of

router = Router(tags=["recommendations"])
Top = Annotated[int, Query(ge=1, le=10)]


@router.get(
    "/customers/{person_id}/recommendations",
    response=answers(NextOut),
    auth=Guard("customer_recommendations"),
    url_name="customer_recommendations",
)
def customer_recommendations(request: HttpRequest, person_id: PersonId, top: Top = 10) -> NextOut:
    """Return what a customer buys again, what is new for them, and the next categories, best first, each with its reason."""
    viewer = caller_of(request).viewer
    alive = person_id_in_reach(viewer, person_id)
    found = None if alive is None else queries.person_next(viewer, alive, today=business_date(utc_now()))
    if alive is None or found is None:
        raise Problem(404, "there are no recommendations for such a person in reach")
    return NextOut(
        person_id=alive,
        as_of=found.run.as_of,
        again=[
            NextRepeatOut(
                product=one.product.code, name=one.product.name, chance=one.chance, reason=one.reason, times=one.times,
                days_ago=one.days_ago, gap_days=one.gap_days,
            )
            for one in found.again[:top]
        ],
        fresh=[
            NextNewOut(
                product=one.product.code, name=one.product.name, reason=one.reason,
                because=one.because.code if one.because else None, lift=one.lift,
            )
            for one in found.fresh[:top]
        ],
        categories=[NextCategoryOut(category_id=one.category_id, name=one.name, chance=one.chance) for one in found.categories],
    )  # fmt: skip


@router.post("/recommendations/basket", response=answers(OffersOut), auth=Guard("basket_offers"), url_name="basket_offers")
def basket_offers(request: HttpRequest, body: BasketIn) -> OffersOut:
    """Return what goes with a basket of product codes, with lift and margin. Unknown codes are named."""
    ids = product_ids_of(body.products)
    found = queries.basket_offers(
        list(ids.values()), today=business_date(utc_now()), top=body.top, margin_weight=body.margin_weight
    )
    return OffersOut(
        items=[
            OfferOut(
                product=one.product.code, name=one.product.name, because=one.because.code, lift=round(one.lift, 2),
                margin=one.margin,
            )
            for one in found
        ],
        unknown=sorted(set(body.products) - ids.keys()),
    )  # fmt: skip


@router.put("/recommendations/withheld", response=answers(WithheldOut), auth=Guard("withheld_put"), url_name="withheld_put")
def withheld_put(request: HttpRequest, body: WithheldIn) -> WithheldOut:
    """Stop recommending products to anybody (out of stock, off sale), for good or up to a day; said again, the day changes."""
    caller = caller_of(request)
    ids = product_ids_of(body.products)
    for product_id in ids.values():
        withheld_set(
            viewer=caller.viewer, reason=Withholding(body.reason), product_id=product_id, until=body.until, now=utc_now()
        )
    return WithheldOut(withheld=len(ids), unknown=sorted(set(body.products) - ids.keys()))

"""The demo's coupons: three kinds, one given to a segment, and what its holders did with it."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.queries import coupons_in_reach, has_kinds
from huitou.apps.benefits.services import Occasion, Sale, coupon_redeem, kind_save, run_begin, run_go_on
from huitou.apps.segments.queries import segments
from huitou.core.benefits.coupons import Basket, Caps, Effect, Terms
from huitou.core.periods import business_date
from huitou.demo.segments import RULES

_KINDS: tuple[tuple[str, str, Terms, Caps], ...] = (
    (
        "back-20", "回头券 满 100 减 20", Terms(Effect.AMOUNT, off_fen=2_000, minimum_fen=10_000, usable_days=30),
        Caps(person_most=1, budget_fen=2_000_000),
    ),
    (
        "new-5", "新客首单 减 5 元", Terms(Effect.AMOUNT, off_fen=500, minimum_fen=3_000, first_order_only=True, usable_days=14),
        Caps(person_most=1, day_most=200),
    ),
    (
        "pack-88", "回归礼包 单品类 88 折",
        Terms(Effect.PERCENT, off_share=Decimal("0.12"), most_off_fen=3_000, usable_days=30), Caps(person_most=3),
    ),
)  # fmt: skip
_USED_EVERY = 4  # one holder in four used it
_BASKETS_FEN = (10_240, 13_680, 18_650, 26_900)


@transaction.atomic  # killed in the middle, the next start begins again
def coupons_make(*, owner_id: int, role_code: str, now: datetime) -> None:
    """Set up the kinds and give the first one to the first of the demo's segments, unless there are kinds or it is gone."""
    segment = segments().filter(name=RULES[0][0]).first()
    if segment is None or has_kinds():
        return
    viewer = Viewer(owner_id, role_code, None)
    kinds = [
        kind_save(kind_id=None, code=code, name=name, terms=terms, caps=caps, is_on=True, by=owner_id, now=now)
        for code, name, terms, caps in _KINDS
    ]
    given_at = now - timedelta(minutes=1)
    run = run_begin(
        viewer=viewer, kind_id=kinds[0].pk, segment_id=segment.pk, occasion=Occasion.GIFT,
        run_key="demo", now=given_at,
    )  # fmt: skip
    run_go_on(run_id=run.pk, now=given_at, progress=lambda _done, _total: None)
    day = business_date(now).strftime("%Y%m%d")
    for number, coupon in enumerate(list(coupons_in_reach(viewer).filter(batch__run_id=run.pk).order_by("pk"))[::_USED_EVERY]):
        sale = Sale(f"{day}-{number:04d}", "online", None, Basket(_BASKETS_FEN[number % len(_BASKETS_FEN)]))
        assert coupon.person_id is not None
        assert coupon.code is not None
        coupon_redeem(viewer=viewer, person_id=coupon.person_id, code=coupon.code, sale=sale, now=now)

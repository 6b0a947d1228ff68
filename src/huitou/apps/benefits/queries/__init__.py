"""Reads of the benefits app; every one for a screen or an interface takes the viewer and is cut to the viewer's reach."""

from huitou.apps.benefits.queries.balance import Balance, balance
from huitou.apps.benefits.queries.counter import PersonStanding, person_standing, usable_coupons
from huitou.apps.benefits.queries.coupons import (
    coupon_count,
    coupon_page,
    coupons_in_reach,
    coupons_of,
    issuable_kinds,
    kind_count,
    kind_page,
    last_uses,
)

__all__ = [
    "Balance",
    "PersonStanding",
    "balance",
    "coupon_count",
    "coupon_page",
    "coupons_in_reach",
    "coupons_of",
    "issuable_kinds",
    "kind_count",
    "kind_page",
    "last_uses",
    "person_standing",
    "usable_coupons",
]

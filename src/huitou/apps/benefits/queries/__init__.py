"""Reads of the benefits app; every one for a screen or an interface takes the viewer and is cut to the viewer's reach."""

from huitou.apps.benefits.queries.balance import Balance, balance
from huitou.apps.benefits.queries.counter import PersonStanding, person_standing, usable_coupons
from huitou.apps.benefits.queries.coupons import (
    coupon_count,
    coupon_history,
    coupon_page,
    coupon_place,
    coupons_in_reach,
    coupons_of,
    has_kinds,
    issuable_kinds,
    kind_count,
    kind_page,
    kind_place,
    last_uses,
)
from huitou.apps.benefits.queries.runs import RunEstimate, issue_run, issue_runs, run_estimate, run_is_dead, run_standing

__all__ = [
    "Balance",
    "PersonStanding",
    "RunEstimate",
    "balance",
    "coupon_count",
    "coupon_history",
    "coupon_page",
    "coupon_place",
    "coupons_in_reach",
    "coupons_of",
    "has_kinds",
    "issuable_kinds",
    "issue_run",
    "issue_runs",
    "kind_count",
    "kind_page",
    "kind_place",
    "last_uses",
    "person_standing",
    "run_estimate",
    "run_is_dead",
    "run_standing",
    "usable_coupons",
]

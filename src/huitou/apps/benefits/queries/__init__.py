"""Reads of the benefits app; every one for a screen or an interface takes the viewer and is cut to the viewer's reach."""

from huitou.apps.benefits.queries.balance import Balance, balance
from huitou.apps.benefits.queries.counter import PersonStanding, person_standing, usable_coupons

__all__ = ["Balance", "PersonStanding", "balance", "person_standing", "usable_coupons"]

"""Writes of the benefits app."""

from huitou.apps.benefits.models import Occasion
from huitou.apps.benefits.services.issue import IssueRefused, coupon_issue, coupon_withdraw, coupons_issue
from huitou.apps.benefits.services.kinds import NAME_LONGEST, kind_save
from huitou.apps.benefits.services.packs import RETURN_PACK_COUPONS, coupons_give, return_pack_issue
from huitou.apps.benefits.services.redeem import Redemption, Sale, coupon_redeem, coupon_return
from huitou.apps.benefits.services.runs import OCCASIONS as RUN_OCCASIONS
from huitou.apps.benefits.services.runs import (
    run_begin,
    run_end,
    run_go_on,
    run_resume,
    run_withdraw,
    withdraw_go_on,
)

__all__ = [
    "NAME_LONGEST",
    "RETURN_PACK_COUPONS",
    "RUN_OCCASIONS",
    "IssueRefused",
    "Occasion",
    "Redemption",
    "Sale",
    "coupon_issue",
    "coupon_redeem",
    "coupon_return",
    "coupon_withdraw",
    "coupons_give",
    "coupons_issue",
    "kind_save",
    "return_pack_issue",
    "run_begin",
    "run_end",
    "run_go_on",
    "run_resume",
    "run_withdraw",
    "withdraw_go_on",
]

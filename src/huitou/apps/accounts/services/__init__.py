"""Writes of the accounts app, one file per action."""

from huitou.apps.accounts.services.preferences_set import UnknownPreference, preferences_set
from huitou.apps.accounts.services.region_reach import region_reach_refresh
from huitou.apps.accounts.services.second_factor import (
    CodeRefused,
    SetupMissing,
    code_check,
    second_factor_confirm,
    second_factor_offer,
    second_factor_remove,
)
from huitou.apps.accounts.services.user_save import user_save
from huitou.apps.accounts.services.user_switch import OwnAccount, user_switch

__all__ = [
    "CodeRefused", "OwnAccount", "SetupMissing", "UnknownPreference", "code_check", "preferences_set", "region_reach_refresh",
    "second_factor_confirm", "second_factor_offer", "second_factor_remove", "user_save", "user_switch",
]  # fmt: skip

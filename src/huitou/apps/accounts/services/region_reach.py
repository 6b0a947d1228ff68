"""Let a region manager's reach follow the stores of the region."""

from collections.abc import Iterable, Mapping

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import REGION_ROLES


def region_reach_refresh(stores_of: Mapping[str, Iterable[int]]) -> int:
    """
    Give every region manager the stores of their regions; return how many had others before.

    stores_of: all stores of every region, by region code. A region that has none any more leads to nobody.
    """
    changed = 0
    for user in User.objects.filter(role_code__in=[role.value for role in REGION_ROLES]).exclude(region_codes=[]):
        wanted = sorted({store for code in user.region_codes for store in stores_of.get(code, ())})
        if wanted != user.store_ids:
            user.store_ids = wanted
            user.save(update_fields=["store_ids"])
            changed += 1
    return changed

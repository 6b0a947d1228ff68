"""Hand out the requests of a minute to the processes that serve them."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from huitou.apps.gateway.models import RateWindow


@transaction.atomic
def rate_take(*, name: str, minute: datetime, share: int, most: int) -> int:
    """
    Take up to `share` of the requests that a caller has in this minute; return how many, 0 when `most` are gone.

    A conditional update: however many processes ask at once, together they never get more than `most`.
    """
    row, _is_new = RateWindow.objects.get_or_create(name=name[:64], minute=minute)
    for wanted in (share, 1):
        if RateWindow.objects.filter(pk=row.pk, used__lte=most - wanted).update(used=F("used") + wanted):
            return wanted
    return 0

"""Notice when a source brings an identifier of an erased person again."""

from collections.abc import Collection
from datetime import datetime

from huitou.apps.base.bulk import row_newest
from huitou.apps.privacy.models import Suppression


def reimports_flag(value_hashes: Collection[int], *, now: datetime) -> int:
    """Mark suppressed values among freshly landed ones (keyed hashes); return how many were marked for the first time."""
    if not value_hashes or row_newest(Suppression, ("pk",)) is None:
        return 0
    return Suppression.objects.filter(value_hash__in_list=value_hashes, reimported_at=None).update(reimported_at=now)

"""
The lifecycle stage of a person (R2, R4): new, active or dormant on a day. Days are business dates.

new: no purchase yet, or the first one at most 30 days ago · dormant: the last one 90 days ago or more · active: the rest.
Days are counted from the purchase to as_of: bought yesterday is 1. A purchase after as_of counts as made that day.
"""

from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

NEW_DAYS = 30  # the first purchase at most this long ago
DORMANT_DAYS = 90  # the last purchase at least this long ago

Days = npt.NDArray[np.datetime64]


class Stage(StrEnum):
    """Stored codes."""

    NEW = "new"
    ACTIVE = "active"
    DORMANT = "dormant"


def stage(first_date: date | None, last_date: date | None, *, as_of: date) -> Stage:
    """
    Return the stage of one person from the dates of the first and last purchase (both None: none yet).

    Raises ValueError when only one is given or the first lies after the last.
    """
    if (first_date is None) != (last_date is None):
        raise ValueError(f"need both purchase dates or none: {first_date=} {last_date=}")
    if first_date is None or last_date is None:
        return Stage.NEW
    if first_date > last_date:
        raise ValueError(f"the first purchase {first_date} lies after the last {last_date}")
    if (as_of - first_date).days <= NEW_DAYS:
        return Stage.NEW
    return Stage.DORMANT if (as_of - last_date).days >= DORMANT_DAYS else Stage.ACTIVE


def stages(first_dates: Days, last_dates: Days, *, as_of: date) -> npt.NDArray[np.str_]:
    """
    Return the stage code of many persons; NaT means no purchase. Shapes (n,) in, (n,) out; empty gives empty.

    Raises ValueError under the same conditions as `stage`.
    """
    first, last = first_dates.astype("datetime64[D]"), last_dates.astype("datetime64[D]")
    if first.shape != last.shape or (np.isnat(first) != np.isnat(last)).any() or (first > last).any():
        raise ValueError("need first and last purchase dates in pairs, the first not after the last")
    today = np.datetime64(as_of, "D")
    is_new = np.isnat(first) | (today - first <= np.timedelta64(NEW_DAYS, "D"))
    is_dormant = ~is_new & (today - last >= np.timedelta64(DORMANT_DAYS, "D"))
    return np.select([is_new, is_dormant], [Stage.NEW.value, Stage.DORMANT.value], Stage.ACTIVE.value)

"""
Pages of a large list whose rows lie far down its order while many match: too far to be walked to, too many to be sorted.

Every match stands in the lists of ids that its related tables give (`narrowing_ids`). Such a list and a long stretch of the
order are each one value of one row, so that hundreds of thousands of ids are compared here in the time in which the database
looks up some thousands of rows; only those in both are asked for at all.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from huitou.apps.base.bulk import chunked, ids_at_once
from huitou.apps.base.listing import Cursor
from huitou.apps.base.walked_parts import Part

_STRETCH = 100_000  # ids of the order looked at in one step
_ASKED = 1_000  # of those that may match, in one statement
_MOST_ASKED = 20_000
_MOST_LISTED = 1_000_000  # ids of one list that are held at once, some hundred bytes each


def far_ids(
    rows: QuerySet[Any],
    lists: Sequence[QuerySet[Any]],
    parts: Iterable[Part],
    cursor: Cursor | None,
    limit: int,
    *,
    descending: bool,
) -> list[int] | None:
    """
    Return the ids of up to `limit` of the rows from the cursor on, in the order of reading; None where this is not the way.

    lists: of ids; a row in `rows` stands in all of them, so those too long to be read may be left out. parts: of the order, the
    one that holds the cursor first.
    """
    read = [frozenset(ids) for one in lists if len(ids := ids_at_once(one[: _MOST_LISTED + 1])) <= _MOST_LISTED]
    if not read:
        return None
    may_match = frozenset[int].intersection(*read)
    backward = cursor is not None and cursor.backward
    found: list[int] = []
    asked = 0
    for part in parts:
        position = cursor if part.holds(cursor) else None
        while may_match and (ids := part.ids(position, _STRETCH, descending=descending)):
            for some in chunked((row_id for row_id in ids if row_id in may_match), _ASKED):
                those = set(rows.filter(id__in_list=some).order_by().values_list("id", flat=True))
                found += [row_id for row_id in some if row_id in those]
                asked += len(some)
                if len(found) >= limit:
                    return found[:limit]
                if asked >= _MOST_ASKED:
                    return None
            if len(ids) < _STRETCH:
                break
            position = part.place(ids[-1], backward=backward)
            if position is None:
                return None
    return found

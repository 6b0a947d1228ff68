"""
Pages of a large list whose rows lie far down its order, and counts of few rows among many: by the lists of ids that related
tables give (`narrowing_ids`), since every match stands in all of those.

Both the order and such a list lie in an index of their own, so the database passes hundreds of thousands of ids in the time in
which it looks up some thousands of rows; only those in all of them are looked up at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet

from huitou.apps.base.bulk import ids_at_once
from huitou.apps.base.listing import Cursor
from huitou.apps.base.walked_parts import Part

_ASKED = 1_000  # of those that may match, in one statement
_MOST_ASKED = 20_000


def far_ids(
    rows: QuerySet[Any],
    lists: Sequence[QuerySet[Any]],
    parts: Iterable[Part],
    cursor: Cursor | None,
    limit: int,
    *,
    barred: Sequence[QuerySet[Any]] = (),
    descending: bool,
) -> list[int] | None:
    """
    Return the ids of up to `limit` of the rows from the cursor on, in the order of reading; None where this is not the way.

    lists: of ids; a row in `rows` stands in all of them, and in none of those barred. parts: of the order, the one that holds
    the cursor first.
    """
    backward = cursor is not None and cursor.backward
    found: list[int] = []
    asked = 0
    for part in parts:
        listed = replace(part, rows=_among(part.rows, part.id, lists, barred))
        position = cursor if part.holds(cursor) else None
        size = _ASKED
        while keys := listed.keys(position, size, descending=descending):
            for start in range(0, len(keys), _ASKED):
                ids = [row_id for _, row_id in keys[start : start + _ASKED]]
                those = set(rows.filter(id__in_list=ids).order_by().values_list("id", flat=True))
                found += [row_id for row_id in ids if row_id in those]
                if len(found) >= limit:
                    return found[:limit]
            asked += len(keys)
            if asked >= _MOST_ASKED:
                return None
            if len(keys) < size:
                break
            position = Cursor(*keys[-1], backward)
            # All the others at once: the database builds the lists anew with each statement.
            size = max(_ASKED, _MOST_ASKED - asked)
    return found


def listed_ids(lists: Sequence[QuerySet[Any]], most: int) -> list[int] | None:
    """Return the ids that stand in all of the lists, at least one, in no order; None for more than `most`."""
    first, *others = lists
    (name,) = first.query.values_select
    found = ids_at_once(_among(first, name, others).order_by()[: most + 1])
    return found if len(found) <= most else None


def reached_ids(reach: QuerySet[Any], ids: Sequence[int]) -> list[int]:
    """
    Return those of the ids that stand in reach, in no order.

    The reach lies in an index that is many rows to a page; the rows themselves, by their ids, are a page each.
    """
    listed = _walked(reach, "id").filter(walked__in_list=frozenset(ids))
    return ids_at_once(listed.order_by().values_list("id", flat=True))


def _among(rows: QuerySet[Any], name: str, lists: Iterable[QuerySet[Any]], barred: Iterable[QuerySet[Any]] = ()) -> QuerySet[Any]:
    """Return the rows whose `name` stands in all of the lists and in none of those barred."""
    walked = _walked(rows, name)
    for ids in lists:
        walked = walked.filter(walked__in=ids)
    for ids in barred:
        walked = walked.exclude(walked__in=ids)
    return walked


def _walked(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    """
    Return the rows with their `name` as `walked`.

    A sum instead of the column: a planner that saw the column would begin at a list of ids, look up its rows and sort them.
    """
    walked: QuerySet[Any] = rows.alias(walked=ExpressionWrapper(F(name) + 0, output_field=BigIntegerField()))
    return walked

"""What persons spent before a day and from it on, over equally many days."""

from collections.abc import Collection
from datetime import date, timedelta

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.core.distinct import distinct
from huitou.warehouse.scope import Scope, scope_sql

Ints = npt.NDArray[np.int64]


def spend_change(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_ids: Collection[int], since: date, as_of: date
) -> tuple[Ints, Ints]:
    """
    Return net fen from `since` to as_of (both included) and of as many days before, in the order of the rising ids.

    Who bought nothing has 0. A return counts on the day of its sale, as everywhere (net orders).
    """
    ids = distinct(np.fromiter(person_ids, dtype=np.int64, count=len(person_ids)))
    days = (as_of - since).days + 1
    condition, parameters = scope_sql(scope, "o.store_id")
    rows = cursor.execute(
        f"""select m.person_id::bigint as person_id,
                coalesce(sum(o.net_fen) filter (o.d >= ?), 0)::bigint as after_fen,
                coalesce(sum(o.net_fen) filter (o.d < ?), 0)::bigint as before_fen
            from orders as o inner join map as m on o.record_id = m.record_id
            where o.d >= ? and o.d <= ? and m.person_id in (select unnest(?::bigint[])) and {condition}
            group by 1""",
        [since, since, since - timedelta(days), as_of, ids.tolist(), *parameters],
    ).fetchnumpy()
    after, before = np.zeros(ids.size, dtype=np.int64), np.zeros(ids.size, dtype=np.int64)
    at = np.searchsorted(ids, np.asarray(rows["person_id"], dtype=np.int64))
    after[at], before[at] = rows["after_fen"], rows["before_fen"]
    return after, before

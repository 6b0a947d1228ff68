"""
The persons a tail touched, as arrays: what they bought is what the base's arrays say without the orders the tail recomputed,
and those orders from the tail. Nothing big is read again for each of a day's many tails.
"""

import duckdb
import numpy as np

from huitou.core.filters.plan import Happened
from huitou.core.filters.tree import Measure
from huitou.warehouse.panel import Ints, Part, Source, Stream, in_order


class TailPart(Part):
    """
    The persons of a tail's facts. `base` is the part of the base it stands on.

    Persons who lost or got a record of the base are read through the overlay, like what a tail does not hold whole (lines) and
    what does not add up order by order (days).
    """

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, source: Source, *, base: Part, tail_alias: str, base_alias: str
    ) -> None:
        super().__init__(cursor, source)
        self._base = base
        self._tables = {"orders": f"{tail_alias}.t_orders", "order_category": f"{tail_alias}.t_order_category", "lines": ""}
        self._touched_orders = _ints(cursor, f"select net_order_id from {tail_alias}.touched_order order by 1")
        moved = f"""
            select person_id from {base_alias}.map where record_id in (select record_id from {tail_alias}.touched_record)
            union select person_id from {tail_alias}.t_map
                where record_id in (select record_id from {base_alias}.map)"""
        self._moved = _ints(cursor, f"select person_id from ({moved}) as moved order by 1")

    def _read_stream(self, cursor: duckdb.DuckDBPyConnection, leaf: Happened) -> Stream:
        if leaf.measure is Measure.DAYS or any(name == "product" for name, _values in leaf.among):
            return in_order([self._selected(cursor, leaf, records=self.records_of(self.person_ids))])
        streams = [self._untouched(self._base.stream(cursor, leaf)), self._recomputed(cursor, leaf)]
        if self._moved.size:
            streams.append(self._selected(cursor, leaf, records=self.records_of(self._moved)))
        return in_order(streams)

    def _untouched(self, stream: Stream) -> Stream:
        """Return the base's entries of the touched persons whose records stayed, without the orders the tail has."""
        places = np.searchsorted(self.person_ids, self._base.person_ids)
        places[places == self.size] = 0
        mine = self.person_ids[places] == self._base.person_ids if self.size else np.zeros(self._base.size, np.bool_)
        mine &= ~self._base.members(self._moved)
        chosen = stream.chosen(np.flatnonzero(mine[stream.ordinals]))
        chosen = chosen.chosen(~np.isin(chosen.orders, self._touched_orders))
        return Stream(places[chosen.ordinals].astype(np.int32), chosen.days, chosen.orders, chosen.amounts)

    def _recomputed(self, cursor: duckdb.DuckDBPyConnection, leaf: Happened) -> Stream:
        """Return the tail's own orders of the persons whose records stayed."""
        stream = self._selected(cursor, leaf, tables=self._tables)
        return stream.chosen(~self.members(self._moved)[stream.ordinals])


def _ints(cursor: duckdb.DuckDBPyConnection, sql: str) -> Ints:
    return np.asarray(next(iter(cursor.execute(sql).fetchnumpy().values())), dtype=np.int64)

"""What a build or a fold is made of besides the landing, read at one moment, so that both can be made of the same."""

from dataclasses import dataclass

import pyarrow as pa

from huitou.apps.identity.handover import erased_record_ids
from huitou.apps.identity.queries import MAP_SCHEMA, current_map_seq, map_changes_since, record_map
from huitou.apps.intake.backlog import ready_batch_ids
from huitou.apps.products.queries import category_table, product_table, store_table
from huitou.warehouse.dimensions import Dims

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    Batches that a version may hold, dimensions, erased records, and who is who as of change number map_seq.

    record_map is empty unless a base was to be built of it, map_changes unless a fold was.
    """

    batch_ids: frozenset[int]
    dims: Dims
    record_map: pa.Table
    map_changes: pa.Table
    map_seq: int
    erased_record_ids: list[int]


def inputs_read(*, for_base: bool = False, changes_since: int | None = None) -> Inputs:
    """
    Read what a base, and what a fold onto a base of change number `changes_since`, is made of.

    A lock on the map would stop identity for seconds, so a map that changed meanwhile is read again, a few times at most.
    After that it may hold more than map_seq says; the next fold takes that in once more, and nothing is lost.
    """
    batch_ids = ready_batch_ids()  # first: the records, products and stores of these are known
    dims = Dims(stores=store_table(), products=product_table(), categories=category_table())
    nobody = MAP_SCHEMA.empty_table()
    for _ in range(_ATTEMPTS):
        map_seq = current_map_seq()
        whole = record_map() if for_base else nobody
        changes = nobody if changes_since is None else map_changes_since(changes_since)[0]
        erased = erased_record_ids()
        if current_map_seq() == map_seq:
            break
    return Inputs(batch_ids, dims, whole, changes, map_seq, erased)

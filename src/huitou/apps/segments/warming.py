"""
Read what the builder will ask while its page is still being looked at, so that the first count waits for no scan.

The operations database is asked before the thread begins; the thread itself reads the analytical store alone.
"""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import date

import duckdb

from huitou.apps.base.storage import warehouse
from huitou.apps.segments.catalogue import CHAIN_VIEWER, segment_catalogue
from huitou.apps.segments.counting import Desk, desk_here
from huitou.apps.segments.models import Segment, SegmentVersion
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.filters.json_form import FilterError, parse
from huitou.core.filters.plan import Compare, Comparison, Leaf, leaves, plan
from huitou.core.labels import Label
from huitou.warehouse.panel import PART_BYTES, is_answered
from huitou.warehouse.reader import NothingPublished, Warehouse

WARM_BYTES = PART_BYTES * 4 // 5  # the rest is for what is really asked
_PAUSE = 0.002  # lets a count in between two reads
_ALWAYS = tuple(  # columns: of every preview, and of the commonest conditions
    Compare(Field(name, Label(name, name), FieldType.INTEGER, sql_column=name), Comparison.PRESENT, ())
    for name in ("net_365d_fen", "main_store_id", "last_date", "orders_count")
)

log = logging.getLogger(__name__)


def warm_up() -> threading.Thread | None:
    """
    Begin to read for the version published now, and return the thread.

    Read are what the saved segments ask and what was asked on the base before. None where this process has begun already, or
    nothing is published.
    """
    store, desk = warehouse(), desk_here()
    try:
        with store.read() as reading:
            number, as_of = reading.version.number, reading.as_of
    except NothingPublished:
        return None
    if not desk.begins(number):
        return None
    thread = threading.Thread(
        target=_read, args=(store, desk, tuple(_asked(as_of))), name=f"segments of version {number}", daemon=True
    )
    thread.start()
    return thread


def _asked(as_of: date) -> Iterator[Leaf]:
    """Return what the rules in force ask of the analytical store; a rule that names what is gone asks nothing."""
    catalogue = segment_catalogue(CHAIN_VIEWER)
    in_force = dict(Segment.objects.filter(archived_at=None).values_list("pk", "version_number"))
    rules = SegmentVersion.objects.filter(segment_id__in=list(in_force)).order_by("-pk")
    for segment_id, number, rule in rules.values_list("segment_id", "number", "rule"):
        if in_force[segment_id] != number:
            continue
        try:
            found = leaves(plan(parse(rule, catalogue), catalogue, as_of=as_of))
        except FilterError:
            continue
        yield from (leaf for leaf in found if is_answered(leaf))


def _read(store: Warehouse, desk: Desk, asked: tuple[Leaf, ...]) -> None:
    try:
        with store.read() as reading:
            population = desk.populations.at(reading)
            for leaf in (*_ALWAYS, *asked, *desk.populations.former):
                if population.base.nbytes > WARM_BYTES:
                    break
                population.load(reading.cursor, leaf)
                time.sleep(_PAUSE)
    except (NothingPublished, OSError, duckdb.Error) as error:  # the store was closed or moved: the next count reads for itself
        log.info("the segments were not warmed: %s", type(error).__name__)

"""
Bring the operations database to the version readers see: only what changed, in short transactions, the mark of the version last.

The difference is taken against what was published, not against the build before: a publish that was lost is made up by the
next. One that was cut short left some rows newer than its mark; then the stored rows themselves are compared.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from huitou.apps.base import hooks, leases
from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import FactsPublished, Hook
from huitou.apps.base.pace import Pace
from huitou.apps.base.planner import statistics_refresh
from huitou.apps.base.storage import layout
from huitou.apps.builds.models import PublishState
from huitou.apps.builds.services.versions import WAREHOUSE_LEASE, Published, settle
from huitou.apps.customers.queries import stored_facts
from huitou.apps.customers.services import FactsTable, facts_delete, facts_write, home_stores_write
from huitou.apps.identity.handover import registration_stores
from huitou.warehouse.facts_schema import COLUMNS
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.changes import FactChanges, Row, changed_facts
from huitou.warehouse.result import Progress
from huitou.warehouse.switch import Version

READ_ROWS = 20_000
FULL_LOAD_SHARE = 0.25  # of all persons; past it a new table is quicker than so many updates
FULL_LOAD_FROM = 20_000  # rows; a small chain is updated in place whatever share changed
SWAP_PAUSE_SECONDS = 0.2
_MAIN_STORE = COLUMNS.index("main_store_id")


class Way(StrEnum):
    """How the stored facts were brought to a version."""

    CHANGES = "changes"  # two versions compared
    COMPARE = "compare"  # the stored rows compared, after a publish that was cut short
    FULL = "full"  # a new table


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What one publish wrote."""

    version: int
    way: Way
    written: int
    deleted: int
    seconds: float


def publish_run(*, now: datetime, progress: Progress | None = None) -> PublishResult | None:
    """Publish the version readers see; None when it is published already. Raises LeaseTaken while a fold or base is at work."""
    where = layout()
    with leases.hold(WAREHOUSE_LEASE) as lease:
        published = settle(where, now)
        return None if published is None else facts_publish(where, published, lease=lease, now=now, progress=progress)


def facts_publish(
    where: Layout, published: Published, *, lease: leases.Held, now: datetime, progress: Progress | None = None
) -> PublishResult | None:
    """
    Publish under a lease that is held already, and let the apps below follow; None when there is nothing to publish.

    They are called either way: one that was cut short after an earlier publish catches up.
    """
    result = _publish(where, published, lease, now, progress)
    if result is not None:
        statistics_refresh()
    hooks.run(Hook.FACTS_PUBLISHED, FactsPublished(published.version.number, published.as_of, now))
    return result


def _publish(
    where: Layout, published: Published, lease: leases.Held, now: datetime, progress: Progress | None
) -> PublishResult | None:
    state, _ = PublishState.objects.get_or_create(pk=1)
    version = published.version
    if state.published_version == version.number and state.writing_version is None:
        return None
    started = time.monotonic()
    since = _comparable(where, state)
    is_first = state.published_version is None and state.writing_version is None
    PublishState.objects.filter(pk=1).update(writing_version=version.number)
    with changed_facts(where, version, before=since or stored_facts()) as diff:
        is_full = diff.changed > max(FULL_LOAD_FROM, FULL_LOAD_SHARE * diff.total)
        way = Way.FULL if is_full else (Way.CHANGES if since is not None else Way.COMPARE)
        work = _Work(diff, published, way, lease, now, progress, follows_returns=not is_first, pace=Pace())
        work.full() if is_full else work.in_place()
        return PublishResult(version.number, way, work.written, len(diff.gone), round(time.monotonic() - started, 3))


def _comparable(where: Layout, state: PublishState) -> Version | None:
    """Return the version that the stored rows equal, if that is certain and its files are still there."""
    if state.writing_version is not None or state.published_version is None or state.published_base is None:
        return None
    since = Version(state.published_version, state.published_base, state.published_tail)
    return since if all(path.exists() for path in since.files(where)) else None


@dataclass(slots=True)
class _Work:
    diff: FactChanges
    published: Published
    way: Way
    lease: leases.Held
    now: datetime
    progress: Progress | None
    follows_returns: bool  # whether somebody's last order may have gone, so that the home store goes back to the registration
    pace: Pace
    written: int = 0

    def in_place(self) -> None:
        for rows in self._paced(self.diff.changed_rows(READ_ROWS), self.diff.changed):
            facts_write(rows)
            self._homes_without_orders(rows)
        for ids in chunked(self.diff.gone, self.pace.rows):
            self.lease.check()
            facts_delete(ids)
        self.lease.check()
        self._mark()

    def full(self) -> None:
        table = FactsTable()
        for rows in self._paced(self.diff.all_rows(READ_ROWS), self.diff.total):
            table.add(rows)
            self._homes_without_orders(rows)
        self.lease.check()
        table.swap(also=self._mark, pause=lambda: time.sleep(SWAP_PAUSE_SECONDS))

    def _paced(self, chunks: Iterable[list[Row]], total: int) -> Iterator[list[Row]]:
        for rows in self.pace.cut(chain.from_iterable(chunks)):
            self.lease.check()
            self.written += len(rows)
            if self.progress:
                self.progress("publish", self.written, total)
            yield rows

    def _homes_without_orders(self, rows: list[Row]) -> None:
        without = [row[0] for row in rows if row[_MAIN_STORE] is None] if self.follows_returns else []
        if without:
            home_stores_write(registration_stores(without))

    def _mark(self) -> None:
        """The version is published from this transaction on."""
        version = self.published.version
        PublishState.objects.filter(pk=1).update(
            published_version=version.number,
            published_base=version.base,
            published_tail=version.tail,
            as_of=self.published.as_of,
            published_at=self.now,
            writing_version=None,
            rows_written=self.written,
            rows_deleted=len(self.diff.gone),
            way_code=self.way,
        )

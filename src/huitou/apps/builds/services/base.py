"""The nightly base: rebuild everything from landing, prove that the fold gave the same, switch, publish."""

from datetime import date, datetime, timedelta

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.storage import layout
from huitou.apps.builds.models import Build, BuildKind
from huitou.apps.builds.services.compare import comparison_record
from huitou.apps.builds.services.fold import base_under, tail_begin, tail_build
from huitou.apps.builds.services.inputs import Inputs, inputs_read
from huitou.apps.builds.services.intake import intake_run
from huitou.apps.builds.services.publish import facts_publish
from huitou.apps.builds.services.versions import (
    WAREHOUSE_LEASE,
    Published,
    build_begin,
    build_made,
    build_publish,
    settle,
)
from huitou.core.periods import business_date
from huitou.warehouse.base.build import build_base
from huitou.warehouse.checks import ChecksFailed
from huitou.warehouse.layout import Layout
from huitou.warehouse.result import BuildResult, Progress
from huitou.warehouse.switch import sweep


def base_run(*, now: datetime, progress: Progress | None = None, compare: bool = True) -> Build:
    """
    Seal and apply what waits, rebuild the base, compare it with the fold, switch and publish; return the base's build.

    A failed blocking check raises ChecksFailed and leaves the old version with the readers. A fold that differs from the
    rebuild, or fails its own checks, is recorded, and the rebuild wins. Raises LeaseTaken while a fold or another base is
    at work.
    """
    intake_run(now=now)
    where = layout()
    with leases.hold(WAREHOUSE_LEASE) as lease:
        before = settle(where, now)
        sweep(where)
        as_of = next_as_of(before, now)
        old_base = base_under(where, before) if compare and before is not None else None
        inputs = inputs_read(for_base=True, changes_since=None if old_base is None else old_base.map_seq)
        folded = None if old_base is None else _folded(where, old_base, inputs, as_of=as_of, now=now)
        build, result = base_build(where, inputs, as_of=as_of, now=now, progress=progress)
        if folded is not None:
            comparison_record(where, fold=folded[0], folded=folded[1], rebuilt=result, now=utc_now())
        lease.check()
        published = build_publish(where, result, now)
        facts_publish(where, published, lease=lease, now=now, progress=progress)
    build.refresh_from_db()
    return build


def _folded(where: Layout, base: Published, inputs: Inputs, *, as_of: date, now: datetime) -> tuple[Build, BuildResult | None]:
    """Fold what the rebuild is compared with; without a result where the fold does not add up: the rebuild is its cure."""
    fold = tail_begin(where, base, inputs, as_of=as_of, now=now)
    try:
        return fold, tail_build(where, fold, base, inputs)
    except ChecksFailed:
        return fold, None


def next_as_of(before: Published | None, now: datetime) -> date:
    """Return the last finished business day; windows never move back."""
    yesterday = business_date(now) - timedelta(days=1)
    return yesterday if before is None else max(yesterday, before.as_of)


def base_build(
    where: Layout, inputs: Inputs, *, as_of: date, now: datetime, progress: Progress | None = None
) -> tuple[Build, BuildResult]:
    """Build a base of every applied batch; nothing is switched. Raises what the build raises."""
    build = build_begin(where, BuildKind.BASE, base=None, as_of=as_of, added=inputs.batch_ids, now=now)
    result = build_made(
        build,
        lambda: build_base(
            where,
            number=build.number,
            batch_ids=inputs.batch_ids,
            record_map=inputs.record_map,
            dims=inputs.dims,
            as_of=as_of,
            map_seq=inputs.map_seq,
            erased_record_ids=inputs.erased_record_ids,
            progress=progress,
        ),
    )
    return build, result

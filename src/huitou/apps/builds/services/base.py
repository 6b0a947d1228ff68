"""The nightly base: rebuild everything from landing, prove that the fold gave the same, switch, publish."""

from datetime import date, datetime, timedelta

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.storage import layout
from huitou.apps.builds.models import Build, BuildKind
from huitou.apps.builds.services.compare import comparison_record
from huitou.apps.builds.services.fold import tail_build
from huitou.apps.builds.services.inputs import dimensions
from huitou.apps.builds.services.intake import intake_run
from huitou.apps.builds.services.publish import facts_publish
from huitou.apps.builds.services.versions import (
    WAREHOUSE_LEASE,
    Published,
    build_begin,
    build_end,
    build_fail,
    build_publish,
    settle,
)
from huitou.apps.identity.handover import erased_record_ids
from huitou.apps.identity.queries import current_map_seq, record_map
from huitou.apps.intake.backlog import ready_batch_ids
from huitou.core.periods import business_date
from huitou.warehouse.base.build import build_base
from huitou.warehouse.layout import Layout
from huitou.warehouse.result import BuildResult, Progress
from huitou.warehouse.switch import sweep


def base_run(*, now: datetime, progress: Progress | None = None, compare: bool = True) -> Build:
    """
    Seal and apply what waits, rebuild the base, compare it with the fold, switch and publish; return the base's build.

    A failed blocking check raises ChecksFailed and leaves the old version with the readers. A fold that differs from the
    rebuild is recorded, and the rebuild wins. Raises LeaseTaken while a fold or another base is at work.
    """
    intake_run(now=now)
    where = layout()
    with leases.hold(WAREHOUSE_LEASE) as lease:
        before = settle(where, now)
        sweep(where)
        as_of = next_as_of(before, now)
        folded = tail_build(where, before, as_of=as_of, now=now)[1] if compare and before is not None else None
        build, result = base_build(where, as_of=as_of, now=now, progress=progress)
        if folded is not None:
            comparison_record(where, folded=folded, rebuilt=result, now=utc_now())
        lease.check()
        published = build_publish(where, result, now)
        facts_publish(where, published, lease=lease, now=now, progress=progress)
    build.refresh_from_db()
    return build


def next_as_of(before: Published | None, now: datetime) -> date:
    """Return the last finished business day; windows never move back."""
    yesterday = business_date(now) - timedelta(days=1)
    return yesterday if before is None else max(yesterday, before.as_of)


def base_build(where: Layout, *, as_of: date, now: datetime, progress: Progress | None = None) -> tuple[Build, BuildResult]:
    """Build a base of every applied batch; nothing is switched. Raises what the build raises."""
    batch_ids = ready_batch_ids()
    build = build_begin(where, BuildKind.BASE, base=None, as_of=as_of, added=batch_ids, now=now)
    try:
        map_seq = current_map_seq()  # read before the map: a change in between is folded once more, never lost
        result = build_base(
            where,
            number=build.number,
            batch_ids=batch_ids,
            record_map=record_map(),
            dims=dimensions(),
            as_of=as_of,
            map_seq=map_seq,
            erased_record_ids=erased_record_ids(),
            progress=progress,
        )
    except Exception as error:
        build_fail(build, error, utc_now())
        raise
    build_end(build, result, utc_now())
    return build, result

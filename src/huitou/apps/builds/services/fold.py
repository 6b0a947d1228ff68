"""Fold what came since the base into a new tail and show it to readers."""

from datetime import date, datetime

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.builds.models import Build, BuildKind
from huitou.apps.builds.services.inputs import dimensions
from huitou.apps.builds.services.versions import Published, build_begin, build_end, build_fail, build_publish, version_meta
from huitou.apps.identity.handover import erased_record_ids
from huitou.apps.identity.queries import current_map_seq, map_changes_since
from huitou.apps.intake.backlog import ready_batch_ids
from huitou.warehouse.layout import Layout
from huitou.warehouse.result import BuildResult, Progress
from huitou.warehouse.switch import Version
from huitou.warehouse.tail import fold_tail


def is_behind(published: Published) -> bool:
    """Return whether a batch or a change of the record map is not in the published version."""
    return bool(ready_batch_ids() - published.batch_ids) or current_map_seq() > published.map_seq


def tail_build(
    where: Layout, published: Published, *, as_of: date, now: datetime, progress: Progress | None = None
) -> tuple[Build, BuildResult]:
    """Build a tail of everything since the published version's base; nothing is switched. Raises what the fold raises."""
    base = version_meta(where, Version(published.version.base, published.version.base, None))
    added = ready_batch_ids() - base.batch_ids
    build = build_begin(where, BuildKind.TAIL, base=base.version.base, as_of=as_of, added=added, now=now)
    changes, map_seq = map_changes_since(base.map_seq)
    try:
        result = fold_tail(
            where,
            number=build.number,
            base=base.version.base,
            batch_ids=added,
            map_changes=changes,
            erased_record_ids=erased_record_ids(),
            as_of=as_of,
            map_seq=map_seq,
            dims=dimensions(),
            progress=progress,
        )
    except Exception as error:
        build_fail(build, error, utc_now())
        raise
    build_end(build, result, utc_now())
    return build, result


def tail_fold(
    where: Layout, published: Published, *, lease: leases.Held, now: datetime, progress: Progress | None = None
) -> Published:
    """Fold and switch if anything is new; return the version that readers see then. as_of stands still by day."""
    if not is_behind(published):
        return published
    _, result = tail_build(where, published, as_of=published.as_of, now=now, progress=progress)
    lease.check()
    return build_publish(where, result, now)

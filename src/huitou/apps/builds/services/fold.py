"""Fold what came since the base into a new tail and show it to readers."""

from datetime import date, datetime

from huitou.apps.base import leases
from huitou.apps.builds.models import Build, BuildKind
from huitou.apps.builds.services.inputs import Inputs, inputs_read
from huitou.apps.builds.services.versions import Published, build_begin, build_made, build_publish, version_meta
from huitou.apps.identity.queries import current_map_seq
from huitou.apps.intake.backlog import ready_batch_ids
from huitou.warehouse.layout import Layout
from huitou.warehouse.result import BuildResult, Progress
from huitou.warehouse.switch import Version
from huitou.warehouse.tail import fold_tail


def is_behind(published: Published) -> bool:
    """Return whether a batch or a change of the record map is not in the published version."""
    return bool(ready_batch_ids() - published.batch_ids) or current_map_seq() > published.map_seq


def base_under(where: Layout, published: Published) -> Published:
    """Return what went into the base of the published version."""
    return version_meta(where, Version(published.version.base, published.version.base, None))


def tail_begin(where: Layout, base: Published, inputs: Inputs, *, as_of: date, now: datetime) -> Build:
    """Enter a tail of everything since `base` as a new build."""
    added = inputs.batch_ids - base.batch_ids
    return build_begin(where, BuildKind.TAIL, base=base.version.base, as_of=as_of, added=added, now=now)


def tail_build(where: Layout, build: Build, base: Published, inputs: Inputs, *, progress: Progress | None = None) -> BuildResult:
    """Build the tail that was begun; nothing is switched. Raises what the fold raises, with the build entered as failed."""
    return build_made(
        build,
        lambda: fold_tail(
            where,
            number=build.number,
            base=base.version.base,
            batch_ids=inputs.batch_ids - base.batch_ids,
            map_changes=inputs.map_changes,
            erased_record_ids=inputs.erased_record_ids,
            as_of=build.as_of,
            map_seq=inputs.map_seq,
            dims=inputs.dims,
            progress=progress,
        ),
    )


def tail_fold(
    where: Layout, published: Published, *, lease: leases.Held, now: datetime, progress: Progress | None = None
) -> Published:
    """Fold and switch if anything is new; return the version that readers see then. as_of stands still by day."""
    if not is_behind(published):
        return published
    base = base_under(where, published)
    inputs = inputs_read(changes_since=base.map_seq)
    build = tail_begin(where, base, inputs, as_of=published.as_of, now=now)
    result = tail_build(where, build, base, inputs, progress=progress)
    lease.check()
    return build_publish(where, result, now)

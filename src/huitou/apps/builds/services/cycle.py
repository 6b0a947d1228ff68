"""The micro-batch: seal what came in, apply it, fold it, switch, publish. Every step may be cut off and done again."""

from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base import leases
from huitou.apps.base.storage import layout
from huitou.apps.builds.services.base import base_build, next_as_of
from huitou.apps.builds.services.fold import tail_fold
from huitou.apps.builds.services.inputs import inputs_read
from huitou.apps.builds.services.intake import IntakeResult, intake_run, live_run
from huitou.apps.builds.services.publish import PublishResult, facts_publish
from huitou.apps.builds.services.versions import WAREHOUSE_LEASE, build_publish, settle
from huitou.apps.intake.backlog import ready_batch_ids
from huitou.warehouse.result import Progress


@dataclass(frozen=True, slots=True)
class CycleResult:
    """What one micro-batch came to. `version` is what readers see after it; None: nothing has landed yet."""

    intake: IntakeResult
    version: int | None
    published: PublishResult | None


def cycle_run(*, now: datetime, progress: Progress | None = None, live_only: bool = False) -> CycleResult:
    """
    Run the whole way once. With nothing new it changes nothing; the first time it builds a base instead of a tail.

    live_only: leave back-fills that are not applied yet to somebody else.
    Raises LeaseTaken while a base or another micro-batch is at work, ChecksFailed when a version does not add up.
    """
    taken = live_run(now=now) if live_only else intake_run(now=now)
    where = layout()
    with leases.hold(WAREHOUSE_LEASE) as lease:
        published = settle(where, now)
        if published is not None:
            published = tail_fold(where, published, lease=lease, now=now, progress=progress)
        elif ready_batch_ids():
            _, result = base_build(where, inputs_read(for_base=True), as_of=next_as_of(None, now), now=now, progress=progress)
            published = build_publish(where, result, now)
        if published is None:
            return CycleResult(taken, None, None)
        return CycleResult(taken, published.version.number, facts_publish(where, published, lease=lease, now=now))

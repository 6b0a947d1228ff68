"""Bring what waits in the inbox to batches that a version may hold."""

from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.intake.services import ImportPages, Lane, bulk_waits, import_pages_left, lane_apply, sources_seal


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """Which batches were sealed and applied; `errors` has one sentence per source whose pages could not be sealed."""

    sealed: tuple[int, ...]
    applied: tuple[int, ...]
    errors: tuple[str, ...]


def intake_run(*, now: datetime) -> IntakeResult:
    """
    Seal every waiting page and apply every sealed batch: what came by itself first, then the back-fills.

    Raises LeaseTaken while somebody else does.
    """
    return _run(ImportPages.LEFT, tuple(Lane), now)


def live_run(*, now: datetime) -> IntakeResult:
    """Seal and apply what came by itself, beside a back-fill that is at work. Raises LeaseTaken while somebody else does."""
    return _run(ImportPages.NONE, (Lane.LIVE,), now)


def backfill_run(*, now: datetime) -> IntakeResult:
    """
    Seal what is left of uploaded files and apply the back-fills. Raises LeaseTaken while somebody else does, before anything is
    sealed: who asks again and again must not take turns from what comes by itself.
    """
    if leases.is_held(Lane.BULK.lease, utc_now()):
        raise leases.LeaseTaken(f"{Lane.BULK.lease} is being done by another process")
    return _run(ImportPages.LEFT, (Lane.BULK,), now)


def backfill_waits() -> bool:
    """Return whether `backfill_run` has something to do: a batch, or a page of a file that nobody is importing."""
    return bulk_waits() or import_pages_left()


def _run(imports: ImportPages, lanes: tuple[Lane, ...], now: datetime) -> IntakeResult:
    outcomes = sources_seal(now=now, imports=imports)
    applied = [batch_id for lane in lanes for batch_id in lane_apply(lane, now=now)]
    return IntakeResult(
        sealed=tuple(batch_id for outcome in outcomes for batch_id in outcome.batch_ids),
        applied=tuple(sorted(applied)),
        errors=tuple(outcome.error for outcome in outcomes if outcome.error),
    )

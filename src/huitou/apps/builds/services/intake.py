"""Bring what waits in the inbox to batches that a version may hold."""

from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base import leases
from huitou.apps.intake.services import batches_apply, sources_seal
from huitou.apps.intake.services.apply import APPLY_LEASE


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """Which batches were sealed and applied; `errors` has one sentence per source whose pages could not be sealed."""

    sealed: tuple[int, ...]
    applied: tuple[int, ...]
    errors: tuple[str, ...]


def intake_run(*, now: datetime) -> IntakeResult:
    """Seal every waiting page and apply every sealed batch, oldest first. Raises LeaseTaken while somebody else does."""
    outcomes = sources_seal(now=now)
    with leases.hold(APPLY_LEASE):
        applied = batches_apply(now=now)
    return IntakeResult(
        sealed=tuple(batch_id for outcome in outcomes for batch_id in outcome.batch_ids),
        applied=tuple(applied),
        errors=tuple(outcome.error for outcome in outcomes if outcome.error),
    )

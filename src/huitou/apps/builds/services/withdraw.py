"""Handler of an undone import: what its rows added to the figures goes with a new base."""

from huitou.apps.base.hooks import BatchesWithdrawn
from huitou.apps.base.jobs import plan_once


def base_plan(withdrawn: BatchesWithdrawn) -> None:
    """Handle BATCHES_WITHDRAWN; a base that waits already is enough."""
    plan_once("builds.base", now=withdrawn.now)

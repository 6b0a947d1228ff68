"""Writes of the builds app: micro-batch, base build, publish."""

from huitou.apps.builds.services.base import base_run
from huitou.apps.builds.services.cycle import CycleResult, cycle_run
from huitou.apps.builds.services.intake import backfill_run, backfill_waits, intake_run, live_run
from huitou.apps.builds.services.publish import PublishResult, publish_run

__all__ = [
    "CycleResult",
    "PublishResult",
    "backfill_run",
    "backfill_waits",
    "base_run",
    "cycle_run",
    "intake_run",
    "live_run",
    "publish_run",
]

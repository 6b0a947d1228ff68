"""The queued look."""

from typing import Any

from huitou.apps.anomalies.services import anomalies_look
from huitou.apps.base import leases
from huitou.apps.base.jobs import JobContext, job


@job("anomalies.look", attempts=2)
def look(context: JobContext) -> dict[str, Any] | None:
    """Find the odd days of the published version."""
    try:
        run = anomalies_look(now=context.now)
    except leases.LeaseTaken:
        return None
    return None if run is None else {"run": run.pk, "found": run.found}

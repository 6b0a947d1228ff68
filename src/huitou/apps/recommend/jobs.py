"""The queued run."""

from typing import Any

from huitou.apps.base import leases
from huitou.apps.base.jobs import JobContext, job
from huitou.apps.recommend.services import recommend_run


@job("recommend.run", attempts=2)
def run(context: JobContext) -> dict[str, Any] | None:
    """Make everybody's lists from the published base, unless that was done."""
    try:
        made = recommend_run(now=context.now)
    except leases.LeaseTaken:
        return None
    return None if made is None else {"run": made.pk, "refusal": made.refusal, "persons": made.persons}

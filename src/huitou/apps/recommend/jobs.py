"""The queued runs."""

from typing import Any

from huitou.apps.base import leases
from huitou.apps.base.jobs import JobContext, job
from huitou.apps.recommend.services import associations_run, recommend_run


@job("recommend.run", attempts=2)
def run(context: JobContext) -> dict[str, Any] | None:
    """Make everybody's lists from the published base, unless that was done."""
    try:
        made = recommend_run(now=context.now)
    except leases.LeaseTaken:
        return None
    return None if made is None else {"run": made.pk, "refusal": made.refusal, "persons": made.persons}


@job("recommend.associations", attempts=2)
def associations(context: JobContext) -> dict[str, Any] | None:
    """Search the baskets of the published base for rules, at the levels where that is due."""
    try:
        made = associations_run(now=context.now)
    except leases.LeaseTaken:
        return None
    return {run.level_code: run.refusal or run.rules for run in made}

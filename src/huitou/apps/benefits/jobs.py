"""Queued work: coupons for a segment, and taking back what nobody used of them."""

from functools import partial

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.benefits.services import run_go_on, withdraw_go_on


@job("benefits.run")
def run(context: JobContext, *, run_id: int) -> dict[str, int | str]:
    """Give the members of a segment their coupons."""
    told = run_go_on(run_id=run_id, now=context.now, progress=partial(context.progress, "coupons"))
    return {"issued": told.issued, "waiting": told.waiting, "stopped": told.stopped_code}


@job("benefits.run_withdraw")
def withdraw(context: JobContext, *, run_id: int, by: int) -> int:
    """Take back the coupons of a run that nobody used."""
    return withdraw_go_on(run_id=run_id, by=by, now=context.now)

"""The queued and scheduled work of the pipeline: pull, intake, back-fill, micro-batch, base, publish."""

from dataclasses import asdict
from typing import Any

from huitou.apps.base.jobs import GiveUp, JobContext, job, plan_once
from huitou.apps.builds import services
from huitou.apps.intake.backlog import due_source_codes
from huitou.apps.intake.services import source_pull
from huitou.warehouse.checks import ChecksFailed


@job("builds.pull_all", attempts=1)
def pull_all(context: JobContext) -> list[str]:
    """Plan a pull of every connected source that is due and is not being pulled; a source that is down stops no other."""
    codes = due_source_codes(context.now)
    return [code for code in codes if plan_once("builds.pull", now=context.now, source_code=code) is not None]


@job("builds.pull", attempts=1)  # the next one is planned within a minute
def pull(context: JobContext, *, source_code: str) -> dict[str, Any]:
    """Pull one source to its end."""
    outcome = source_pull(source_code=source_code, now=context.now, progress=context.progress)
    if outcome.error:
        raise GiveUp(outcome.error)
    return asdict(outcome)


@job("builds.intake", attempts=1, is_urgent=True)  # the next one is planned within seconds
def intake(context: JobContext) -> dict[str, Any]:
    """Take in what came by itself, and see to it that somebody takes in the back-fills."""
    result = services.live_run(now=context.now)
    if services.backfill_waits():
        plan_once("builds.backfill", now=context.now)
    return asdict(result)


@job("builds.backfill", attempts=3)
def backfill(context: JobContext) -> dict[str, Any]:
    """Take in files and first loads; the next micro-batch folds them."""
    return asdict(services.backfill_run(now=context.now))


@job("builds.cycle", attempts=3)
def cycle(context: JobContext) -> dict[str, Any]:
    """Run one micro-batch."""
    try:
        result = services.cycle_run(now=context.now, progress=context.progress, live_only=True)
    except ChecksFailed as error:
        raise GiveUp(str(error)) from error
    return {"version": result.version, "sealed": result.intake.sealed, "errors": result.intake.errors}


@job("builds.base", attempts=3)
def base(context: JobContext) -> dict[str, Any]:
    """Run the nightly base build."""
    try:
        build = services.base_run(now=context.now, progress=context.progress)
    except ChecksFailed as error:
        raise GiveUp(str(error)) from error
    plan_once("quality.snapshot", now=context.now)
    return {"version": build.number}


@job("builds.publish")
def publish(context: JobContext) -> dict[str, Any] | None:
    """Publish what readers see already, for a publish that was lost."""
    result = services.publish_run(now=context.now, progress=context.progress)
    return None if result is None else asdict(result)

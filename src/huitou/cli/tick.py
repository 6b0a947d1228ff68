"""`huitou tick --now`: run what is due at a time once, in this process, to its end."""

import argparse
from datetime import datetime

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def moment(text: str) -> datetime:
    """Read an ISO 8601 moment; without an offset it is Asia/Shanghai. Raises ValueError."""
    from huitou.core.periods import BUSINESS_ZONE

    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=BUSINESS_ZONE)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--now", type=moment, required=True, metavar="ISO", help=_("时间，例如 2026-11-22T03:10；无时区时为北京时间")
    )


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base import jobs
    from huitou.apps.base.models import JobState
    from huitou.apps.builds.schedules import SCHEDULES

    jobs.plan_due(SCHEDULES, arguments.now)
    ran = jobs.run_planned(lambda: arguments.now)
    for job in ran:
        out.say(f"{job.name} {job.arguments or ''} {job.state} {job.error}".strip())
    if not ran:
        out.say(_("此刻没有到期的任务。"))
    out.result({"ran": [{"name": job.name, "state": job.state, "result": job.result, "error": job.error} for job in ran]})
    return ExitCode.FAILED if any(job.state != JobState.DONE for job in ran) else ExitCode.OK

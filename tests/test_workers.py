"""What workers hear of their tests is what the first process reports, to a worker that dies."""

import subprocess
import sys
from pathlib import Path

PLANTED = """
import os, warnings
import pytest

@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    yield tmp_path_factory.mktemp("kept")
    with open("ended", "a") as file:
        file.write(f"{os.getpid()}\\n")

def test_passes(kept):
    assert kept.exists()

def test_fails(kept):
    print("told", "aloud")
    assert {"x": 1} == {"x": 2}

@pytest.mark.skip(reason="not today")
def test_skipped(): ...

def test_warns(kept):
    warnings.warn("careful", FutureWarning)
"""
DIES = "import os, signal\n\ndef test_dies(): os.kill(os.getpid(), signal.SIGKILL)\n\ndef test_behind(): ...\n"
DISTURBS = """
import pytest

@pytest.fixture(scope="session")
def bad():
    yield
    raise ValueError("at the end")

def test_uses(bad): ...
"""


def _run(folder: Path, *options: str, **files: str) -> "subprocess.CompletedProcess[str]":
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    words = ["-p", "tests.workers", "-p", "no:django", "-p", "no:cacheprovider", "--noconftest", "-c", "/dev/null", "-rA"]
    command = [sys.executable, "-m", "pytest", *words, "--rootdir", str(folder), *options, *(f"test_{name}.py" for name in files)]
    root = Path(__file__).parents[1]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(root), "PATH": ""}, capture_output=True, text=True, check=False
    )


def test_the_first_process_reports_what_the_workers_ran(tmp_path: Path):
    done = _run(tmp_path, "--workers", "2", one=PLANTED, two=PLANTED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 4 passed, 2 skipped, 2 warnings" in done.stdout
    assert "{'x': 1} != {'x': 2}" in done.stdout, "asserts are explained"
    assert done.stdout.count("told aloud") == 2, "what a test printed stands beside its failure"
    assert "test_two.py::test_warns\n" in done.stdout
    ended = (tmp_path / "ended").read_text().split()
    assert 1 <= len(ended) == len(set(ended)) <= 2, "a worker clears away once what it made for all its tests"


def test_a_worker_that_dies_fails_its_tests(tmp_path: Path):
    done = _run(tmp_path, "--workers", "2", dies=DIES, one=PLANTED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED test_dies.py::test_dies - the worker ended before this test did" in done.stdout
    assert "FAILED test_dies.py::test_behind" in done.stdout
    assert "PASSED test_one.py::test_passes" in done.stdout


def test_a_fault_in_clearing_away_is_no_success(tmp_path: Path):
    done = _run(tmp_path, "--workers", "2", disturbs=DISTURBS)
    assert done.returncode not in (0, 1), done.stdout
    assert "at the end" in done.stderr


def test_the_first_failure_ends_the_run_where_that_is_asked(tmp_path: Path):
    done = _run(tmp_path, "--workers", "2", "-x", one=PLANTED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout

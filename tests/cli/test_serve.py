"""The parent keeps its children running and leaves none behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from huitou.cli import serve
from huitou.cli.output import Output
from huitou.cli.serve import Child, keep_running

LONGEST_WAIT_SECONDS = 30
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def wait_until(condition, what):
    give_up = time.monotonic() + LONGEST_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < give_up, f"waited too long until {what}"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_child_that_is_killed_is_started_again_and_all_end_with_the_parent():
    child, stop = Child("sleeper", SLEEPER, Output(as_json=True)), threading.Event()
    parent = threading.Thread(target=keep_running, args=([child], stop))
    parent.start()
    try:
        wait_until(lambda: child.process is not None, "the child runs")
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: child.process is not None and child.process.pid != first, "it runs again")
        second = child.process.pid
    finally:
        stop.set()
        parent.join()
    assert not is_alive(first)
    assert not is_alive(second)


def test_what_a_child_started_and_left_behind_ends_with_it(tmp_path):
    """As a web server that is stopped before it listens to signals leaves its worker."""
    told = tmp_path / "pid"
    code = (
        "import subprocess, sys, time, pathlib\n"
        f"left = subprocess.Popen({SLEEPER!r})\n"
        f"pathlib.Path({str(told)!r} + '.new').write_text(str(left.pid))\n"
        f"pathlib.Path({str(told)!r} + '.new').rename({str(told)!r})\n"
        "time.sleep(600)"
    )
    child, stop = Child("web", [sys.executable, "-c", code], Output(as_json=True)), threading.Event()
    parent = threading.Thread(target=keep_running, args=([child], stop))
    parent.start()
    try:
        wait_until(told.exists, "the child has a child")
        first = int(told.read_text())
        told.unlink()
        os.kill(child.process.pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(first), "it is gone before its leader runs again")
        wait_until(told.exists, "it runs again")
    finally:
        stop.set()
        parent.join()
    wait_until(lambda: not is_alive(int(told.read_text())), "the second one is gone")


def test_children_end_when_the_parent_is_killed(tmp_path):
    code = (
        "import sys, threading; from huitou.cli.output import Output; from huitou.cli.serve import Child, keep_running\n"
        f"child = Child('sleeper', {SLEEPER!r}, Output(as_json=True)); child.tend(1.0)\n"
        "print(child.process.pid, flush=True); threading.Event().wait()"
    )
    sources = str(Path(__file__).parents[2] / "src")
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": sources}
    )
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_alive(pid), "the child has ended")


def test_an_installation_in_another_folder_gets_the_static_files_of_this_version(tmp_path, settings, monkeypatch):
    settings.HOME_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    serve._folders_fill()
    assert (tmp_path / "static" / "huitou" / "logo.svg").exists()
    assert list((tmp_path / "run" / "metrics").iterdir()) == []
    (tmp_path / "static" / ".stamp").write_text("of an older version")
    (tmp_path / "static" / "huitou" / "logo.svg").unlink()
    serve._folders_fill()
    assert (tmp_path / "static" / "huitou" / "logo.svg").exists()


def test_a_port_in_use_is_named_before_anything_starts(capsys, monkeypatch):
    from huitou.cli import main

    monkeypatch.setenv("HUITOU_LANG", "zh")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 3
    assert str(port) in capsys.readouterr().err

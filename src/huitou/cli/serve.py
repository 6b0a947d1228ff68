"""
`huitou serve`: one parent that keeps the worker and the web server running.

A child that ends is started again after a short pause; SIGTERM is passed on; when the parent itself is killed, the kernel
ends the children. Each child leads a process group: what it started and did not end (a web server that is stopped before it
listens to signals leaves its worker behind, which would keep the port) ends with it.
"""

import argparse
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from huitou.cli.commands import ExitCode
from huitou.cli.output import Output
from huitou.cli.words import _

_PR_SET_PDEATHSIG = 1
_SHORTEST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 3.0
_STEADY_AFTER_SECONDS = 30.0
_STOP_WITHIN_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.1
MOST_PROCESSES = 8


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=_("监听地址"))
    parser.add_argument("--port", type=int, default=8000, help=_("端口"))
    parser.add_argument("--workers", type=int, default=processes_usual(), help=_("网站进程数"))
    parser.add_argument("--threads", type=int, default=4, help=_("每个网站进程的线程数"))
    parser.add_argument("--no-worker", action="store_true", help=_("不启动后台任务（由另一台机器执行）"))


def processes_usual() -> int:
    """Return how many web processes fit the machine: of one process Python lets a single thread compute."""
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def run(arguments: argparse.Namespace, out: Output) -> int:
    if not _is_free(arguments.host, arguments.port):
        out.fail(_("端口 {port} 已被占用：用 --port 换一个，或先停止占用它的程序").format(port=arguments.port))
        return ExitCode.MEND
    _folders_fill()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    commands = [web_command(arguments.host, arguments.port, arguments.workers, arguments.threads)]
    if not arguments.no_worker:
        commands.append(worker_command())
    children = [Child(command.name, command.words, out) for command in commands]
    address = f"http://{arguments.host}:{arguments.port}/"
    threading.Thread(target=_announce, args=(arguments.host, arguments.port, address, stop, out), daemon=True).start()
    keep_running(children, stop)
    return ExitCode.OK


def _folders_fill() -> None:
    """
    Give the web processes the static files as this version has them, where the installation's folder lies elsewhere than
    set-up left them or is older, and an empty folder where /metrics adds their counters up.
    """
    from huitou.cli.installation import open_installation

    open_installation()
    from django.conf import settings

    from huitou.apps.base.kept import kept_forget
    from huitou.web.assets_build import static_collect

    static_collect()
    kept_forget()
    folder = settings.HOME_DIR / "run" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@dataclass(frozen=True, slots=True)
class ChildCommand:
    """How a child is started."""

    name: str
    words: list[str]


def web_command(host: str, port: int, workers: int, threads: int) -> ChildCommand:
    words = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "--respawn-failed-workers",
        "--log-level", "warning", "huitou.web.serving:application",
    ]  # fmt: skip
    return ChildCommand("web", words)


def worker_command(slot: int = 0) -> ChildCommand:
    return ChildCommand("worker", [sys.executable, "-m", "huitou.cli", "worker", "--slot", str(slot)])


class Child:
    """A child process with those it started, and when it may be started again."""

    def __init__(self, name: str, words: list[str], out: Output, output_to: IO[bytes] | None = None) -> None:
        self.name = name
        self._words = words
        self._out = out
        self._output_to = output_to
        self._pause = _SHORTEST_PAUSE_SECONDS
        self._start_at = 0.0
        self._started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def tend(self, now: float) -> None:
        """Start the child if it is not running and its pause is over. `now` is monotonic seconds."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self._pause = min(self._pause * 1.5, _LONGEST_PAUSE_SECONDS)
            if now - self._started_at > _STEADY_AFTER_SECONDS:
                self._pause = _SHORTEST_PAUSE_SECONDS
            _end_group(self.process.pid)
            self._out.say(_("{name} 已结束（{code}），即将重新启动").format(name=self.name, code=code))
            self.process, self._start_at = None, now + self._pause
        if now >= self._start_at:
            self.process = subprocess.Popen(
                self._words, stdout=self._output_to, stderr=self._output_to, preexec_fn=_die_with_parent(), process_group=0
            )
            self._started_at = now

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the end; past `until` (monotonic seconds) kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _end_group(self.process.pid)


def keep_running(children: list[Child], stop: threading.Event) -> None:
    """Keep every child running until `stop` is set; then end them."""
    try:
        while not stop.is_set():
            for child in children:
                child.tend(time.monotonic())
            stop.wait(_LOOK_EVERY_SECONDS)
    finally:
        for child in children:
            child.stop()
        until = time.monotonic() + _STOP_WITHIN_SECONDS
        for child in children:
            child.wait(until)


def _end_group(leader_pid: int) -> None:
    """Kill what a child that has ended left behind."""
    with suppress(ProcessLookupError):
        os.killpg(leader_pid, signal.SIGKILL)


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux ask the kernel to end the child with its parent, also when the parent is killed; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)  # loaded before the fork: the child may only call it
    return lambda: library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _announce(host: str, port: int, address: str, stop: threading.Event, out: Output) -> None:
    """Say the address once the web server takes connections."""
    reachable = "127.0.0.1" if host == "0.0.0.0" else host
    while not stop.wait(_LOOK_EVERY_SECONDS):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.settimeout(1)
            if probe.connect_ex((reachable, port)) == 0:
                out.say(_("网站已启动：{address}").format(address=address))
                out.result({"address": address})
                return

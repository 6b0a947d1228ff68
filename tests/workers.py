"""
Run the tests on several processes that fork off once everything is collected: `pytest -p tests.workers --workers 3`.

Processes that each import and collect on their own cost seventeen seconds of a processor a piece. A worker takes one file after
the other from a queue, in the order in which they are collected; tests of a file marked `apart` are queued one by one. Whatever
a worker hears of its tests it tells the first process, which reports as if it had run them.
"""

import os
import pickle
import signal
import sys
import traceback
import warnings
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import NoReturn

import pytest

NUMBER_BYTES = 4


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--workers", type=int, default=1, help="run the tests on so many processes")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run everything on the workers that were asked for; leave it to pytest where one process is enough."""
    if session.config.option.workers < 2 or session.config.option.collectonly or session.testsfailed:
        return None
    lots = _lots(session.items)
    queue = _queue(len(lots))
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all
    heard: dict[Connection, int] = {}
    try:
        for number in range(session.config.option.workers):
            hearing, telling = Pipe(duplex=False)
            pid = os.fork()
            if pid == 0:
                for other in (hearing, *heard):
                    other.close()
                _work(session, number, lots, queue, telling)
            telling.close()
            heard[hearing] = pid
        _report(session, list(heard), queue)
    except BaseException:
        for pid in heard.values():
            os.kill(pid, signal.SIGTERM)
        raise
    finally:
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in heard.values()]
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    if any(ends) and not session.testsfailed:
        raise RuntimeError(f"workers ended with {ends}; what they said stands above")
    return True


def _lots(items: list[pytest.Item]) -> list[list[pytest.Item]]:
    """Return the tests in the lots that a worker takes at once."""
    lots: dict[str, list[pytest.Item]] = {}
    for item in items:
        key = item.nodeid if item.get_closest_marker("apart") else str(item.path)
        lots.setdefault(key, []).append(item)
    return list(lots.values())


def _queue(length: int) -> int:
    """Return a pipe that holds the numbers from 0 on: who reads one has it alone, and behind the last stands the end."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(NUMBER_BYTES) for number in range(length)))
    os.close(writing)
    return reading


def _report(session: pytest.Session, connections: list[Connection], queue: int) -> None:
    """Report what the workers tell until all of them have ended, and a failure for each test that nothing was told of."""
    config = session.config
    left = {item.nodeid: item for item in session.items}
    while connections:
        for connection in wait(connections):
            assert isinstance(connection, Connection)
            try:
                hook, told = connection.recv()
            except EOFError:
                connections.remove(connection)
                continue
            if hook == "pytest_runtest_logreport":
                told["report"] = config.hook.pytest_report_from_serializable(config=config, data=told["report"])
            caller = getattr(config.hook, hook)
            if caller.is_historic():
                caller.call_historic(kwargs=told)
            else:
                caller(**told)
            if hook == "pytest_runtest_logfinish":
                del left[told["nodeid"]]
            if session.shouldfail or session.shouldstop:
                while os.read(queue, NUMBER_BYTES):  # the workers end with the files that they are at
                    pass
    if session.shouldfail or session.shouldstop:
        return
    for item in left.values():
        lost = pytest.TestReport(
            nodeid=item.nodeid, location=item.location, keywords={}, outcome="failed", when="call",
            longrepr="the worker ended before this test did",
        )  # fmt: skip
        config.hook.pytest_runtest_logreport(report=lost)


def _work(session: pytest.Session, number: int, lots: list[list[pytest.Item]], queue: int, telling: Connection) -> NoReturn:
    """Be a worker to its end. What the interpreter would free then goes with the process."""
    code = 1
    try:
        _begin(session.config, number, telling)
        try:
            while taken := os.read(queue, NUMBER_BYTES):
                _run(session, lots[int.from_bytes(taken)])
        finally:
            session._setupstate.teardown_exact(None)
        code = 0
    except (session.Failed, session.Interrupted):
        code = 0  # told already
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _begin(config: pytest.Config, number: int, telling: Connection) -> None:
    """Part from the first process: folder, database, captured output and the screen are a worker's own."""
    config.workerinput = {"workerid": f"gw{number}"}  # type: ignore[attr-defined]  # where pytest-django looks for it
    folders = config._tmp_path_factory  # type: ignore[attr-defined]
    folders._basetemp = folders._basetemp / f"gw{number}"
    folders._basetemp.mkdir(mode=0o700)
    config.get_terminal_writer()._file = open(os.devnull, "w")  # noqa: SIM115 - to the end
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture()
    config.pluginmanager.register(_Teller(config, telling))


def _run(session: pytest.Session, lot: list[pytest.Item]) -> None:
    for item, following in zip(lot, [*lot[1:], session], strict=True):  # the session: what is made for it stays
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


class _Teller:
    """Tells the first process what the hooks of a worker hear."""

    def __init__(self, config: pytest.Config, telling: Connection) -> None:
        self._config = config
        self._telling = telling

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._telling.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._telling.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._telling.send(("pytest_runtest_logreport", {"report": data}))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: tuple[str, int, str] | None
    ) -> None:
        if when != "runtest":
            return  # the first process has heard it itself
        try:
            pickle.dumps(warning_message)
        except Exception:
            warning_message = warnings.WarningMessage(
                str(warning_message.message), UserWarning, warning_message.filename, warning_message.lineno
            )
        told = {"warning_message": warning_message, "when": when, "nodeid": nodeid, "location": location}
        self._telling.send(("pytest_warning_recorded", told))

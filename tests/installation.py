"""A real installation in a temporary folder, used by processes of its own: for tests that kill them."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from tests.databases import TEMPLATE

SOURCES = Path(__file__).parents[1] / "src"
SHARED: Path | None = None  # the folder that all workers of a run see; conftest.py says which
PRELUDE = "import json, django; django.setup(); "


@dataclass(frozen=True)
class Installation:
    """
    Data folder and key file under one folder, the SQLite database too unless database_url names another; every call runs in a
    process of its own (tests/starter.py).
    """

    home: Path
    database_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUITOU_", "PYTHONDONTWRITE"))}
        return {
            **kept,
            "HUITOU_HOME": str(self.home),
            **(
                {"HUITOU_DATABASE_URL": self.database_url, "HUITOU_PG_BIN": os.environ.get("HUITOU_PG_BIN", "")}
                if self.database_url
                else {}
            ),
            "DJANGO_SETTINGS_MODULE": "huitou.web.settings",
            "PYTHONPATH": f"{SOURCES}{os.pathsep}{SOURCES.parent}",
        }

    def create(self) -> "Installation":
        """Make it: on SQLite as a copy of the one that `huitou init` made once in this run, eight seconds of a processor."""
        if self.database_url:
            self.cli("init")
        else:
            shutil.copytree(_initialised(), self.home)
        return self

    def cli(self, *arguments: str, expect: int | None = 0) -> str:
        """Run `huitou`; return its output. `expect` is the exit code that must come."""
        done = self.ended(module="huitou.cli", words=arguments)
        assert expect is None or done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, code: str) -> Any:
        """Run code in a process of its own; return the JSON that its last line printed."""
        return self._told(self.ended(code=PRELUDE + code))

    def driven(self, module: str, *arguments: str) -> Any:
        """Run a driver to its end in a process of its own; return the JSON that its last line printed."""
        return self._told(self.ended(module=module, words=arguments))

    def _told(self, done: "Ended") -> Any:
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def ended(self, *, module: str = "", words: Sequence[str] = (), code: str = "") -> "Ended":
        """Run a module as the main program with words, or code, in a process of its own, to its end."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            order = {
                "environment": self.environment, "folder": os.getcwd(), "out": str(out), "err": str(err),
                "module": module, "words": words, "code": code,
            }  # fmt: skip
            starter = _starter()
            assert starter.stdin is not None
            assert starter.stdout is not None
            starter.stdin.write(json.dumps(order) + "\n")
            starter.stdin.flush()
            returned = int(starter.stdout.readline())
            return Ended(returned, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def start(self, script: Path, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(script), *arguments], env=self.environment)


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its exit code, negative for a signal, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@cache
def _starter() -> "subprocess.Popen[str]":
    """Return the process that starts the others; it ends when this one does."""
    path = f"{SOURCES}{os.pathsep}{SOURCES.parent}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUITOU_", "DJANGO_", "PYTHONDONTWRITE"))}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.starter"], env={**kept, "PYTHONPATH": path},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _initialised() -> Path:
    """Return the folder of a new installation that the workers of this run share; nobody works in it."""
    assert SHARED is not None
    kept = SHARED / "installation"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = Installation(SHARED / "installation-begun")
            made.cli("init")
            made.home.rename(kept)
    return kept


@contextmanager
def other_databases(*names: str, empty: Collection[str] = ()) -> Iterator[list[str]]:
    """
    Make databases beside the one that the tests of PostgreSQL run in, yield their URLs, drop them.

    They begin migrated where the workers of this run keep such a one; those of `empty` never do.
    """
    server = os.environ["HUITOU_DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        kept = admin.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone()
        for name in names:
            template = f' template "{TEMPLATE}"' if kept and name not in empty else ""
            admin.execute(f'create database "{name}"{template}')
        try:
            yield [f"{server}/{name}" for name in names]
        finally:
            for name in names:
                admin.execute(f'drop database "{name}" with (force)')

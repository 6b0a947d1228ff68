"""A real installation in a temporary folder, used by processes of its own: for tests that kill them."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

SOURCES = Path(__file__).parents[1] / "src"
SHARED: Path | None = None  # the folder that all workers of a run see; conftest.py says which
PRELUDE = "import json, django; django.setup(); "


@dataclass(frozen=True)
class Installation:
    """
    Data folder and key file under one folder, the SQLite database too unless database_url names another; every call runs in a
    fresh process.
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
        done = subprocess.run(
            [sys.executable, "-m", "huitou.cli", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert expect is None or done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, code: str) -> Any:
        """Run code in a process of its own; return the JSON that its last line printed."""
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + code], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def driven(self, module: str, *arguments: str) -> Any:
        """Run a driver to its end in a process of its own; return the JSON that its last line printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, script: Path, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(script), *arguments], env=self.environment)


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
def other_databases(*names: str) -> Iterator[list[str]]:
    """Make databases beside the one that the tests of PostgreSQL run in, yield their URLs, drop them."""
    server = os.environ["HUITOU_DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        for name in names:
            admin.execute(f'create database "{name}"')
        try:
            yield [f"{server}/{name}" for name in names]
        finally:
            for name in names:
                admin.execute(f'drop database "{name}" with (force)')

"""A real installation in a temporary folder, used by processes of its own: for tests that kill them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parents[1] / "src"
PRELUDE = "import json, django; django.setup(); "


@dataclass(frozen=True)
class Installation:
    """Data folder, key file and migrated SQLite database under one folder; every call runs in a fresh process."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUITOU_", "PYTHONDONTWRITE"))}
        return {
            **kept,
            "HUITOU_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "huitou.web.settings",
            "PYTHONPATH": f"{SOURCES}{os.pathsep}{SOURCES.parent}",
        }

    def create(self) -> "Installation":
        self.cli("init")
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

    def start(self, script: Path, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(script), *arguments], env=self.environment)

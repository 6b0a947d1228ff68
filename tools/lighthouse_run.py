"""
Measure cockpit, customer list and person page of the demo of HUITOU_HOME with Lighthouse: make lighthouse.

Lighthouse is installed by its own lock file into build/lighthouse the first time (186 MB), so that set-up and tests stay as
quick as they are. Fails below 95 for accessibility or best practices; times are printed, to be read on a quiet machine.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.web.browser import CHROMIUM
from tools.shots import ROOT, demo_places, installation_begin, served

from huitou.web.assets_build import npm_ci, npm_command

PACKAGE = Path(__file__).parent / "lighthouse"
FOLDER = ROOT / "build" / "lighthouse"
LEAST_SCORE = 95
GRADED = ("accessibility", "best-practices")


def main() -> int:
    """Print a line per page and preset; 1 when one is below the limit, 2 without a demo or a browser."""
    if CHROMIUM is None:
        print("no Chromium on this machine: install the package `chromium`", file=sys.stderr)
        return 2
    if not installation_begin():
        return 2
    from huitou.demo.run import ADMIN, PASSWORD

    _install()
    paths = ["/cockpit", "/customers", f"/customers/{demo_places()['person_id']}"]
    asked = {"browser": CHROMIUM, "username": ADMIN, "password": PASSWORD, "paths": paths, "sandbox": os.geteuid() != 0}
    bad = 0
    with served() as root:
        for answer in _measured({**asked, "root": root}):
            is_bad = answer["shown"] != answer["path"] or min(answer["scores"][name] for name in GRADED) < LEAST_SCORE
            bad += is_bad
            scores = ", ".join(f"{name} {score}" for name, score in answer["scores"].items())
            size = f"largest paint {answer['largest_paint_ms']} ms, {answer['bytes'] / 1000:.0f} kB"
            print(f"{'FAIL' if is_bad else 'ok  '}  {answer['preset']} {answer['shown']}: {scores}; {size}", flush=True)
            for line in filter(None, (answer["error"], *answer["failed"])):
                print(f"      {line}")
    return 1 if bad else 0


def _install() -> None:
    """Bring Lighthouse in by its lock file, unless these very files did it before."""
    names = ("package.json", "package-lock.json", "run.mjs")
    wanted = "".join((PACKAGE / name).read_text(encoding="utf-8") for name in names[:2])
    stamp = FOLDER / ".stamp"
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:  # modules are looked for beside the script
        shutil.copy(PACKAGE / name, FOLDER / name)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("lighthouse: npm ci ...", flush=True)
    shutil.copy(ROOT / ".npmrc", FOLDER / ".npmrc")
    npm_ci(FOLDER)
    stamp.write_text(wanted, encoding="utf-8")


def _measured(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the script says, line by line. Raises CalledProcessError when it ends badly."""
    _npm, environment = npm_command()
    command = ["node", "run.mjs", json.dumps(asked)]
    with subprocess.Popen(command, cwd=FOLDER, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            yield json.loads(line)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command[:2])


if __name__ == "__main__":
    sys.exit(main())

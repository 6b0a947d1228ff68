"""
Every check that needs no running product: style, types, import contracts, migrations, translations, links, SQL.

All of them run even when one fails; the last line says which failed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def command(*arguments: str) -> Callable[[], list[str]]:
    """Return a check that runs a program of the virtual environment and reports its output when it fails."""

    def check() -> list[str]:
        with tempfile.TemporaryDirectory() as home:
            ended = subprocess.run(
                [str(BIN / arguments[0]), *arguments[1:]],
                cwd=ROOT,
                capture_output=True,
                text=True,
                env={**os.environ, "HUITOU_HOME": home, "PYTHONPATH": "src", "PYTHONWARNINGS": "ignore"},
            )
        return [] if ended.returncode == 0 else (ended.stdout + ended.stderr).splitlines()[-60:]

    return check


def docs_links() -> list[str]:
    """Name every relative link in a Markdown file that leads nowhere."""
    broken = []
    for page in sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")) + sorted((ROOT / "src").rglob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            path = target.split("#")[0]
            if path and "://" not in path and not path.startswith("mailto:") and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target} does not exist")
    return broken


def sql_constructs() -> list[str]:
    """Name every named SQL file without a header or with a construct that engines read differently."""
    from huitou.warehouse.portable import banned_constructs

    found = []
    for path in sorted((ROOT / "src").rglob("*.sql")):
        text = path.read_text()
        found += [f"{path.relative_to(ROOT)}: header line `-- {key}:` is missing" for key in HEADER if f"-- {key}:" not in text]
        if "-- dialect: duckdb" not in text:
            found += [f"{path.relative_to(ROOT)}: {construct}" for construct in banned_constructs(text)]
    return found


HEADER = ("grain", "inputs", "owner")


def translations() -> list[str]:
    """Name every message that the English catalogue lacks."""
    from huitou.web.assets_build import untranslated

    return untranslated()


CHECKS: dict[str, Callable[[], list[str]]] = {
    "style": command("ruff", "check", "src", "tests", "tools", "benchmarks"),
    "format": command("ruff", "format", "--check", "src", "tests", "tools", "benchmarks"),
    "types": command("mypy"),
    "import contracts": command("lint-imports"),
    "migrations": command("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    "translations": translations,
    "links in the docs": docs_links,
    "SQL constructs": sql_constructs,
}


def main() -> int:
    """Run all checks; 1 when one found something."""
    failed = []
    for name, check in CHECKS.items():
        started = time.monotonic()
        found = check()
        print(f"{'ok  ' if not found else 'FAIL'}  {name} ({time.monotonic() - started:.1f} s)", flush=True)
        for line in found:
            print(f"      {line}")
        if found:
            failed.append(name)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

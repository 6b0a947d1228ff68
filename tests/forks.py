"""
What the drivers share that run the product in forked children and kill them with -9: importing it sets Django up.

A driver is started with HUITOU_HOME at an installation that nobody else uses. It imports once what the product needs; every
attempt is a fork with a database connection of its own, and every place to die has a copy of the installation's data.
"""

import importlib
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from huitou.core.identity.match.warm import warm  # noqa: E402

HOME = Path(os.environ["HUITOU_HOME"])
KILLED = -signal.SIGKILL


def loaded() -> None:
    """Import and load what the product does when it first needs it: some seconds of a processor once instead of in each fork."""
    importlib.import_module("pandas")
    WSGIHandler()
    assert get_resolver().url_patterns
    warm()


def in_child(action: Callable[[], object]) -> int:
    """Run an action in a fork; return the exit code, negative for a signal."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 1
    try:
        action()
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(code)


def copied(home: Path) -> None:
    """Copy the installation's data into a folder, and work there from now on; nothing is open yet."""
    shutil.copytree(HOME / "data", home / "data")
    moved_to(home)


def moved_to(home: Path) -> None:
    """Work in another copy of the installation from now on."""
    connection.close()
    settings.HUITOU_DATA_DIR = home / "data"
    connection.settings_dict["NAME"] = home / "data" / "huitou.sqlite3"


def tripwire(target: str, moment: str = "after") -> None:
    """Put a wire around the function `module:path`: its first call kills the process, before or after the function's work."""
    module_name, _, path = target.partition(":")
    owner = importlib.import_module(module_name)
    *above, name = path.split(".")
    for part in above:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    def wire(*arguments: object, **options: object) -> object:
        if moment == "after":
            original(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    setattr(owner, name, wire)

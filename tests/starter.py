"""
Starts processes of the product for the tests: a fork of this one, which has imported what needs no installation.

Half of what a call cost were imports. Django is not set up here and no setting is read: the child opens its installation as a
process of its own would, with the environment that the order names. An order is a line of JSON on standard input; the answer is
the exit code, negative for a signal.
"""

import atexit
import gc
import json
import os
import runpy
import sys
import threading
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from django.conf import settings

from huitou.core.identity.match.warm import warm

KNOWN = (
    "axes", "django.contrib.admin.decorators", "django.core.handlers.wsgi", "django.core.management",
    "django.core.serializers.json", "django.db.backends.sqlite3.base", "django.db.migrations.executor", "django.db.models",
    "django.forms", "django.template.defaulttags", "django.urls", "django.views.generic", "httpx",
    "huitou.connectors.database.client", "huitou.connectors.events.client", "huitou.connectors.files.client",
    "huitou.connectors.registry", "huitou.core.attributes", "huitou.core.benefits.coupons", "huitou.core.canonical",
    "huitou.core.filters.reading", "huitou.core.filters.sets", "huitou.core.identity.estimate", "huitou.core.identity.household",
    "huitou.core.identity.survivorship", "huitou.core.relations", "huitou.core.value.churn", "huitou.core.value.clusters",
    "huitou.core.value.clv", "huitou.core.value.inferred", "huitou.core.value.paths", "huitou.core.value.recommend",
    "huitou.core.value.scoring", "huitou.core.value.serving", "huitou.core.value.tags", "huitou.core.value.templates",
    "huitou.core.value.text.model", "huitou.core.value.upgrade", "huitou.warehouse.base.build", "huitou.warehouse.compare",
    "huitou.warehouse.landing.draft", "huitou.warehouse.landing.erase", "huitou.warehouse.population", "huitou.warehouse.reader",
    "huitou.warehouse.tail_panel", "pandas", "pyarrow.csv", "pyarrow.parquet", "stamina", "structlog",
)  # fmt: skip


def serve() -> None:
    """Answer orders until nobody is left to give any."""
    for name in KNOWN:
        import_module(name)
    warm()
    assert not settings.configured, "a process of the product must read its own settings"
    gc.freeze()  # no child copies what it never touches
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            end(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def end(order: dict[str, Any]) -> NoReturn:
    """Be the process that the order asks for to its end; what it would free then, a quarter of a second, goes with it."""
    code: object = 0
    try:
        begin(order)
    except SystemExit as left:
        code = left.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads as an interpreter does at its end
    atexit._run_exitfuncs()
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def begin(order: dict[str, Any]) -> None:
    """Be the process that the order asks for: `python -m module words…`, or `python -c code` where it names no module."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    for number, path in enumerate((os.devnull, order["out"], order["err"])):
        place = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(place, number)
        os.close(place)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the one before may hold orders
    if order["module"]:
        sys.argv = [order["module"], *order["words"]]
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        return
    sys.argv = ["-c"]
    sys.modules["__main__"] = ModuleType("__main__")
    exec(compile(order["code"], "<string>", "exec"), sys.modules["__main__"].__dict__)


if __name__ == "__main__":
    serve()

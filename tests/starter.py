"""
Starts processes of the product for the tests: a fork of this one, which has imported what needs no installation.

Half of what a call cost were imports. Django is not set up here and no setting is read: the child opens its installation as a
process of its own would, with the environment that the order names. An order is a line of JSON on standard input; the answer is
the exit code, negative for a signal.
"""

import gc
import json
import os
import runpy
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from django.conf import settings

from huitou.core.identity.match.warm import warm

KNOWN = (
    "django.core.handlers.wsgi", "django.core.management", "django.core.serializers.json", "django.db.backends.sqlite3.base",
    "django.db.models", "django.forms", "django.template.defaulttags", "django.urls", "django.views.generic", "httpx",
    "huitou.connectors.database.client", "huitou.connectors.registry", "huitou.core.value.clv",
    "huitou.warehouse.base.build", "huitou.warehouse.reader", "pandas", "pyarrow.parquet", "stamina", "structlog",
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
            begin(json.loads(line))
            return
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


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

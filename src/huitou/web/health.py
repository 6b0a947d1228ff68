"""Is this process able to serve? For load balancers and the parent process."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from huitou.apps.base import secrets
from huitou.apps.base.clock import utc_now
from huitou.apps.base.jobs import worker_lease
from huitou.apps.base.leases import is_held


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the operations database answers, else 503 with the part that failed: restart me."""
    if not _database():
        return JsonResponse({"status": "failed", "part": "database"}, status=503)
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """
    Answer 200 when everything that answers need is there, else 503: send nobody here. Names parts, never a path or a message.

    The worker counts as degraded: pages open without it, the data stands still.
    """
    parts = {name: "ok" if check() else "failed" for name, check in CHECKS.items()}
    worker = parts["database"] == "ok" and is_held(worker_lease(0), utc_now())
    failed = "failed" in parts.values()
    status = "failed" if failed else "ok" if worker else "degraded"
    return JsonResponse(
        {"status": status, "parts": parts | {"worker": "ok" if worker else "down"}}, status=503 if failed else 200
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _keys() -> bool:
    try:
        secrets.keyring()
    except secrets.KeyFileError:
        return False
    return True


def _data() -> bool:
    folder = Path(settings.HUITOU_DATA_DIR)
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


CHECKS: Mapping[str, Callable[[], bool]] = {"database": _database, "keys": _keys, "data": _data}

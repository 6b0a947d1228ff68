"""Write down who saw whom."""

import os
import threading
import uuid
from collections.abc import Collection
from datetime import datetime

from huitou.apps.privacy.models import AccessEntry


class _Writer:
    """This process as a writer of the access log; a forked child becomes another one."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.name = uuid.uuid4().hex
        self.number = 0
        self.lock = threading.Lock()


_writer = _Writer()


def access_record(*, user_id: int, route_code: str, person_ids: Collection[int], now: datetime) -> None:
    """
    Append one entry; without persons nothing was shown and nothing is written.

    Call it outside any transaction: a number must never be rolled back. Raises what the database raises, and then the
    answer must not go out.
    """
    global _writer
    if not person_ids:
        return
    if _writer.pid != os.getpid():
        _writer = _Writer()
    with _writer.lock:  # the threads of a web process share the numbers
        AccessEntry.objects.create(
            at=now, writer=_writer.name, number=_writer.number + 1, user_id=user_id, route_code=route_code,
            person_ids=sorted(person_ids),
        )  # fmt: skip
        _writer.number += 1

"""
One at a time: a lease in the operations database that one holder keeps while it works.

Two workers, or a worker and a command, may reach the same work (a pull of one source, a fold) at the same moment; the second
gets LeaseTaken and comes back later. A holder that is killed leaves its lease behind: it is taken over at once by a process
of the same machine, which sees that the holder is gone, and by anybody else when it runs out.
"""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import close_old_connections, transaction

from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import Lease

LEASE_SECONDS = 60.0
_ASK_EVERY_SECONDS = 0.05


class LeaseTaken(Exception):
    """Somebody else is doing this work now."""


class LeaseLost(Exception):
    """The lease ran out under its holder (it was stopped for too long) and may have gone to somebody else."""


class Held:
    """A lease in hand; renewed in the background until it is given back."""

    def __init__(self, name: str, holder: str, seconds: float, clock: Callable[[], datetime]) -> None:
        self.name = name
        self._holder = holder
        self._seconds = seconds
        self._clock = clock
        self._good_until = time.monotonic() + seconds
        self._given_back = threading.Event()
        self._renewer = threading.Thread(target=self._renew_until_given_back, name=f"lease {name}", daemon=True)
        self._renewer.start()

    def check(self) -> None:
        """Raise LeaseLost unless the lease is still ours; call it right before a step that nobody may do twice."""
        if time.monotonic() >= self._good_until:
            raise LeaseLost(f"the lease {self.name} ran out")

    def renew(self) -> None:
        """Move the end of the lease on; without effect once somebody else has taken it."""
        asked = time.monotonic()
        mine = Lease.objects.filter(name=self.name, holder=self._holder)
        if mine.update(expires_at=self._clock() + timedelta(seconds=self._seconds)):
            self._good_until = asked + self._seconds
        else:
            self._good_until = 0.0

    def _renew_until_given_back(self) -> None:
        while not self._given_back.wait(self._seconds / 3):
            close_old_connections()
            try:
                self.renew()
            except Exception:  # the database is away; check() tells the holder once the lease has run out
                continue
            finally:
                close_old_connections()

    def give_back(self) -> None:
        self._given_back.set()
        Lease.objects.filter(name=self.name, holder=self._holder).delete()


@contextmanager
def hold(
    name: str, *, seconds: float = LEASE_SECONDS, wait_seconds: float = 0.0, clock: Callable[[], datetime] = utc_now
) -> Iterator[Held]:
    """
    Hold the lease `name` for the length of the block. Raises LeaseTaken when somebody else holds it, at once or after asking
    again for `wait_seconds`: for those whose turn comes between two short ones of somebody else.

    Use it outside a transaction: others see the lease only once it is committed.
    """
    holder = f"{_process()}/{uuid.uuid4().hex}"
    until = time.monotonic() + wait_seconds
    while not _take(name, holder, seconds, clock()):
        if time.monotonic() >= until:
            raise LeaseTaken(f"{name} is being done by another process")
        time.sleep(_ASK_EVERY_SECONDS)
    held = Held(name, holder, seconds, clock)
    try:
        yield held
    finally:
        held.give_back()


def is_held(name: str, now: datetime) -> bool:
    """Return whether a living holder has the lease."""
    row = Lease.objects.filter(name=name, expires_at__gt=now).first()
    return row is not None and not _holder_is_gone(row.holder)


@transaction.atomic
def _take(name: str, holder: str, seconds: float, now: datetime) -> bool:
    expires_at = now + timedelta(seconds=seconds)
    row, is_new = Lease.objects.select_for_update().get_or_create(
        name=name, defaults={"holder": holder, "expires_at": expires_at}
    )
    if is_new:
        return True
    if row.expires_at > now and not _holder_is_gone(row.holder):
        return False
    row.holder, row.expires_at = holder, expires_at
    row.save()
    return True


def _process() -> str:
    return f"{_machine()}/{os.getpid()}/{_process_start(os.getpid())}"


def _machine() -> str:
    """The boot and the process namespace: where a process id means the same process. Empty where it cannot be told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}+{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _process_start(pid: int) -> str | None:
    """The kernel's start time of a process, so that a process id used again is not mistaken for the old one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state == "Z" else fields[18]


def _holder_is_gone(holder: str) -> bool:
    machine, pid, started, _ = holder.rsplit("/", 3)
    return machine != "" and machine == _machine() and _process_start(int(pid)) != started

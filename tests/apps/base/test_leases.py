"""One at a time: a lease has one holder, outlives no process and is lost when it is not renewed."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import Lease

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_a_second_holder_is_refused_until_the_first_gives_back():
    with leases.hold("fold") as first:
        first.check()
        with pytest.raises(leases.LeaseTaken), leases.hold("fold"):
            pass
        with leases.hold("base"):
            assert leases.is_held("fold", utc_now())
    with leases.hold("fold"):
        pass
    assert not Lease.objects.exists()


def test_a_lease_left_by_a_killed_process_of_this_machine_is_free_at_once():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    holder = f"{leases._machine()}/{gone.pid}/12345/abc"
    Lease.objects.create(name="fold", holder=holder, expires_at=utc_now() + timedelta(hours=1))
    assert not leases.is_held("fold", utc_now())
    with leases.hold("fold"):
        pass


def test_a_lease_of_another_machine_is_free_only_after_it_ran_out():
    Lease.objects.create(name="fold", holder="elsewhere/1/1/abc", expires_at=NOW)
    with pytest.raises(leases.LeaseTaken), leases.hold("fold", clock=lambda: NOW - timedelta(seconds=1)):
        pass
    with leases.hold("fold", clock=lambda: NOW):
        pass


def test_a_holder_whose_lease_was_taken_over_is_told_before_its_next_step():
    with leases.hold("fold") as held:
        Lease.objects.update(holder="elsewhere/1/1/abc")
        held.renew()
        with pytest.raises(leases.LeaseLost):
            held.check()
    assert Lease.objects.get().holder == "elsewhere/1/1/abc"


def test_who_waits_gets_a_lease_that_comes_free_meanwhile_and_gives_up_on_one_that_does_not():
    Lease.objects.create(name="fold", holder="elsewhere/1/1/abc", expires_at=utc_now() + timedelta(seconds=0.2))
    with leases.hold("fold", wait_seconds=5):
        with pytest.raises(leases.LeaseTaken), leases.hold("fold", wait_seconds=0.1):
            pass
        assert leases.is_held("fold", utc_now())

"""The imported points ledger against the balance that the membership system states, from the source to the report."""

from datetime import UTC, datetime

import pytest

from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import cycle_run
from huitou.apps.identity.queries import persons_of_records
from huitou.apps.intake.services import source_configure, source_pull
from huitou.apps.quality.queries import data_overview, reconciliation
from huitou.connectors.fakes import serve_fakes
from huitou.connectors.membership import fake_store
from huitou.warehouse.queries.points import Reconciliation

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ENGINEER = Viewer(1, "engineer", None)
MEMBERS = 50


@pytest.fixture
def club(tmp_path):
    """The membership system with members whose balance is the sum of their ledger: 10, 20 and -5 each."""
    with serve_fakes(tmp_path / "chain") as fakes:
        source_configure(code="membership", kind_code="membership", settings=fakes.settings["membership"], now=NOW)
        path = fakes.chain / "membership" / fake_store.FILE_NAME
        fake_store.put(path, "member", [member(number) for number in range(MEMBERS)])
        fake_store.put(path, "points_ledger", [row for number in range(MEMBERS) for row in ledger(number, (10, 20, -5))])
        yield path


def member(number, *, balance=25, minute=0):
    return {
        "member_no": f"M{number}", "name": f"李{number}", "mobile": f"1541234{number:04d}", "points_balance": balance,
        "joined_at": "2026-01-01 09:00:00", "updated_at": f"2026-11-01 09:{minute:02d}:00",
    }  # fmt: skip


def ledger(number, deltas, *, first=0):
    return [
        {
            "entry_id": f"E{number}-{index}", "member_no": f"M{number}", "occurred_at": f"2026-10-{index + 1:02d} 10:00:00",
            "delta": delta, "reason": "purchase",
        }
        for index, delta in enumerate(deltas, first)
    ]  # fmt: skip


def run():
    source_pull(source_code="membership", now=NOW)
    cycle_run(now=NOW)


@pytest.mark.accept("S5")
def test_every_ledger_sums_to_its_balance_and_a_difference_is_listed(club):
    assert reconciliation(ENGINEER) is None  # no answer before the first build
    run()
    agreed = data_overview(ENGINEER, NOW).points
    assert agreed.summary == Reconciliation(members=MEMBERS, equal=MEMBERS)
    assert (agreed.summary.equal_share, agreed.differences) == (1.0, ())
    fake_store.put(club, "member", [member(7, balance=125, minute=30)])
    run()
    report = reconciliation(ENGINEER)
    assert report.summary == Reconciliation(members=MEMBERS, equal=MEMBERS - 1)
    (difference,) = report.differences
    assert (difference.ledger_points, difference.balance_points) == (25, 125)
    assert persons_of_records([difference.record_id]) == {difference.record_id: difference.person_id}
    fake_store.put(club, "points_ledger", ledger(7, (100,), first=20))
    run()
    assert reconciliation(ENGINEER).summary.equal_share == 1.0  # the missing entry came

"""Who moved since the end of last month: once a person, by where both ends stand, and the number is its list."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.apps.builds.conftest import NOW

from huitou.apps.base import jobs, pace
from huitou.apps.base.hooks import IdentityChange, PersonErased
from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import base_run, cycle_run
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries.listing import person_count, person_sorts
from huitou.apps.identity.services import person_merge
from huitou.apps.value import handlers
from huitou.apps.value.models import MonthMove, PersonValue, TierChange, ValueRun
from huitou.apps.value.queries import tier_moves
from huitou.apps.value.schemes import in_force, schemes_in_force, shipped_ensure
from huitou.apps.value.services import moves, moves_keep
from huitou.core.filters.json_form import parse

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

HERE, THERE = 1, 2
LAST, FIRST, MIDDLE, NEWEST = "last month", "first", "middle", "newest"  # runs
ROW = ("person_id", "scheme_id", "direction", "from_code", "to_code")
CHAIN, STORE = Viewer(1, "manager", None), Viewer(2, "store_manager", frozenset({HERE}))

# Of whom, first written by which run, home store, changes by (run, from, to), where they stand now, whether they live, the move.
CASES = [
    ("up", None, HERE, [(FIRST, "CORE", "DIAMOND")], "DIAMOND", True, "up"),
    ("down on the newest day", LAST, HERE, [(NEWEST, "CORE", "BASIC")], "BASIC", True, "down"),
    ("up in two steps is one move", LAST, HERE, [(FIRST, "BASIC", "CORE"), (NEWEST, "CORE", "DIAMOND")], "DIAMOND", True, "up"),
    ("up and back", LAST, HERE, [(FIRST, "CORE", "DIAMOND"), (MIDDLE, "DIAMOND", "CORE")], "CORE", True, ""),
    ("up, then below the start", LAST, HERE, [(FIRST, "CORE", "DIAMOND"), (MIDDLE, "DIAMOND", "BASIC")], "BASIC", True, "down"),
    ("on the last day of last month", LAST, HERE, [(LAST, "CORE", "DIAMOND")], "DIAMOND", True, ""),
    ("stayed", LAST, HERE, [], "CORE", True, ""),
    ("got the first tier and moved since", FIRST, HERE, [(NEWEST, "BASIC", "DIAMOND")], "DIAMOND", True, ""),
    ("came out of no tier", LAST, HERE, [(FIRST, "", "CORE"), (NEWEST, "CORE", "DIAMOND")], "DIAMOND", True, ""),
    ("lost the tier", LAST, HERE, [(FIRST, "CORE", "")], None, True, ""),
    ("out and in again, higher", LAST, HERE, [(FIRST, "CORE", ""), (NEWEST, "", "DIAMOND")], "DIAMOND", True, "up"),
    ("merged away", LAST, HERE, [(FIRST, "CORE", "DIAMOND")], "DIAMOND", False, ""),
    ("of another store", LAST, THERE, [(FIRST, "CORE", "DIAMOND")], "DIAMOND", True, "up"),
    ("of no store", LAST, None, [(FIRST, "CORE", "BASIC")], "BASIC", True, "down"),
]  # fmt: skip


def rules():
    return {"schemes": {one.code: [one.slot, one.number] for one in schemes_in_force()}, "formulas": {}, "clv": "forecast"}


@pytest.fixture
def runs():
    shipped_ensure(now=NOW)
    days = {LAST: date(2026, 10, 31), FIRST: date(2026, 11, 1), MIDDLE: date(2026, 11, 20), NEWEST: date(2026, 11, 20)}
    return {
        name: ValueRun.objects.create(
            kind_code="touched" if name == MIDDLE else "full", version=1, base_number=1, as_of=as_of, window_days=365,
            rules=rules(), started_at=NOW, ended_at=NOW,
        )
        for name, as_of in days.items()
    }  # fmt: skip


@pytest.fixture
def people(runs):
    pyramid = in_force("pyramid")
    found = {}
    for name, first, store_id, changes, now, is_live, _moved in CASES:
        person = Person.objects.create(home_store_id=store_id, is_live=is_live, created_at=NOW, updated_at=NOW)
        first_run = None if first is None else runs[first].pk
        PersonValue.objects.create(person=person, run_id=1, first_run_id=first_run, tier_1=now)
        for run, before, after in changes:
            TierChange.objects.create(
                person_id=person.pk, scheme_id=pyramid.scheme_id, from_code=before, to_code=after,
                scheme_version=1, run=runs[run], changed_on=runs[run].as_of,
            )  # fmt: skip
        found[name] = person.pk
    return found


def told(viewer=CHAIN):
    found = tier_moves(viewer, in_force("pyramid"))
    return None if found is None else (found.up, found.down)


def test_everybody_who_stands_elsewhere_than_at_the_end_of_last_month_counts_once(people):
    wanted = {people[name]: moved for name, *_, moved in CASES if moved}
    assert moves_keep() == len(wanted)
    assert dict(MonthMove.objects.values_list("person_id", "direction")) == wanted
    counts = [sum(one == way for one in wanted.values()) for way in ("up", "down")]
    assert told() == tuple(counts)
    found = tier_moves(CHAIN, in_force("pyramid"))
    assert (found.base, found.as_of) == (date(2026, 10, 31), date(2026, 11, 20))
    own = [sum(moved == way and store == HERE for _, _, store, *_, moved in CASES) for way in ("up", "down")]
    assert told(STORE) == tuple(own) != tuple(counts)
    assert told(Viewer(3, "store_manager", frozenset())) == (0, 0)
    assert moves_keep() == len(wanted)  # again it changes nothing
    assert MonthMove.objects.count() == len(wanted)


def test_who_stayed_is_counted_by_tier_without_newcomers_and_who_had_none(people):
    moves_keep()
    # "up and back" and "stayed" stand in CORE, "on the last day of last month" in DIAMOND; all of one store
    assert (
        tier_moves(CHAIN, in_force("pyramid")).stayed
        == tier_moves(STORE, in_force("pyramid")).stayed
        == {"CORE": 2, "DIAMOND": 1}
    )
    assert tier_moves(Viewer(3, "store_manager", frozenset({THERE})), in_force("pyramid")).stayed == {}
    before = dict(ValueRun.objects.exclude(moves=None).get().moves)
    for kept in before.values():
        del kept["stayed"]  # as a run of an earlier release told it
    ValueRun.objects.exclude(moves=None).update(moves=before)
    assert tier_moves(CHAIN, in_force("pyramid")).stayed is None
    with CaptureQueriesContext(connection) as asked:
        moves_keep()
    assert sum("COUNT(" in one["sql"] for one in asked) == 1  # one grouped count for all schemes


def told_whole():
    """Return what the table and the run tell."""
    return set(MonthMove.objects.values_list(*ROW)), ValueRun.objects.order_by("-pk").values_list("moves", flat=True).first()


@pytest.fixture
def night(people, runs, monkeypatch):
    """Rows of the night before that must go, stay and change, transactions of one row, and what the night has to tell."""
    moves_keep()
    wanted = told_whole()
    rows = MonthMove.objects.order_by("pk")
    rows.filter(person_id=people["up"]).delete()
    rows.filter(person_id=people["of no store"]).update(direction="up", to_code="DIAMOND")
    rows.create(
        person_id=people["stayed"], scheme_id=in_force("pyramid").scheme_id, direction="up", from_code="BASIC", to_code="CORE"
    )
    rows.create(person_id=10**9, scheme_id=in_force("pyramid").scheme_id, direction="up", from_code="BASIC", to_code="CORE")
    ValueRun.objects.update(moves=None)
    monkeypatch.setattr(pace, "FEWEST", 1)
    monkeypatch.setattr(pace, "MOST", 1)
    monkeypatch.setattr(moves, "Pace", partial(pace.Pace, rows=1))
    return wanted


STEPS = ("rows_delete", "rows_delete", "rows_delete", "rows_write", "rows_write")  # transactions of that night, in order


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_night_killed_at_any_row_is_made_up_by_the_next_attempt(night, monkeypatch, moment, step):
    job = jobs.plan("value.reasons", now=NOW)
    cut_at(monkeypatch, step, moment, killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_attempt(job.pk)
    assert told_whole() != night
    monkeypatch.undo()
    jobs.run_attempt(job.pk)
    assert told_whole() == night
    assert MonthMove.objects.count() == len(night[0])


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_second_worker_at_the_same_rows_changes_nothing(night, monkeypatch, step):
    cut_at(monkeypatch, step, "before", moves_keep)
    assert moves_keep() == len(night[0])
    assert told_whole() == night
    assert MonthMove.objects.count() == len(night[0])


def killed():
    raise KeyboardInterrupt  # nothing catches it, as nothing catches a kill


def cut_at(monkeypatch, step, moment, happens):
    """Let something happen once, before or after the transaction of that number."""
    calls = iter(range(100))

    def cut(real, *given, **named):
        number = next(calls)
        if number == step and moment == "before":
            happens()
        done = real(*given, **named)
        if number == step and moment == "after":
            happens()
        return done

    for name in set(STEPS):
        monkeypatch.setattr(moves, name, partial(cut, getattr(moves, name)))


def listed(viewer, way):
    catalogue = customer_catalogue(viewer)
    node = parse({"field": "tier_pyramid_moved", "op": "eq", "value": way}, catalogue)
    return person_count(viewer, Asked(catalogue, sort_read("id", person_sorts()), NOW.date(), node)).value


def test_the_number_is_the_count_of_its_list(people):
    moves_keep()
    for viewer in (CHAIN, STORE):
        assert (listed(viewer, "up"), listed(viewer, "down")) == told(viewer)


def test_the_next_night_tells_what_differs(people, runs):
    moves_keep()
    kept = set(MonthMove.objects.values_list("pk", flat=True))
    PersonValue.objects.filter(pk=people["up"]).update(tier_1="CORE")  # back where the month began
    PersonValue.objects.filter(pk=people["up and back"]).update(tier_1="DIAMOND")
    moves_keep()
    moved = dict(MonthMove.objects.values_list("person_id", "direction"))
    assert (people["up"] in moved, moved[people["up and back"]]) == (False, "up")
    assert len(kept - set(MonthMove.objects.values_list("pk", flat=True))) == 1  # the others were left alone


@pytest.mark.parametrize(
    ("case", "run", "changed"),
    [
        ("the scheme was changed this month", LAST, {"schemes": {"pyramid": [1, 0]}}),
        ("it was changed and stood otherwise on one night", FIRST, {"schemes": {"pyramid": [1, 0]}}),
        ("it was not in force then", LAST, {"schemes": {}}),
        ("what it predicts by was another thing", LAST, {"clv": "window_365"}),
        ("the weights of a power were others", LAST, {"formulas": {"potential": 2}}),
    ],
)
def test_tiers_of_other_rules_are_not_compared(people, runs, case, run, changed):
    ValueRun.objects.filter(pk=runs[run].pk).update(rules=rules() | changed)
    moves_keep()
    assert told() is None, case
    assert not MonthMove.objects.filter(scheme_id=in_force("pyramid").scheme_id).exists()


def test_before_the_first_full_month_there_is_no_number(people, runs):
    assert told() is None  # not counted yet
    ValueRun.objects.filter(pk=runs[LAST].pk).update(as_of=date(2026, 9, 30))  # the month before was never computed
    moves_keep()
    assert told() is None
    ValueRun.objects.filter(pk=runs[LAST].pk).update(as_of=date(2026, 10, 1), ended_at=None)  # cut short: says nothing
    moves_keep()
    assert told() is None
    ValueRun.objects.filter(pk=runs[LAST].pk).update(ended_at=NOW)
    moves_keep()
    assert told() is not None
    assert tier_moves(CHAIN, in_force("pyramid")).base == date(2026, 10, 1)


def test_who_is_erased_or_merged_away_is_in_no_list(people):
    moves_keep()
    handlers.person_erased(PersonErased(people["up"], (), NOW))
    assert not MonthMove.objects.filter(person_id=people["up"]).exists()
    gone = people["of another store"]
    handlers.derived_drop(IdentityChange(1, (), (), (gone,), NOW))
    assert not MonthMove.objects.filter(person_id=gone).exists()


def test_without_a_run_nothing_is_counted(db):
    assert moves_keep() is None


def tiers_now():
    """Return the tier of everybody who has one, by scheme and person."""
    return {
        (one.scheme_id, person_id): code
        for one in schemes_in_force()
        for person_id, code in PersonValue.objects.exclude(**{one.column: None}).values_list("pk", one.column)
    }


def test_true_nights_with_late_receipts_and_a_merge_tell_what_a_snapshot_of_the_month_end_would(tills):
    night = datetime(2026, 12, 1, 4, tzinfo=UTC)
    tills.bring(0, 1, 2, now=night)
    base_run(now=night, compare=False)  # stands for 30 November
    tills.bring(3, now=night)
    cycle_run(now=night)  # still does
    for day in (4, 5):
        tills.bring(day, now=night)
        cycle_run(now=night)  # what moves by day, before the first night of December, still counts to November
    month_end = tiers_now()
    one, other = Person.objects.filter(is_live=True, facts__orders_count__gt=1).order_by("pk")[:2]
    base_run(now=night + timedelta(days=1), compare=False)  # stands for 1 December
    person_merge(person_id=one.pk, other_id=other.pk, by=1, reason="same person", now=night)
    tills.bring(6, 7, 9, now=night + timedelta(days=1))
    cycle_run(now=night + timedelta(days=1))
    moves_keep()
    now = tiers_now()
    wanted = {key: (tier, now[key]) for key, tier in month_end.items() if key in now and now[key] != tier}
    told_of = MonthMove.objects.values_list("scheme_id", "person_id", "from_code", "to_code")
    assert {row[:2]: row[2:] for row in told_of} == wanted != {}

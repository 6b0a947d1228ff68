"""The way from landed rows to published facts: restartable, idempotent, and equal to a rebuild."""

from datetime import date, timedelta
from importlib import import_module

import pytest

from huitou.apps.builds.models import Build, BuildKind, BuildState, Comparison, PublishState
from huitou.apps.builds.queries import Health, builds_recent, checks_of, version_stamp
from huitou.apps.builds.services import base, base_run, cycle_run, fold, publish_run
from huitou.apps.builds.services.intake import intake_run
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.intake.models import Batch, BatchState
from huitou.apps.value.queries import last_run
from huitou.apps.value.services import forecast_run, value_run
from huitou.warehouse.checks import CheckResult, ChecksFailed
from huitou.warehouse.facts_schema import COLUMNS
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.switch import current

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.long(35)]


def stored():
    return list(PersonFacts.objects.order_by("pk").values_list(*COLUMNS))


def in_warehouse(layout):
    warehouse = Warehouse(layout)
    with warehouse.read() as reading:
        rows = reading.cursor.execute(f"select {', '.join(COLUMNS)} from facts order by person_id").fetchall()
    warehouse.close()
    return rows


def test_the_first_cycle_builds_a_base_and_later_ones_fold(tills, layout):
    assert cycle_run(now=NOW).version is None  # nothing has landed
    tills.bring(0, 1, 2)
    first = cycle_run(now=NOW)
    assert (first.version, first.published.way) == (1, "compare")
    assert stored() == in_warehouse(layout) != []
    tills.bring(3, 9)
    second = cycle_run(now=NOW)
    assert (second.version, second.published.way) == (2, "changes")
    assert stored() == in_warehouse(layout)
    kinds = Build.objects.order_by("number").values_list("number", "kind_code", "state", "base_number")
    assert list(kinds) == [(1, BuildKind.BASE, BuildState.PUBLISHED, 1), (2, BuildKind.TAIL, BuildState.PUBLISHED, 1)]
    assert set(Batch.objects.values_list("state", flat=True)) == {BatchState.FOLDED}
    assert {check.passed for check in checks_of(builds_recent()[0])} == {True}


def test_a_cycle_with_nothing_new_changes_nothing(tills):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    again = cycle_run(now=NOW)
    assert (again.version, again.published, again.intake.sealed) == (1, None, ())
    assert Build.objects.count() == 1


def test_the_nightly_base_equals_the_fold_and_is_published(tills, layout):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    tills.bring(3, 4, 9)
    cycle_run(now=NOW)
    build = base_run(now=NOW + timedelta(days=1))
    comparison = Comparison.objects.get()
    assert (comparison.is_equal, comparison.fold_number, comparison.base_number) == (True, 3, 4)
    assert len(comparison.tables) > 5
    assert (build.number, build.kind_code, build.state, build.as_of) == (
        4,
        BuildKind.BASE,
        BuildState.PUBLISHED,
        date(2026, 11, 22),
    )
    assert stored() == in_warehouse(layout)
    assert PublishState.objects.get().published_version == 4


@pytest.mark.accept("S37")
def test_a_persons_home_store_is_where_most_orders_are(tills):
    tills.bring(0, 1, 2, 3)
    cycle_run(now=NOW)
    homes = dict(Person.objects.filter(is_live=True).values_list("pk", "home_store_id"))
    mains = dict(PersonFacts.objects.exclude(main_store_id=None).values_list("pk", "main_store_id"))
    assert mains
    assert all(homes[person_id] == store_id for person_id, store_id in mains.items())


def test_a_lost_publish_is_made_up_by_the_next(tills, layout):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    PersonFacts.objects.filter(pk=PersonFacts.objects.order_by("pk").first().pk).update(net_fen=1, version=99)
    PersonFacts.objects.order_by("pk").last().delete()
    PublishState.objects.update(writing_version=99)  # as a publish leaves it that was cut short
    assert publish_run(now=NOW).way == "compare"
    assert stored() == in_warehouse(layout)
    assert publish_run(now=NOW) is None


def test_the_stamp_says_what_is_published_and_whether_it_is_late(tills):
    assert version_stamp(NOW).health is Health.EMPTY
    tills.bring(0)
    cycle_run(now=NOW)
    stamp = version_stamp(NOW)
    assert (stamp.version, stamp.as_of, stamp.published_at, stamp.health) == (1, date(2026, 11, 21), NOW, Health.OK)
    tills.bring(1)
    assert version_stamp(NOW + timedelta(minutes=6)).health is Health.LATE
    Build.objects.create(
        number=7, kind_code="base", state="failed", base_number=7, as_of=NOW, started_at=NOW, error="X", code_version="t"
    )
    assert version_stamp(NOW).health is Health.FAILED
    assert "7" in version_stamp(NOW).sentence


def miscount(patched: pytest.MonkeyPatch, step: str, table: str) -> None:
    """Let a step of the build write one order 250 fen too high. The checks behind it are the product's own."""
    module, _, name = step.rpartition(".")
    right = getattr(import_module(module), name)

    def wrong(connection, as_of):
        right(connection, as_of)
        first = f"(select min(net_order_id) from {table})"
        connection.execute(f"update {table} set net_fen = net_fen + 250 where net_order_id = {first}")

    patched.setattr(step, wrong)


@pytest.mark.accept("S47")
def test_a_version_that_does_not_add_up_never_reaches_readers_or_models_and_the_next_one_does(tills, layout, monkeypatch):
    tills.bring(0)
    with monkeypatch.context() as patched:
        miscount(patched, "huitou.warehouse.base.build._orders_by_range", "orders")
        with pytest.raises(ChecksFailed, match=r"base-1 is not published: .*lines = orders is off by -250 fen"):
            cycle_run(now=NOW)
    assert (stored(), value_run(now=NOW), forecast_run(now=NOW), last_run()) == ([], None, None, None)
    assert cycle_run(now=NOW).version == 2
    before = stored()
    tills.bring(1)
    with monkeypatch.context() as patched:
        miscount(patched, "huitou.warehouse.tail._orders", "t_orders")
        with pytest.raises(ChecksFailed, match=r"tail-3 is not published: .*landed lines = orders is off by -250 fen"):
            cycle_run(now=NOW)
    failed = builds_recent()[0]
    assert failed.state == BuildState.FAILED
    assert {check.name: check.difference for check in checks_of(failed)}["landed lines = orders"] == -250
    assert (current(layout).number, stored()) == (2, before)
    assert value_run(now=NOW) is None  # nothing new to score
    assert last_run().version == 2
    assert version_stamp(NOW).health is Health.FAILED
    assert cycle_run(now=NOW).version == 4
    assert last_run().version == 4
    assert version_stamp(NOW).health is Health.OK


def test_a_fold_that_does_not_add_up_does_not_stop_the_nightly_rebuild(tills, layout, monkeypatch):
    tills.bring(0, 1)
    cycle_run(now=NOW)

    def refuse(*_, number, **__):
        raise ChecksFailed(f"tail-{number}", (CheckResult("lines = orders", True, 250, "fen"),))

    monkeypatch.setattr(fold, "fold_tail", refuse)
    build = base_run(now=NOW + timedelta(days=1))
    assert (build.number, build.state, current(layout).number) == (3, BuildState.PUBLISHED, 3)
    comparison = Comparison.objects.get()
    assert (comparison.is_equal, comparison.tables, comparison.fold_number) == (False, [], 2)
    assert stored() == in_warehouse(layout)


def test_what_lands_between_fold_and_rebuild_makes_no_false_difference(tills, layout, monkeypatch):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    tills.bring(2)
    real = base.base_build

    def late(*arguments, **options):
        tills.bring(3)
        intake_run(now=NOW)
        return real(*arguments, **options)

    monkeypatch.setattr(base, "base_build", late)
    base_run(now=NOW + timedelta(days=1))
    assert Comparison.objects.get().is_equal
    monkeypatch.undo()
    assert cycle_run(now=NOW + timedelta(days=1)).version == 4  # what came late is folded
    assert stored() == in_warehouse(layout)

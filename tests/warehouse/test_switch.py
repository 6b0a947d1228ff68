"""Switches under readers, leftovers, and builders that are killed."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest
from tests.warehouse.chain import AS_OF, SMALL, Chain, Document, Line
from tests.warehouse.test_tail import fold

from huitou.warehouse import checks
from huitou.warehouse.checks import ChecksFailed
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.queries.totals import totals
from huitou.warehouse.reader import NothingPublished, Warehouse
from huitou.warehouse.scope import CHAIN, Scope
from huitou.warehouse.switch import BadPointer, Version, current, pointer_path, sweep, switch

pytestmark = pytest.mark.long(30)

READER = Limits(memory_mb=200, threads=1)
PEOPLE = {5: 50, 6: 60}


def land_one(chain: Chain, fen: int) -> None:
    number = len(chain.batch_ids) + 1
    chain.land([Document(number, AS_OF, (Line(1, fen),), record_id=5)])


def net_fen(layout: Layout) -> int:
    with Warehouse(layout, READER).read() as reading:
        return totals(reading.cursor, scope=CHAIN).net_fen


def test_nothing_is_read_before_the_first_build(layout: Layout):
    assert current(layout) is None
    with pytest.raises(NothingPublished), Warehouse(layout).read():
        pass


def test_a_request_keeps_its_version_while_others_see_the_new_one(chain: Chain):
    land_one(chain, 100)
    base = chain.publish(1, PEOPLE)
    warehouse = Warehouse(chain.layout, READER)
    with warehouse.read() as old:
        for number in (2, 3):
            land_one(chain, 10)
            fold(chain, number, base, {})
            switch(chain.layout, base=1, tail=number)
        land_one(chain, 1)
        chain.publish(4, PEOPLE)
        with warehouse.read() as new:
            assert new.version == Version(4, 4, None)
            assert totals(new.cursor, scope=CHAIN).net_fen == 121
        assert totals(old.cursor, scope=CHAIN).net_fen == 100
    with warehouse.read() as reading:
        attached = {row[0] for row in reading.cursor.execute("select database_name from duckdb_databases()").fetchall()}
    assert {"b4"} == {name for name in attached if name[0] in "bt" and name[1:].isdigit()}


def test_a_version_is_asked_the_same_once_and_every_version_for_itself(chain: Chain):
    asked = []

    def net(cursor: duckdb.DuckDBPyConnection, *, scope: Scope) -> int:
        asked.append(scope)
        return totals(cursor, scope=scope).net_fen

    warehouse, store = Warehouse(chain.layout, READER), Scope((1,))
    for version, fen in ((1, 100), (2, 110)):
        land_one(chain, 100 if version == 1 else 10)
        chain.publish(version, PEOPLE)
        asked.clear()
        for _ in range(2):
            with warehouse.read() as reading:
                assert reading.once(net, scope=CHAIN) == fen
                reading.once(net, scope=store)
        assert asked == [CHAIN, store]


def test_old_files_go_after_three_versions(chain: Chain):
    land_one(chain, 100)
    base = chain.publish(1, PEOPLE)
    for number in range(2, 7):
        fold(chain, number, base, {})
        switch(chain.layout, base=1, tail=number)
    assert sorted(path.name for path in chain.layout.warehouse.glob("*.duckdb")) == [
        "base-1.duckdb", "tail-4.duckdb", "tail-5.duckdb", "tail-6.duckdb",
    ]  # fmt: skip


def test_the_number_of_a_version_must_rise_and_its_files_exist(chain: Chain):
    land_one(chain, 100)
    chain.publish(2, PEOPLE)
    with pytest.raises(ValueError, match="does not follow"):
        switch(chain.layout, base=2, tail=None)
    with pytest.raises(BadPointer, match=r"tail-3\.duckdb is missing"):
        switch(chain.layout, base=2, tail=3)
    pointer_path(chain.layout).write_text("{")
    with pytest.raises(BadPointer, match="is unreadable"):
        current(chain.layout)


def test_a_failed_check_leaves_the_old_version_and_no_file(chain: Chain, monkeypatch: pytest.MonkeyPatch):
    land_one(chain, 100)
    chain.publish(1, PEOPLE)
    chain.land([Document(9, AS_OF, (Line(1, 77),), record_id=5, store_id=99)])  # a store no dimension knows
    with pytest.raises(ChecksFailed, match="regions = headquarters is off by -77 fen"):
        chain.base(2, PEOPLE)
    assert current(chain.layout) == Version(1, 1, None)
    assert sorted(path.name for path in chain.layout.warehouse.rglob("*.duckdb")) == ["base-1.duckdb"]
    assert list(chain.layout.temporary.iterdir()) == []


def test_threads_read_through_switches_without_an_error(chain: Chain):
    land_one(chain, 100)
    base = chain.publish(1, PEOPLE)
    warehouse, stop, errors, seen = Warehouse(chain.layout, READER), threading.Event(), [], []

    def read() -> None:
        last = 0
        while not stop.is_set():
            try:
                with warehouse.read() as reading:
                    amount = totals(reading.cursor, scope=CHAIN).net_fen
                    assert reading.version.number >= last
                    last = reading.version.number
                    assert amount == totals(reading.cursor, scope=CHAIN).net_fen
                    seen.append(last)
                time.sleep(0.005)  # leave the builder some of the machine
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(2, 7):
        if number == 4:
            base = chain.publish(number, PEOPLE)
        else:
            land_one(chain, 10)
            fold(chain, number, base, {})
            switch(chain.layout, base=base.number, tail=number)
    while 6 not in seen[-8:] and not errors:
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(seen)) > 2


def read_until(root: Path, stop: Event, found: multiprocessing.Queue) -> None:
    """Body of a reader process: read until told, then report the last version and what went wrong."""
    warehouse, last, error = Warehouse(Layout(root), READER), 0, None
    while not stop.is_set() and error is None:
        try:
            with warehouse.read() as reading:
                totals(reading.cursor, scope=CHAIN)
                error = None if reading.version.number >= last else f"{reading.version.number} after {last}"
                last = reading.version.number
            time.sleep(0.005)
        except Exception as problem:
            error = repr(problem)
    found.put((last, error))


def test_processes_read_through_switches_of_tail_and_base(chain: Chain):
    land_one(chain, 100)
    base = chain.publish(1, PEOPLE)
    spawn = multiprocessing.get_context("spawn")
    stop, found = spawn.Event(), spawn.Queue()
    readers = [spawn.Process(target=read_until, args=(chain.layout.root, stop, found)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(2, 6):
        if number == 4:
            base = chain.publish(number, PEOPLE)
        else:
            fold(chain, number, base, {})
            switch(chain.layout, base=base.number, tail=number)
    stop.set()
    results = [found.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join()
    assert [error for _, error in results] == [None, None]


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from huitou.warehouse import staging, switch
    from huitou.warehouse.layout import Layout
    from tests.warehouse.chain import Chain
    from tests.warehouse.test_switch import PEOPLE
    from tests.warehouse.test_tail import fold

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    def at(step):
        return lambda name, done, steps: die() if name == step else None

    chain = Chain(Layout(Path(sys.argv[1])), [1])
    what, step = sys.argv[2], sys.argv[3]
    if what == "build":
        chain.base(2, PEOPLE, progress=at(step))
    elif what == "fold":
        base = chain.base(2, PEOPLE)
        chain.land([], points=[(1, 5, __import__("datetime").date(2026, 6, 30), 1)])
        fold(chain, 3, base, {}, progress=at(step))
    else:
        chain.base(2, PEOPLE)
        setattr(*{"before the pointer": (os, "replace", die), "after it": (switch, "sweep", die)}[step])
        switch.switch(chain.layout, base=2, tail=None)
"""


@pytest.mark.parametrize(("what", "step", "number"), [
    ("build", "facts", 1), ("build", "write", 1), ("fold", "orders", 1),
    ("switch", "before the pointer", 1), ("switch", "after it", 2),
])  # fmt: skip
def test_a_killed_builder_leaves_a_whole_version_and_the_next_build_works(chain: Chain, what: str, step: str, number: int):
    land_one(chain, 100)
    chain.publish(1, PEOPLE)
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(chain.layout.root), what, step],
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert current(chain.layout) == Version(number, number, None)
    assert net_fen(chain.layout) == 100
    sweep(chain.layout)
    assert list(chain.layout.temporary.iterdir()) == []
    chain.publish(9, PEOPLE)
    assert net_fen(chain.layout) == 100
    assert [path.name for path in chain.layout.warehouse.glob("tail-*")] == []


def test_sweep_leaves_a_living_builders_folder_alone(chain: Chain):
    land_one(chain, 100)
    left: list[list[str]] = []
    chain.base(1, PEOPLE, progress=lambda name, done, steps: left.append(sweep(chain.layout)) if name == "facts" else None)
    assert left == [[]]


def test_every_check_is_kept_with_the_version(chain: Chain):
    land_one(chain, 100)
    chain.publish(1, PEOPLE)
    with Warehouse(chain.layout, READER).read() as reading:
        stored = reading.cursor.execute("select name, difference from checks").fetchall()
    assert [name for name, _ in stored] == [check.name for check in checks.BASE_CHECKS]
    assert {difference for _, difference in stored} == {0}
    assert SMALL.memory_mb < Limits().memory_mb

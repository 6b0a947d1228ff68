"""The systems as they stood at the end of last month: nothing later, everything earlier, and afterwards as they were built."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date

import pytest

from huitou.demo import last_month
from huitou.demo.last_month import month_hold, month_is_held, month_release, night_after

ANCHOR = date(2026, 11, 21)  # of the chain in conftest
LOCAL, UTC_TEXT, DESK = "2026-11-01 00:00:00", "2026-10-31T16:00:00Z", "2026-11-01T00:00:00+08:00"
STORES = ("mall/mall.sqlite3", "membership/membership.sqlite3", "aftersales/aftersales.sqlite3")


@pytest.fixture
def copy(chain, tmp_path):
    """A copy of the chain that may be changed."""
    return shutil.copytree(chain.chain_dir, tmp_path / "chain")


def rows(folder, store, table, columns="*"):
    with closing(sqlite3.connect(folder / store)) as connection:
        return connection.execute(f"select {columns} from {table}").fetchall()


def whole(folder):
    """Return all that the systems serve; the feed's order apart, in which what changed stands at the end."""
    found = {path.name: path.read_bytes() for path in (folder / "pos" / "outbox").iterdir()}
    for store in STORES:
        with closing(sqlite3.connect(folder / store)) as connection:
            names = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
            for (name,) in names.fetchall():
                columns = "*" if store == STORES[1] else "id, updated_at, payload"
                found[name] = sorted(rows(folder, store, name, columns), key=repr)
    return found


def test_nothing_is_later_than_the_month_and_all_that_was_there_stands_as_it_was(copy):
    built = {name: rows(copy, STORES[1], name) for name in ("member", "points_ledger")}
    orders = [json.loads(text) for (text,) in rows(copy, STORES[0], "orders", "payload")]
    tickets = [json.loads(text) for (text,) in rows(copy, STORES[2], "tickets", "payload")]
    month_hold(copy, anchor=ANCHOR)
    assert month_is_held(copy)
    files = sorted(path.name for path in (copy / "pos" / "outbox").glob("receipts-*"))
    assert (files[-1], len(files) > 300) == ("receipts-2026-10-31.csv", True)

    then = {item["id"]: item for item in (json.loads(text) for (text,) in rows(copy, STORES[0], "orders", "payload"))}
    paid = {one["id"] for one in orders if one["payment"] and one["payment"]["paid_at"] < UTC_TEXT}
    assert {id for id, one in then.items() if one["payment"]} == paid
    assert all(one["updated_at"] < UTC_TEXT for one in then.values())
    since = [then[one["id"]] for one in orders if one["id"] in paid and one["updated_at"] >= UTC_TEXT]
    assert {(one["status"], len(one["refunds"]), one["status_history"][-1]["status"]) for one in since} <= {
        (status, 0, status) for status in ("paid", "shipped", "completed")
    }
    assert since

    balance = Counter()
    for _id, member, at, delta, _reason in built["points_ledger"]:
        balance[member] += delta if at >= LOCAL else 0
    last = {row[0]: row for row in built["member"]}
    members = rows(copy, STORES[1], "member")
    assert 0 < len(members) < len(last)
    assert all(row[-1] < LOCAL for row in members)
    assert all(row[-2] == last[row[0]][-2] - balance[row[0]] for row in members if row[-2] is not None)
    assert all(row[2] < LOCAL for row in rows(copy, STORES[1], "points_ledger"))

    open_then = {item["id"]: item for item in (json.loads(text) for (text,) in rows(copy, STORES[2], "tickets", "payload"))}
    assert open_then.keys() == {one["id"] for one in tickets if one["created_at"] < DESK}
    assert any(one["status"] != open_then[one["id"]]["status"] for one in tickets if one["id"] in open_then)


@pytest.mark.parametrize("killed_at", ["", "_members_earlier", "_desk_rules", "_table_rows", "_move"])
def test_the_rest_of_the_month_leaves_the_systems_as_they_were_built(copy, monkeypatch, killed_at):
    built = whole(copy)
    with monkeypatch.context() as patched:
        if killed_at:
            patched.setattr(last_month, killed_at, killed)
            with pytest.raises(KeyboardInterrupt):
                month_hold(copy, anchor=ANCHOR)
    month_hold(copy, anchor=ANCHOR)
    held = whole(copy)
    month_hold(copy, anchor=ANCHOR)
    assert whole(copy) == held != built  # again it changes nothing
    with monkeypatch.context() as patched:
        if killed_at in ("_table_rows", "_move"):
            patched.setattr(last_month, killed_at, killed)
            with pytest.raises(KeyboardInterrupt):
                month_release(copy)
    assert month_is_held(copy) == (killed_at not in ("_table_rows", "_move"))
    month_release(copy)
    assert whole(copy) == built
    assert not month_is_held(copy)
    month_release(copy)  # nothing is left to do


def killed(*_given, **_named):
    raise KeyboardInterrupt  # nothing catches it, as nothing catches a kill


def test_the_month_before_ends_with_its_last_day_also_on_the_first():
    assert night_after(date(2026, 11, 1)).isoformat() == night_after(ANCHOR).isoformat() == "2026-11-01T03:10:00+08:00"
    assert night_after(date(2026, 10, 31)).isoformat() == "2026-10-01T03:10:00+08:00"

"""Reading the membership database: keyset pages, equal times, late commits, SQLite and PostgreSQL."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from huitou.connectors.membership import fake_store as store
from huitou.connectors.membership.client import MembershipSource
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

MEMBERS = 45
PAGE = 10


def member(number: int, updated_at: str) -> dict:
    return {"member_no": f"V{number:06d}", "name": "王小明", "points_balance": number, "updated_at": updated_at}


def moment(minute: int) -> str:
    return f"2026-11-01 {8 + minute // 60:02d}:{minute % 60:02d}:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "membership.sqlite3"
    store.create(path)
    return path


@pytest.fixture
def source(path):
    return MembershipSource(database=str(path), page_rows=PAGE)


def keys(pages, key: str = "member_no") -> list[str]:
    return [item[key] for page in pages for item in json.loads(page.content)]


ALL_KEYS = [f"V{number:06d}" for number in range(MEMBERS)]


@pytest.mark.parametrize("spread", ["all at one moment", "a minute apart"])
def test_every_row_comes_once_and_a_second_pull_brings_nothing(path, source, spread):
    same = spread == "all at one moment"
    store.put(path, "member", (member(n, moment(0 if same else n)) for n in range(MEMBERS)))
    pages = list(source.pull("members", None))
    assert [page.row_count for page in pages] == [10, 10, 10, 10, 5]
    assert keys(pages) == ALL_KEYS
    assert list(source.pull("members", pages[-1].next_cursor)) == []


def test_a_pull_that_dies_resumes_with_every_row_once(path, source):
    store.put(path, "member", (member(n, moment(0)) for n in range(MEMBERS)))
    pages = source.pull("members", None)
    stored = [next(pages), next(pages)]
    pages.close()
    assert keys([*stored, *source.pull("members", stored[-1].next_cursor)]) == ALL_KEYS


def test_a_changed_row_comes_again(path, source):
    store.put(path, "member", (member(n, moment(n)) for n in range(MEMBERS)))
    last = list(source.pull("members", None))[-1].next_cursor
    store.put(path, "member", [member(0, moment(90))])
    assert keys(source.pull("members", last)) == ["V000000"]


def test_a_row_committed_late_with_an_earlier_time_is_not_lost(path, source):
    store.put(path, "member", (member(n, moment(n)) for n in range(MEMBERS)))
    last = list(source.pull("members", None))[-1].next_cursor
    store.put(path, "member", [member(777, moment(MEMBERS - 3)), member(778, moment(MEMBERS + 5))])
    pages = list(source.pull("members", last))
    found = keys(pages)
    assert {"V000777", "V000778"} <= set(found)
    assert set(found) <= {"V000777", "V000778", *ALL_KEYS[-10:]}, "only the ten minutes before the cursor come again"
    assert list(source.pull("members", pages[-1].next_cursor)) == []


def test_a_window_of_several_pages_that_dies_is_delivered_again(path, source):
    store.put(path, "member", (member(n, moment(0)) for n in range(MEMBERS)))
    last = list(source.pull("members", None))[-1].next_cursor
    store.put(path, "member", [member(-1, moment(0))])  # sorts before all others of its moment
    first = next(source.pull("members", last))
    again = list(source.pull("members", first.next_cursor))
    assert sorted(keys(again)) == sorted([*ALL_KEYS, "V-00001"])
    assert list(source.pull("members", again[-1].next_cursor)) == []


def test_cards_and_the_ledger_are_read_by_their_own_keys(path, source):
    store.put(path, "card", [{"card_no": "8001", "member_no": "V1", "status": "active", "updated_at": moment(0)}])
    entry = {"entry_id": "E1", "member_no": "V1", "occurred_at": moment(1), "delta": -5, "reason": "redeem"}
    store.put(path, "points_ledger", [entry])
    assert keys(source.pull("cards", None), "card_no") == ["8001"]
    (page,) = source.pull("points", None)
    assert json.loads(page.content) == [entry]


def test_a_missing_file_and_a_foreign_database_are_named(tmp_path):
    with pytest.raises(SourceMisconfigured, match=r"setting database: there is no file"):
        list(MembershipSource(database=str(tmp_path / "none.sqlite3")).pull("members", None))
    (tmp_path / "text.sqlite3").write_text("not a database at all, just text" * 50)
    with pytest.raises(SourceMisconfigured, match="not the membership database"):
        list(MembershipSource(database=str(tmp_path / "text.sqlite3")).pull("members", None))
    sqlite3.connect(tmp_path / "empty.sqlite3").execute("create table other (a)").connection.close()
    with pytest.raises(SourceMisconfigured, match="no such table: member"):
        list(MembershipSource(database=str(tmp_path / "empty.sqlite3")).pull("members", None))


def test_the_database_is_never_written(path, source):
    store.put(path, "member", [member(1, moment(0))])
    with closing(sqlite3.connect(path)) as other:
        before = other.execute("pragma data_version").fetchone()
        list(source.pull("members", None))
        assert other.execute("pragma data_version").fetchone() == before


@pytest.fixture
def postgres_url():
    """A membership database in a schema of its own on the run's PostgreSQL server."""
    server = os.environ.get("HUITOU_DATABASE_URL", "")
    if not server:
        pytest.skip("this run has no PostgreSQL")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("create schema membership_system")
        connection.execute(
            "create table membership_system.member (member_no text primary key, name text, mobile text, "
            "mobile_verified boolean, sex text, birthday date, email text, wx_unionid text, address text, store_code text, "
            "joined_at timestamp, points_balance numeric(12), updated_at timestamp not null)"
        )
        yield f"{server}?options=-csearch_path%3Dmembership_system"
        connection.execute("drop schema membership_system cascade")


@pytest.mark.db_both
def test_postgresql_gives_the_same_pages_with_times_and_numbers_as_text_and_json(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.cursor().executemany(
            "insert into member (member_no, birthday, mobile_verified, points_balance, updated_at) "
            "values (%s, '1988-05-01', true, 12, %s)",
            [(f"V{number:06d}", moment(0)) for number in range(MEMBERS)],
        )
        source = MembershipSource(database=postgres_url, page_rows=PAGE)
        pages = list(source.pull("members", None))
        assert keys(pages) == ALL_KEYS
        first = json.loads(pages[0].content)[0]
        assert (first["birthday"], first["mobile_verified"], first["updated_at"]) == ("1988-05-01", True, moment(0))
        last = pages[-1].next_cursor
        assert list(source.pull("members", last)) == []
        connection.execute("insert into member (member_no, updated_at) values ('late', '2026-11-01 07:59:30.5')")
        again = list(source.pull("members", last))
        assert "late" in keys(again)
        assert list(source.pull("members", again[-1].next_cursor)) == []
        with pytest.raises(SourceMisconfigured, match="card"):
            list(source.pull("cards", None))


@pytest.mark.db_both
def test_refused_credentials_of_postgresql_are_named(postgres_url):
    wrong = postgres_url.replace("://huitou:", "://nobody_here:")
    with pytest.raises(SourceMisconfigured, match="setting database"):
        list(MembershipSource(database=wrong).pull("members", None))


def test_a_server_that_is_down_is_unavailable():
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        list(MembershipSource(database="postgresql://reader:hidden@127.0.0.1:1/members").pull("members", None))


def test_messages_never_show_the_password():
    with pytest.raises(SourceUnavailable) as raised:
        list(MembershipSource(database="postgresql://reader:hidden@127.0.0.1:1/members").pull("members", None))
    assert "hidden" not in str(raised.value)


def test_nothing_can_be_pushed(source):
    with pytest.raises(PermissionError):
        source.receive("members", {}, b"{}")

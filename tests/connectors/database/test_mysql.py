"""A table of MySQL is read as one of PostgreSQL is: from a real server, where one is installed."""

import csv
import io
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from tests import mariadb

from huitou.connectors.database import client
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable
from huitou.connectors.registry import source_create

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
MEMBERS = [
    (1, "李雷", "13761284935", "2026-11-01 08:00:00", "2026-11-01 08:00:00"),
    (2, "王%小`芳", None, "2026-11-01 08:00:00", "2026-11-01 08:00:00"),
    (10, "𠮷田", "13988776655", "2026-11-02 08:00:00", "2026-11-02 08:00:00"),
    (3, "没有时间", None, None, "2026-11-02 08:00:00"),
]


@pytest.fixture(scope="module")
def url():
    try:
        with mariadb.server() as address:
            with mariadb.connect(address) as connection, connection.cursor() as cursor:
                cursor.execute("set time_zone = '+08:00'")
                cursor.execute(
                    "create table `members` (id bigint primary key, `na``me%` varchar(40), phone varchar(20), at datetime null,"
                    " stamped timestamp null) character set utf8mb4"
                )
                cursor.executemany("insert into members values (%s, %s, %s, %s, %s)", MEMBERS)
                connection.commit()
            yield address
    except mariadb.MariaUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("HUITOU_SOURCE_HOSTS", "127.0.0.1")


def source(url, **changes):
    settings = {
        "url": url, "table": "members", "cursor_column": "at", "key_column": "id", "kind": "members",
        "mapping": '{"source_id": "id", "name": "na`me%", "phone": "phone", "updated_at": "stamped"}',
    }  # fmt: skip
    return source_create("database", settings | changes)


def read(page):
    return [(row["source_id"], row["name"], row["updated_at"]) for row in csv.DictReader(io.StringIO(page.content.decode()))]


def test_rows_come_in_keyset_pages_and_go_on_where_they_broke_off(url, monkeypatch):
    monkeypatch.setattr(client, "PAGE_ROWS", 2)
    pages = list(source(url).pull("members", None))
    assert [read(page) for page in pages] == [
        [("1", "李雷", "2026-11-01 08:00:00"), ("2", "王%小`芳", "2026-11-01 08:00:00")],
        [("10", "𠮷田", "2026-11-02 08:00:00")],  # by number, not by text; a TIMESTAMP and a DATETIME say the same
    ]
    again = list(source(url).pull("members", pages[0].next_cursor))
    assert [page.content for page in again] == [pages[1].content]
    assert list(source(url).pull("members", pages[1].next_cursor)) == []
    (newest, *_others) = list(source(url, cursor_column="stamped").pull("members", {"stamp": "2026-11-02 08:00:00", "key": "3"}))
    assert [row[0] for row in read(newest)] == ["10"]


def test_a_few_rows_show_all_their_columns_and_nothing_is_written(url):
    assert sorted(source(url).probe()[0]) == ["at", "id", "na`me%", "phone", "stamped"]
    with pytest.raises(SourceUnavailable, match="READ ONLY"), client.dialect_of(url).open(url) as run:
        run("delete from members", ())


@pytest.mark.parametrize(
    ("changes", "wrong", "error"),
    [
        ({"table": "nothing"}, "refuses us", SourceMisconfigured),
        ({"cursor_column": "nothing"}, "refuses us", SourceMisconfigured),
        ({"login": "nobody_here"}, "Access denied", SourceMisconfigured),
        ({"port": "1"}, "cannot be read", SourceUnavailable),
        ({"hosts": ""}, "HUITOU_SOURCE_HOSTS", SourceMisconfigured),
    ],
)
def test_what_the_server_or_the_setting_refuses_is_said_without_the_password(url, changes, wrong, error, monkeypatch):
    parts = urlsplit(url)
    monkeypatch.setenv("HUITOU_SOURCE_HOSTS", changes.pop("hosts", "127.0.0.1"))
    login, port = changes.pop("login", parts.username), changes.pop("port", parts.port)
    with pytest.raises(error, match=wrong) as caught:
        list(source(f"mysql://{login}:{parts.password}@127.0.0.1:{port}/huitou", **changes).pull("members", None))
    assert parts.password not in str(caught.value)


def test_an_address_of_another_server_is_refused_at_once():
    with pytest.raises(SourceMisconfigured, match="mysql://"):
        source("oracle://u:p@db.example.com/x")

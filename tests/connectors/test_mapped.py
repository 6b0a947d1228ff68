"""Any table, any paged JSON interface: under a file's fields, resumed, and never into the own network."""

import csv
import io
import json
from contextlib import contextmanager
from datetime import UTC, date, datetime

import httpx
import pytest

from huitou.connectors import outbound
from huitou.connectors.database.client import PAGE_ROWS, DatabaseSource
from huitou.connectors.database.dialect import Dialect
from huitou.connectors.files.fields import FILE_KINDS
from huitou.connectors.mapped import MappedRows, columns_of, text_of, value_at
from huitou.connectors.outbound import OutboundRefused, get_json, host_check
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable
from huitou.connectors.registry import source_create
from huitou.connectors.rest.client import RestSource

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
MEMBERS = MappedRows(FILE_KINDS["members"], {"source_id": "id", "phone": "contact.phone", "name": "name"})


def rows_of(page):
    return list(csv.DictReader(io.StringIO(page.content.decode())))


def test_values_are_written_as_a_file_would_and_nested_ones_are_reached():
    row = {
        "a": None,
        "b": True,
        "c": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "d": date(2026, 1, 2),
        "e": {"f": [1]},
        "g.h": 5,
        "i": "x\0y",
    }
    assert [text_of(row[name]) for name in "abcdi"] == ["", "1", "2026-01-02 03:04:00+00:00", "2026-01-02", "xy"]
    assert (value_at(row, "e.f"), value_at(row, "g.h"), value_at(row, "a.z")) == ([1], 5, None)
    assert columns_of([row, {"k": 1}]) == ["a", "b", "c", "d", "e.f", "g.h", "i", "k"]
    page = MEMBERS.page([{"id": 7, "name": '王"芳,', "contact": {"phone": 138}}], name="p", now=NOW, next_cursor={})
    assert rows_of(page) == [{"source_id": "7", "phone": "138", "name": '王"芳,', "updated_at": "2026-11-26 12:00:00+08:00"}]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"kind": "people"}, "kind"), ({"mapping": "["}, "mapping"), ({"mapping": '{"colour": "c"}'}, "colour"),
        ({"mapping": "[1]"}, "mapping"), ({"table": "a; drop table x"}, "table"), ({"table": "a.b.c"}, "table"),
        ({"key_column": "id) or (1=1"}, "key_column"), ({"cursor_column": "a.b"}, "cursor_column"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_before_anything_is_called(given, wrong):
    sound = {
        "url": "postgresql://u:p@db.example.com/x", "table": "crm.members", "cursor_column": "at", "key_column": "id",
        "kind": "members", "mapping": "{}",
    }  # fmt: skip
    assert source_create("database", sound).streams[0].code == "members"
    with pytest.raises(SourceMisconfigured, match=wrong):
        source_create("database", sound | given)


def test_a_table_is_read_in_keyset_pages_and_nothing_entered_becomes_sql():
    asked = []
    stored = [{"id": n, "name": "x", "contact": {}, "_stamp": f"2026-01-{n:02d}", "_key": n} for n in range(1, 4)]

    @contextmanager
    def opened(_url):
        def run(statement, values):
            asked.append((statement, values))
            return [row for row in stored if not values or [row["_stamp"], str(row["_key"])] > values[1:]][:2]

        yield run

    mapping = MappedRows(MEMBERS.kind, {"source_id": 'i"d', "name": "name"})
    source = DatabaseSource(
        url="", table="crm.members", stamp="at", key="id", rows=mapping, clock=lambda: NOW, dialect=Dialect('"', opened)
    )
    pages = list(source.pull("members", None))
    assert [page.row_count for page in pages] == [2, 1]
    assert pages[-1].next_cursor == {"stamp": "2026-01-03", "key": "3"}
    assert asked[0] == (
        f'select "i""d", "name", "at" as _stamp, "id" as _key from "crm"."members" where "at" is not null '
        f'order by "at", "id" limit {PAGE_ROWS}',
        [],
    )
    assert 'where "at" >= %s and ("at" > %s or "id" > %s)' in asked[1][0]
    assert next(iter(source.pull("members", pages[0].next_cursor))).content == pages[1].content  # goes on where it broke off
    bare = DatabaseSource(
        url="",
        table="t",
        stamp="at",
        key="id",
        rows=MappedRows(MEMBERS.kind, {}),
        clock=lambda: NOW,
        dialect=Dialect('"', opened),
    )
    with pytest.raises(SourceMisconfigured, match="手机号"):
        list(bare.pull("members", None))


def interface(answers, *, since="since", items="data.list", next_field="-"):
    asked = []

    def get(url, *, query, headers):
        asked.append(dict(query) if next_field == "-" else (url, dict(query)))
        return answers(query) if next_field == "-" else answers(url, query)

    source = RestSource(
        url="https://x/", items=items, page_parameter="page", since_parameter=since, cursor_column="at", authorization="Bearer t",
        rows=MEMBERS, clock=lambda: NOW, next_field=next_field, get=get,
    )  # fmt: skip
    return source, asked


def test_an_interface_is_read_to_its_empty_page_and_goes_on_where_it_broke_off():
    pages = {"1": ["2026-01-01", "2026-01-03"], "2": ["2026-01-02"], "3": []}

    def answers(query):
        return {"data": {"list": [{"id": at, "at": at} for at in pages[query["page"]]]}}

    source, asked = interface(answers)
    found = list(source.pull("members", None))
    assert [page.row_count for page in found] == [2, 1, 0]
    assert found[-1].next_cursor == {"since": "2026-01-03"}
    again = list(source.pull("members", found[0].next_cursor))
    assert [page.content for page in again] == [page.content for page in found[1:]]
    assert again[-1].next_cursor == {"since": "2026-01-03"}
    list(source.pull("members", found[-1].next_cursor))
    assert asked[-3:] == [{"page": n, "since": "2026-01-03"} for n in "123"]
    nothing, _asked = interface(lambda query: {"data": {"list": []}})
    assert list(nothing.pull("members", {"since": "x"})) == []
    for wrong in ({"data": {}}, {"data": {"list": [1]}}, [1]):
        other, _asked = interface(lambda query, wrong=wrong: wrong)
        with pytest.raises(SourceMisconfigured, match="items"):
            list(other.pull("members", None))


@pytest.mark.accept("S13")
@pytest.mark.parametrize("named", ["mark", "link", "relative"])
def test_pages_that_name_the_next_are_followed_to_the_end_and_from_where_they_broke_off(named):
    parts = {"": ["2026-01-01"], "b": [], "c": ["2026-01-05", "2026-01-02"]}
    following = {"": "b", "b": "c", "c": {"mark": None, "link": "", "relative": False}[named]}
    written = {"mark": "{}", "link": "https://x/?after={}", "relative": "?after={}"}[named]

    def answers(url, query):
        at = query.get("page", "") if named == "mark" else url.partition("after=")[2]
        after = following[at]
        return {"list": [{"id": at, "at": at} for at in parts[at]], "paging": {"next": written.format(after) if after else after}}

    source, asked = interface(answers, items="list", next_field="paging.next")
    found = list(source.pull("members", {"since": "2025"}))
    assert [page.row_count for page in found] == [1, 2]  # the empty one in the middle has no rows to keep, and no end either
    assert found[-1].next_cursor == {"since": "2026-01-05"}
    assert [query for _url, query in asked] == [
        {"since": "2025"}, *([{"since": "2025", "page": mark} for mark in "bc"] if named == "mark" else [{}, {}])
    ]  # fmt: skip
    again = list(source.pull("members", found[0].next_cursor))
    assert [page.content for page in again] == [found[1].content]
    assert again[-1].next_cursor == {"since": "2026-01-05"}


def test_a_next_page_on_another_host_or_in_a_ring_is_refused():
    for link in ("https://evil.example/?after=b", "//x.evil/b", "http://x/b"):
        answer = {"list": [{"at": "1"}], "next": link}
        source, asked = interface(lambda url, query, answer=answer: answer, items="list", next_field="next")
        pages = source.pull("members", None)
        assert next(pages).row_count == 1
        with pytest.raises(SourceUnavailable, match="another host"):
            next(pages)
        assert len(asked) == 1  # the header with the credential went nowhere else
    ring, _asked = interface(lambda url, query: {"list": [{"at": "1"}], "next": "b"}, items="list", next_field="next")
    with pytest.raises(SourceUnavailable, match="ring"):
        list(ring.pull("members", None))


PRIVATE = (
    "127.0.0.1",
    "10.0.0.5",
    "169.254.169.254",
    "192.168.1.1",
    "::1",
    "::ffff:10.0.0.1",
    "fd00::1",
    "0.0.0.0",
    "100.64.0.1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_reached_only_where_the_operator_named_it(address, monkeypatch):
    monkeypatch.delenv("HUITOU_SOURCE_HOSTS", raising=False)
    with pytest.raises(OutboundRefused, match="private"):
        host_check("db.shop.local", 5432, resolve=lambda host, port: ["93.184.216.34", address])
    monkeypatch.setenv("HUITOU_SOURCE_HOSTS", "db.shop.local")
    assert host_check("db.shop.local", 5432, resolve=lambda host, port: [address]) == address
    with pytest.raises(OutboundRefused):
        host_check("db2.shop.local", 5432, resolve=lambda host, port: [address])
    monkeypatch.setenv("HUITOU_SOURCE_HOSTS", "10.0.0.0/8")
    allowed = address == "10.0.0.5"
    if allowed:
        assert host_check("any", 1, resolve=lambda host, port: [address]) == address


def answered(status=200, content=b"{}", headers=None):
    return httpx.MockTransport(lambda request: httpx.Response(status, content=content, headers=headers or {}))


def test_json_is_fetched_from_the_checked_address_and_redirects_lead_nowhere(monkeypatch):
    monkeypatch.delenv("HUITOU_SOURCE_HOSTS", raising=False)
    seen = []

    def answer(request):
        seen.append((str(request.url), request.headers["host"], request.headers["authorization"]))
        return httpx.Response(200, content=json.dumps({"ok": 1}))

    public = {"resolve": lambda host, port: ["93.184.216.34"]}
    told = {"query": {"page": "1"}, "headers": {"Authorization": "Bearer t"}}
    assert get_json("https://x.example/a?b=1", **told, **public, transport=httpx.MockTransport(answer)) == {"ok": 1}
    assert seen == [("https://93.184.216.34/a?b=1&page=1", "x.example", "Bearer t")]
    for url in ("http://x.example/", "ftp://x/", "https://u:p@x.example/", "https:///x", "file:///etc/passwd"):
        with pytest.raises(OutboundRefused):
            get_json(url, **told, **public, transport=answered())
    for transport in (
        answered(302, headers={"Location": "http://127.0.0.1/"}), answered(500), answered(content=b"x" * (16 << 20 | 1)),
        answered(content=b"[" * 50_000), answered(content=b"\xff"),
    ):  # fmt: skip
        with pytest.raises(OutboundRefused):
            get_json("https://x.example/", **told, **public, transport=transport)
    source, _asked = interface(lambda query: (_ for _ in ()).throw(OutboundRefused("down")))
    with pytest.raises(SourceUnavailable, match="down"):
        list(source.pull("members", None))
    assert outbound.resolve_host("127.0.0.1", 1) == ["127.0.0.1"]

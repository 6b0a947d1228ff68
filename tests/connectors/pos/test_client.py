"""The drop folder and the push of the tills."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from huitou.connectors.pos import fake_store as store
from huitou.connectors.pos.client import PosSource, utf8_content
from huitou.connectors.protocol import PageFormat, SourceMisconfigured


def line(receipt_no: str, sold_at: str = "2026-11-01 18:03:22") -> dict:
    return {
        "receipt_no": receipt_no,
        "kind": "S",
        "store_code": "S001",
        "till_no": "01",
        "cashier": "王五",
        "sold_at": sold_at,
        "line_no": 1,
        "sku": "P100",
        "qty": 1,
        "amount": "9.90",
    }


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    folder = tmp_path / "outbox"
    folder.mkdir()
    return folder


@pytest.fixture
def source(outbox):
    return PosSource(folder=outbox, till_key="till secret")


def test_each_file_is_a_page_oldest_first_and_is_read_once(outbox, source):
    store.receipts_write(outbox, date(2026, 11, 2), [line("B")])
    store.receipts_write(outbox, date(2026, 11, 1), [line("A"), line("A2")])
    pages = list(source.pull("receipts", None))
    assert [(page.name, page.row_count) for page in pages] == [("receipts-2026-11-01.csv", 2), ("receipts-2026-11-02.csv", 1)]
    assert list(source.pull("receipts", pages[-1].next_cursor)) == []


def test_a_pull_that_dies_resumes_with_the_next_file(outbox, source):
    for day in (1, 2, 3):
        store.receipts_write(outbox, date(2026, 11, day), [line(f"A{day}")])
    first = next(source.pull("receipts", None))
    rest = [page.name for page in source.pull("receipts", first.next_cursor)]
    assert rest == ["receipts-2026-11-02.csv", "receipts-2026-11-03.csv"]


def test_a_half_written_file_is_not_read_until_it_is_renamed(outbox, source):
    half = outbox / "receipts-2026-11-01.csv.tmp"
    half.write_bytes(b"receipt_no,kind\nA,")
    assert list(source.pull("receipts", None)) == []
    os.replace(half, outbox / "receipts-2026-11-01.csv")
    assert len(list(source.pull("receipts", None))) == 1


def test_a_file_written_again_is_read_again_and_one_that_only_was_touched_keeps_its_key(outbox, source):
    path = store.receipts_write(outbox, date(2026, 11, 1), [line("A")])
    (first,) = source.pull("receipts", None)
    os.utime(path, ns=(1, 1))
    (touched,) = source.pull("receipts", first.next_cursor)
    assert touched.idempotency_key == first.idempotency_key
    store.receipts_write(outbox, date(2026, 11, 1), [line("A"), line("B")])
    (changed,) = source.pull("receipts", touched.next_cursor)
    assert changed.idempotency_key != first.idempotency_key


def test_a_file_that_appears_late_under_an_older_day_is_still_read(outbox, source):
    store.receipts_write(outbox, date(2026, 11, 9), [line("A")])
    (first,) = source.pull("receipts", None)
    store.receipts_write(outbox, date(2026, 11, 2), [line("B")])
    assert [page.name for page in source.pull("receipts", first.next_cursor)] == ["receipts-2026-11-02.csv"]


def test_a_receipt_seven_days_late_keeps_its_own_time(outbox, source, map_page):
    store.receipts_write(outbox, date(2026, 11, 8), [line("A", sold_at="2026-11-01 21:59:00")])
    (page,) = source.pull("receipts", None)
    (row,) = map_page("pos", "receipts", "order", PageFormat.CSV, page.content)
    assert row["sold_at"] == "2026-11-01T21:59:00"


def test_files_that_left_the_folder_leave_the_cursor(outbox, source):
    old = store.receipts_write(outbox, date(2026, 11, 1), [line("A")])
    (first,) = source.pull("receipts", None)
    old.unlink()
    store.receipts_write(outbox, date(2026, 11, 2), [line("B")])
    (second,) = source.pull("receipts", first.next_cursor)
    assert list(second.next_cursor["done"]) == ["receipts-2026-11-02.csv"]


@pytest.mark.parametrize(("encoding", "converted"), [("utf-8", ""), ("utf-8-sig", " (BOM)"), ("gb18030", " (GB18030)")])
def test_a_file_reaches_intake_as_utf8_whatever_the_till_wrote(outbox, source, encoding, converted):
    store.receipts_write(outbox, date(2026, 11, 1), [line("A")], encoding=encoding)
    (page,) = source.pull("receipts", None)
    assert page.name == f"receipts-2026-11-01.csv{converted}"
    assert page.content.decode("utf-8").splitlines()[1].split(",")[5] == "王五"
    assert page.content.startswith(b"receipt_no,")


@pytest.mark.parametrize(
    ("case", "content"),
    [("no encoding reads it", b"\xff\xffA"), ("one bad byte in UTF-8", "王小明,李红,张三".encode() + b"\xff\n")],
)
def test_bytes_of_no_known_encoding_pass_through_for_intake_to_refuse(case, content):
    assert utf8_content(content) == (content, ""), case


@pytest.mark.parametrize("text", ["一一一丁", "王五", "有机菠菜 300g,生鲜,蔬菜", "洗衣液 2kg 装,日用百货,家庭清洁,衣物清洁护理"])
def test_chinese_of_a_gb18030_till_is_not_taken_for_damaged_utf8(text):
    assert utf8_content(text.encode("gb18030")) == (text.encode(), "GB18030")


def test_broken_lines_pass_through_for_intake_to_refuse(outbox, source):
    broken = b'receipt_no,kind\nA,"S\nB,S,too,many\n'
    (outbox / "receipts-2026-11-01.csv").write_bytes(broken)
    (page,) = source.pull("receipts", None)
    assert page.content == broken


def test_master_files_come_again_only_when_they_changed(outbox, source):
    store.stores_write(outbox, [{"store_code": "S001", "name": "一店"}])
    (first,) = source.pull("stores", None)
    assert list(source.pull("stores", first.next_cursor)) == []
    store.stores_write(outbox, [{"store_code": "S001", "name": "一店（新）"}])
    assert len(list(source.pull("stores", first.next_cursor))) == 1


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SourceMisconfigured, match="setting folder"):
        list(PosSource(folder=tmp_path / "nowhere", till_key="k").pull("receipts", None))


def test_a_pushed_receipt_needs_the_till_key(source):
    body = json.dumps({"receipt_no": "A", "kind": "S", "lines": []}).encode()
    page = source.receive("pushed", {"x-TILL-key": "till secret"}, body)
    assert (page.stream, page.format, page.row_count) == ("pushed", PageFormat.JSON, 1)
    for headers in ({}, {"X-Till-Key": "guess"}, {"X-Till-Key": "收银"}):
        with pytest.raises(PermissionError, match="X-Till-Key"):
            source.receive("pushed", headers, body)


def test_pushed_nonsense_is_refused(source):
    for body in (b"no json", b"[1]", b"\xff"):
        with pytest.raises(ValueError):  # noqa: PT011 - the message is the JSON reader's or ours
            source.receive("pushed", {"X-Till-Key": "till secret"}, body)

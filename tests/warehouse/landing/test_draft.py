"""From canonical text to typed rows: nothing half-landed, nothing dropped, every refusal with its reason."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitou.core.crypto import generate_keyring
from huitou.warehouse.landing.engine import memory_engine
from huitou.warehouse.landing.pages import Page, raw_rows, raw_texts
from huitou.warehouse.landing.reasons import SENTENCES, Reason

from .drafting import Drafting

SALE = {
    "order_no": "A1", "kind_code": "sale", "store_code": "S1", "channel_code": "store", "sold_at": "2026-11-20 10:00:00",
    "line_no": "1", "product_code": "P1", "qty": "1", "amount": "12.50",
}  # fmt: skip
RETURN = SALE | {"kind_code": "return", "original_order_no": "A0", "qty": "-1", "amount": "-12.50"}
STORE = {"store_code": "S1", "updated_at": "2026-11-01", "name": "n", "region_code": "R", "region_name": "r"}
CUSTOMER = {"source_id": "c1", "updated_at": "2026-11-01 00:00:00"}
TICKET = {
    "ticket_no": "T1", "updated_at": "2026-11-01T10:00:00+08:00", "customer_source_id": "c1", "type_code": "complaint",
    "status_code": "open", "opened_at": "2026-11-01T09:00:00+08:00", "subject": "坏了",
}  # fmt: skip

BAD = [
    ("order", SALE | {"order_no": "  "}, "order_no", Reason.MISSING),
    ("order", SALE | {"kind_code": "gift"}, "kind_code", Reason.UNKNOWN_CODE),
    ("order", SALE | {"amount": "12,5x"}, "amount", Reason.UNREADABLE_NUMBER),
    ("order", SALE | {"amount": "1e3"}, "amount", Reason.UNREADABLE_NUMBER),
    ("order", SALE | {"amount": "12.505"}, "amount", Reason.TOO_MANY_DECIMALS),
    ("order", SALE | {"qty": "0.0001"}, "qty", Reason.TOO_MANY_DECIMALS),
    ("order", SALE | {"amount": "99999999999999999"}, "amount", Reason.OUT_OF_RANGE),
    ("order", SALE | {"line_no": "one"}, "line_no", Reason.UNREADABLE_NUMBER),
    ("order", SALE | {"line_no": "-1"}, "line_no", Reason.OUT_OF_RANGE),
    ("order", SALE | {"sold_at": "20.11.2026"}, "sold_at", Reason.UNREADABLE_MOMENT),
    ("order", SALE | {"sold_at": "2026-02-30 10:00:00"}, "sold_at", Reason.IMPOSSIBLE_DATE),
    ("order", SALE | {"sold_at": "2026-11-23 10:00:00"}, "sold_at", Reason.IN_FUTURE),
    ("order", SALE | {"sold_at": "1970-01-01T00:00:00Z"}, "sold_at", Reason.TOO_OLD),
    ("order", SALE | {"amount": "-0.01"}, "amount", Reason.WRONG_SIGN),
    ("order", SALE | {"qty": "-1"}, "qty", Reason.WRONG_SIGN),
    ("order", RETURN | {"amount": "12.50"}, "amount", Reason.WRONG_SIGN),
    ("order", RETURN | {"original_order_no": ""}, "original_order_no", Reason.MISSING_ORIGINAL),
    ("order", RETURN | {"original_order_no": None}, "original_order_no", Reason.MISSING_ORIGINAL),
    ("order", SALE | {"store_code": "x" * 33}, "store_code", Reason.TOO_LONG),
    ("customer", CUSTOMER | {"phone_verified": "maybe"}, "phone_verified", Reason.UNREADABLE_FLAG),
    ("customer", {"source_id": "c1"}, "updated_at", Reason.MISSING),
    ("store", STORE | {"opened_on": "05/01/2015"}, "opened_on", Reason.UNREADABLE_DAY),
    ("store", STORE | {"opened_on": "2015-02-29"}, "opened_on", Reason.IMPOSSIBLE_DATE),
    ("store", STORE | {"latitude": "91"}, "latitude", Reason.OUT_OF_RANGE),
]


def test_every_kind_of_bad_row_is_refused_with_column_and_reason(drafting):
    """One batch of bad rows, each with a key of its own; the raw item stands beside its reason."""
    keys = {"order": "order_no", "customer": "source_id", "store": "store_code"}
    page: dict[str, list[dict[str, object]]] = {}
    expected = {}
    for number, (kind, row, column, reason) in enumerate(BAD):
        key = keys[kind]
        item = row | ({key: f"K{number}"} if column != key else {})
        page.setdefault(kind, []).append(item)
        expected[kind, len(page[kind])] = (column, str(reason))
    tables, counts = drafting.draft(page)
    assert {(row["kind"], row["row_no"]): (row["column"], row["reason_code"]) for row in tables["quarantine"]} == expected
    assert all(row["reason"] and row["raw"].startswith("{") and row["page_name"] for row in tables["quarantine"])
    assert sum(count.quarantined for count in counts.values()) == len(BAD)
    assert not tables["lines"]


def test_every_reason_has_a_sentence():
    assert set(SENTENCES) == set(Reason)


@pytest.mark.parametrize(
    ("text", "fen"), [("12.50", 1250), ("¥1,204.5", 120450), ("0.1", 10), ("12.500", 1250), ("+3", 300), (".05", 5), ("0", 0)]
)
def test_yuan_become_fen_exactly(drafting, text, fen):
    tables, _ = drafting.draft({"order": [SALE | {"amount": text}]})
    assert tables["lines"][0]["amount_fen"] == fen


def test_moments_become_utc_whatever_their_offset(drafting):
    midnight = datetime(2026, 11, 1)  # noqa: DTZ001 - the landing's moments are UTC without a zone
    moments = {
        "2026-11-01": midnight - timedelta(hours=8),
        "2026-11-01 08:00": midnight,
        "　2026-11-01T08:00:00.5 ": midnight + timedelta(seconds=0.5),
        "2026-11-01T00:00:00Z": midnight,
        "2026-10-31T19:00:00-05:00": midnight,
        "2026-11-01 05:30:00+0530": midnight,
    }
    rows = [SALE | {"order_no": f"A{place}", "sold_at": text} for place, text in enumerate(moments)]
    tables, _ = drafting.draft({"order": rows})
    assert {row["order_no"]: row["sold_at"] for row in tables["orders"]} == {
        f"A{place}": moment for place, moment in enumerate(moments.values())
    }


def test_header_fields_must_agree_inside_one_order(drafting):
    tables, _ = drafting.draft({"order": [SALE, SALE | {"line_no": "2", "store_code": "S2"}]})
    assert {(row["reason_code"], row["column"]) for row in tables["quarantine"]} == {("inconsistent_order", "store_code")}


def test_a_line_number_twice_is_merged_when_equal_and_refused_when_not(drafting):
    rows = [SALE, SALE | {"amount": "12.500"}, SALE | {"order_no": "B"}, SALE | {"order_no": "B", "amount": "1"}]
    tables, counts = drafting.draft({"order": rows})
    assert (counts["order"].accepted, counts["order"].merged, counts["order"].quarantined) == (1, 1, 2)
    assert {(row["row_no"], row["reason_code"]) for row in tables["quarantine"]} == {(3, "conflict"), (4, "conflict")}


def test_rows_a_mapping_skips_are_merged(drafting):
    _, counts = drafting.draft({"order": [SALE, {"order_no": "U1", "skip_reason": "unpaid"}]})
    assert (counts["order"].received, counts["order"].accepted, counts["order"].merged) == (2, 1, 1)


@pytest.mark.accept("S6")
def test_a_ticket_is_upserted_by_its_newest_version_and_its_events_keep_their_times(drafting):
    newer = TICKET | {"updated_at": "2026-11-03T10:00:00+08:00", "status_code": "solved"}
    events = [
        {"ticket_no": "T1", "event_no": "e2", "status_code": "solved", "occurred_at": "2026-11-03T10:00:00+08:00"},
        {"ticket_no": "T1", "event_no": "e1", "status_code": "open", "occurred_at": "2026-11-01T09:00:00+08:00"},
    ]
    first, _ = drafting.draft({"ticket_status": events[:1]})
    second, _ = drafting.draft({"ticket": [newer, TICKET]}, {"ticket_status": events[1:]})
    third, counts = drafting.draft({"ticket": [TICKET | {"status_code": "pending", "updated_at": "2026-11-02T10:00:00+08:00"}]})
    (ticket,) = second["tickets"]
    assert (ticket["status_code"], third["tickets"], counts["ticket"].merged) == ("solved", [], 1)
    assert {row["ticket_id"] for row in first["ticket_status"] + second["ticket_status"]} == {ticket["ticket_id"]}
    assert [text["text"] for text in second["texts"]] == ["坏了"]


def test_one_version_with_two_contents_is_a_conflict(drafting):
    drafting.draft({"ticket": [TICKET]})
    tables, counts = drafting.draft({"ticket": [TICKET, TICKET | {"status_code": "closed"}]})
    assert (counts["ticket"].merged, counts["ticket"].quarantined) == (1, 1)
    assert tables["quarantine"][0]["reason_code"] == "conflict"


def test_an_order_before_its_customer_reserves_the_record(drafting):
    first, _ = drafting.draft({"order": [SALE | {"customer_source_id": "c1"}]})
    second, counts = drafting.draft({"customer": [CUSTOMER]})
    assert first["lines"][0]["record_id"] == second["records"][0]["record_id"]
    assert counts["customer"].accepted == 1


def test_a_page_that_is_no_json_is_kept_whole(tmp_path):
    page = Page(1, "orders", "p", "json", b'{"a": 1')
    rows = raw_rows(memory_engine(scratch=tmp_path), [page], columns=())
    assert (rows.table.num_rows, rows.defects[0].reason, rows.defects[0].row_no) == (0, Reason.UNREADABLE_PAGE, None)
    assert raw_texts(page, [1]) == {0: '{"a": 1'}


def test_csv_rows_keep_their_numbers_beside_broken_ones(tmp_path):
    content = b'a,b\r\n1,2\r\n3\r\n\r\n"x\r\ny",4\r\n\xff,5\r\n6,7,8\r\n'
    rows = raw_rows(memory_engine(scratch=tmp_path), [Page(1, "s", "n", "csv", b"\xef\xbb\xbf" + content)], columns=("a",))
    assert rows.table["row_no"].to_pylist() == [2, 3, 4, 5, 6]
    assert rows.table["a"].to_pylist() == ["1", "3", "x\r\ny", "\\xff", "6"]
    assert {(defect.row_no, defect.reason) for defect in rows.defects} == {
        (3, Reason.WRONG_COLUMNS), (5, Reason.BAD_ENCODING), (6, Reason.WRONG_COLUMNS),
    }  # fmt: skip
    assert raw_texts(Page(1, "s", "n", "csv", content), [4])[4] == '"x\r\ny",4'


TEXTS = st.sampled_from(
    ["", " ", "1", "-1", "2.50", "0", "x", "sale", "return", "A1", "A2", "2026-11-20", "2026-02-30", "是", "\x00", "'"]
)
DIRTY = st.fixed_dictionaries({}, optional={name: st.one_of(TEXTS, st.none(), st.integers(-3, 3)) for name in RETURN})
MIXED = st.one_of(DIRTY, DIRTY.map(lambda dirt: SALE | dirt), st.just(SALE), st.just(RETURN))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(MIXED, max_size=6), min_size=1, max_size=3))
def test_counts_always_add_up_and_every_refused_row_is_listed(tmp_path, pages):
    drafting = Drafting(tmp_path, generate_keyring())
    for _ in range(2):
        tables, counts = drafting.draft(*({"order": page} for page in pages))
        total = counts["order"]
        assert total.received == sum(map(len, pages))
        assert (len(tables["lines"]), len(tables["quarantine"])) == (total.accepted, total.quarantined)
    assert total.accepted == 0

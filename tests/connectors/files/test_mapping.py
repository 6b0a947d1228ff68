"""The mapping of uploaded files, over a recorded row of every kind."""

import pytest

from huitou.connectors.files.fields import FILE_KINDS

CASES = [
    ("members", "customer", {
        "row_no": 2, "source_id": "card:660001", "updated_at": "2026-11-01 09:00:00", "name": "李建国", "phone": "138 1234 5678",
        "member_card": "660001", "birthday": "1979-05-02", "store_code": "JN01", "registered_at": "2024/3/5",
    }),
    ("members", "identifier", {
        "row_no": 2, "customer_source_id": "phone:+8613912345678", "kind_code": "phone", "value": "+8613912345678",
        "updated_at": "2000-01-02 00:00:00",
    }),
    ("customers", "customer", {
        "row_no": 2, "source_id": "C1", "updated_at": "2026-11-01 09:00:00", "name": "王晓燕", "phone": "13912345678",
        "gender": "女",
    }),
    ("orders", "order", {
        "row_no": 2, "order_no": "A1", "kind_code": "return", "original_order_no": "A0",
        "customer_source_id": "phone:13812345678",
        "store_code": "S1", "channel_code": "store", "sold_at": "2026-11-01 09:05", "line_no": "1", "product_code": "P1",
        "qty": "-1", "amount": "-1,234.50元",
    }),
    ("orders", "customer", {
        "row_no": 2, "source_id": "phone:13812345678", "updated_at": "2000-01-02 00:00:00", "phone": "13812345678",
    }),
    ("points", "points", {
        "row_no": 2, "customer_source_id": "card:660001", "occurred_at": "2026-11-01", "delta_points": "1200",
        "reason_code": "签到",
    }),
    ("products", "product", {
        "row_no": 2, "product_code": "P1", "updated_at": "2026-11-01 09:00:00", "name": "苹果", "category_path": "生鲜/水果",
        "price": "9.90",
    }),
    ("stores", "store", {
        "row_no": 2, "store_code": "S1", "updated_at": "2026-11-01 09:00:00", "name": "一店", "region_code": "华东",
        "region_name": "华东",
    }),
    ("tickets", "ticket", {
        "row_no": 2, "ticket_no": "T1", "updated_at": "2026-11-01 09:00:00", "customer_source_id": "phone:13812345678",
        "type_code": "other", "status_code": "open", "opened_at": "2026-11-01 08:00", "body": "坏了",
    }),
    ("leads", "event", {
        "row_no": 2, "type_code": "follow_up", "customer_source_id": "phone:13812345678", "occurred_at": "2026-11-01",
        "text": "想买",
    }),
    ("leads", "customer", {
        "row_no": 2, "source_id": "phone:13812345678", "updated_at": "2000-01-02 00:00:00", "name": "李", "phone": "13812345678",
    }),
    ("touches", "customer", {
        "row_no": 2, "source_id": "phone:13812345678", "updated_at": "2000-01-02 00:00:00", "name": "李", "phone": "13812345678",
    }),
    ("attributes", "event", {
        "row_no": 2, "type_code": "attr:car_model", "customer_source_id": "phone:13812345678", "occurred_at": "2026-11-01",
        "text": "宋PLUS",
    }),
    ("attributes", "customer", {
        "row_no": 2, "source_id": "phone:13812345678", "updated_at": "2000-01-02 00:00:00", "name": "李", "phone": "13812345678",
    }),
    ("events", "event", {
        "row_no": 2, "type_code": "maintenance", "customer_source_id": "phone:13812345678", "occurred_at": "2026-11-01",
        "text": "首保",
    }),
    ("events", "customer", {
        "row_no": 2, "source_id": "phone:13812345678", "updated_at": "2000-01-02 00:00:00", "name": "李", "phone": "13812345678",
    }),
]  # fmt: skip


@pytest.mark.accept("S38")
@pytest.mark.parametrize(("stream", "customer", "referrer", "moment"), [
    ("members", "card:660001", "phone:+8613912345678", "2024/3/5"),
    ("customers", "C1", "C0", "2000-01-02 00:00:00"),
])  # fmt: skip
def test_a_named_referrer_maps_to_one_event_of_each_and_neither_tells_of_the_other(
    map_sample, stream, customer, referrer, moment
):
    rows = sorted(map_sample("files", stream, "event"), key=lambda row: row["type_code"])  # a mapping promises no order
    assert [(row["type_code"], row["customer_source_id"], row["occurred_at"]) for row in rows] == [
        ("rel:referred", customer, moment), ("rel:referrer", referrer, moment),
    ]  # fmt: skip
    assert len({row["text"] for row in rows}) == 1
    assert len({row["event_no"] for row in rows}) == 2
    assert not any(number in row["text"] + row["event_no"] for row in rows for number in ("660001", "139", "C0", "C1"))


@pytest.mark.accept("S38")
def test_a_line_of_a_group_is_a_step_in_and_a_step_out(map_sample):
    rows = map_sample("files", "groups", "event")
    assert [(row["type_code"], row["customer_source_id"], row["occurred_at"], row["text"]) for row in rows] == [
        ("rel:group_join", "phone:13812345678", "2026-11-01", "G1|一店福利群|小周"),
        ("rel:group_leave", "phone:13812345678", "2026-11-05", "G1|一店福利群|小周"),
    ]
    assert [row["source_id"] for row in map_sample("files", "groups", "customer")] == ["phone:13812345678"]


def test_a_line_of_messages_is_a_touch_and_with_a_moment_of_answer_a_response(map_sample):
    rows = map_sample("files", "touches", "event")
    assert [(row["type_code"], row["occurred_at"], row["customer_source_id"]) for row in rows] == [
        ("touch:sms", "2026-11-01 10:00", "phone:13812345678"), ("response:sms", "2026-11-01 12:30", "phone:13812345678"),
    ]  # fmt: skip
    assert rows[1]["event_no"] == f"response:{rows[0]['event_no']}"


@pytest.mark.parametrize(("stream", "kind", "expected"), CASES)
def test_a_row_of_a_file_maps_to_its_canonical_row(map_sample, stream, kind, expected):
    (row,) = map_sample("files", stream, kind)
    content_numbers = {"points": "entry_no", "event": "event_no"}
    if kind in content_numbers:
        assert len(row.pop(content_numbers[kind])) == 32
    assert {name: value for name, value in row.items() if value != ""} == expected


def test_every_field_of_a_file_has_an_english_title():
    titles = [field.title.en for kind in FILE_KINDS.values() for field in kind.fields]
    assert [title for title in titles if any("\u4e00" <= sign <= "\u9fff" for sign in title)] == []

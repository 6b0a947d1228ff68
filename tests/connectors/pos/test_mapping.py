"""Every mapping of the tills, against canonical rows written by hand."""

import pytest

RECEIPT = {"store_code": "S001", "channel_code": "store"}


def test_receipt_lines_become_sales_returns_and_voids_with_the_signs_of_the_till(map_sample):
    first = {
        **RECEIPT,
        "order_no": "S001-01-000001",
        "kind_code": "sale",
        "customer_source_id": "card:80010001",
        "sold_at": "2026-11-01T18:03:22",
    }
    assert map_sample("pos", "receipts", "order") == [
        {**first, "row_no": 2, "line_no": "1", "product_code": "P100", "qty": "2", "amount": "17.80", "discount": "2.00"},
        {**first, "row_no": 3, "line_no": "2", "product_code": "P300", "qty": "0.512", "amount": "30.72"},
        {
            **RECEIPT,
            "row_no": 4,
            "order_no": "S001-01-000002",
            "kind_code": "sale",
            "customer_source_id": "phone:19900000002",
            "sold_at": "2026-11-01T18:05:00",
            "line_no": "1",
            "product_code": "P100",
            "qty": "1",
            "amount": "9.90",
            "discount": "0.00",
        },
        {
            **RECEIPT,
            "row_no": 5,
            "order_no": "S001-01-000003",
            "kind_code": "sale",
            "sold_at": "2026-10-25T09:00:00",  # a week late: it carries its own time
            "line_no": "1",
            "product_code": "P400",
            "qty": "1",
            "amount": "5.00",
            "discount": "0.00",
        },
        {
            **RECEIPT,
            "row_no": 6,
            "order_no": "S001-01-000004",
            "kind_code": "return",
            "original_order_no": "S001-01-000001",
            "customer_source_id": "card:80010001",
            "sold_at": "2026-11-01T19:00:00",
            "line_no": "1",
            "product_code": "P100",
            "qty": "-1",
            "amount": "-8.90",
            "discount": "-1.00",
        },
        {
            **RECEIPT,
            "row_no": 7,
            "order_no": "S001-01-000005",
            "kind_code": "void",
            "original_order_no": "S001-01-000003",
            "sold_at": "2026-11-01T19:01:00",
            "line_no": "1",
            "product_code": "P400",
            "qty": "-1",
            "amount": "-5.00",
            "discount": "0.00",
        },
    ]


def test_a_card_or_else_a_phone_is_a_customer_and_a_receipt_with_neither_is_anonymous(map_sample):
    rows = map_sample("pos", "receipts", "customer")
    assert sorted(rows, key=lambda row: row["row_no"]) == [
        {
            "row_no": 2,
            "source_id": "card:80010001",
            "updated_at": "2026-11-01T18:03:22",
            "member_card": "80010001",
            "phone": "19900000001",
        },
        {
            "row_no": 4,
            "source_id": "phone:19900000002",
            "updated_at": "2026-11-01T18:05:00",
            "phone": "19900000002",
        },
        {
            "row_no": 6,
            "source_id": "card:80010001",
            "updated_at": "2026-11-01T19:00:00",
            "member_card": "80010001",
        },
    ]


def test_a_phone_typed_beside_a_card_stays_an_identifier_of_that_card(map_sample):
    assert map_sample("pos", "receipts", "identifier") == [
        {
            "row_no": 2,
            "customer_source_id": "card:80010001",
            "kind_code": "phone",
            "value": "19900000001",
            "updated_at": "2026-11-01T18:03:22",
        }
    ]


def test_a_pushed_receipt_maps_as_its_line_in_the_file_will(map_sample):
    head = {**RECEIPT, "order_no": "S001-01-000009", "kind_code": "sale", "customer_source_id": "card:80010001"}
    assert map_sample("pos", "pushed", "order") == [
        {
            **head,
            "row_no": 1,
            "sold_at": "2026-11-21T10:00:00",
            "line_no": "1",
            "product_code": "P100",
            "qty": "2",
            "amount": "17.80",
            "discount": "2.00",
        },
        {
            **head,
            "row_no": 1,
            "sold_at": "2026-11-21T10:00:00",
            "line_no": "2",
            "product_code": "P300",
            "qty": "0.512",
            "amount": "30.72",
        },
        {  # without lines: refused by intake with a reason
            **RECEIPT,
            "row_no": 2,
            "order_no": "S001-01-000010",
            "kind_code": "return",
            "original_order_no": "S001-01-000009",
            "customer_source_id": "phone:19900000002",
            "sold_at": "2026-11-21T11:00:00",
        },
    ]


def test_a_pushed_receipt_gives_its_customer_and_identifier(map_sample):
    assert map_sample("pos", "pushed", "customer") == [
        {
            "row_no": 1,
            "source_id": "card:80010001",
            "updated_at": "2026-11-21T10:00:00",
            "member_card": "80010001",
            "phone": "19900000001",
        },
        {"row_no": 2, "source_id": "phone:19900000002", "updated_at": "2026-11-21T11:00:00", "phone": "19900000002"},
    ]
    assert map_sample("pos", "pushed", "identifier") == [
        {
            "row_no": 1,
            "customer_source_id": "card:80010001",
            "kind_code": "phone",
            "value": "19900000001",
            "updated_at": "2026-11-21T10:00:00",
        }
    ]


@pytest.mark.parametrize(
    ("stream", "kind", "expected"),
    [
        (
            "stores",
            "store",
            [
                {
                    "row_no": 2,
                    "store_code": "S001",
                    "updated_at": "2025-11-01T00:00:00",
                    "name": "悦生活·人民路店",
                    "region_code": "R1",
                    "region_name": "城东区",
                    "city": "宁州市",
                    "address": "人民路 1 号, 一层",
                    "latitude": "30.2741",
                    "longitude": "120.1551",
                    "opened_on": "2014-05-01",
                    "area_m2": "1200",
                }
            ],
        ),
        (
            "products",
            "product",
            [
                {
                    "row_no": 2,
                    "product_code": "P100",
                    "updated_at": "2025-11-01T00:00:00",
                    "name": "有机菠菜 300g",
                    "category_path": "生鲜/蔬菜/有机蔬菜",
                    "brand": "田野",
                    "unit": "袋",
                    "price": "9.90",
                    "cost": "6.10",
                },
                {
                    "row_no": 3,
                    "product_code": "P400",
                    "updated_at": "2025-11-01T00:00:00",
                    "name": "抽纸 3 包",
                    "category_path": "日用百货/卫生纸",
                    "brand": "洁云",
                    "unit": "提",
                    "price": "5.00",
                    "cost": "3.20",
                },
            ],
        ),
    ],
)
def test_master_files(map_sample, stream, kind, expected):
    assert map_sample("pos", stream, kind) == expected

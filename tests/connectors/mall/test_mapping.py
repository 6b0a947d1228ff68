"""Every mapping of the mall, against canonical rows written by hand."""


def test_a_store_of_the_mall(map_sample):
    assert map_sample("mall", "stores", "store") == [
        {
            "row_no": 1,
            "store_code": "S001",
            "updated_at": "2025-11-01T00:00:00Z",
            "name": "悦生活·人民路店",
            "region_code": "R1",
            "region_name": "城东区",
            "city": "宁州市",
            "address": "人民路 1 号",
            "latitude": "30.2741",
            "longitude": "120.1551",
            "opened_on": "2014-05-01",
            "area_m2": "1200",
        },
        {
            "row_no": 2,
            "store_code": "S002",
            "updated_at": "2025-11-01T00:00:00Z",
            "name": "悦生活·湖滨店",
            "region_code": "R2",
            "region_name": "城西区",
        },
    ]


def test_a_product_has_its_categories_as_one_path_and_none_without_categories(map_sample):
    assert map_sample("mall", "products", "product") == [
        {
            "row_no": 1,
            "product_code": "P100",
            "updated_at": "2025-11-01T00:00:00Z",
            "name": "有机菠菜 300g",
            "category_path": "生鲜/蔬菜/有机蔬菜",
            "brand": "田野",
            "unit": "袋",
            "price": "9.90",
        },
        {"row_no": 2, "product_code": "P200", "updated_at": "2025-11-02T00:00:00Z", "name": "没有类目的商品"},
    ]


def test_a_customer_keeps_what_the_mall_wrote(map_sample):
    assert map_sample("mall", "customers", "customer") == [
        {
            "row_no": 1,
            "source_id": "MC0001",
            "updated_at": "2026-10-01T02:00:00Z",
            "name": "王小明",
            "phone": "+86 199 0000 0001",
            "phone_verified": "true",
            "wx_openid": "oA1",
            "wx_unionid": "uA1",
            "email": "WangXM@example.com",
            "gender": "male",
            "birthday": "1988-05-01",
            "address": "宁江省宁州市城东区人民路 8 号 2-301",
            "store_code": "S001",
            "registered_at": "2024-03-01T02:00:00Z",
        },
        {"row_no": 2, "source_id": "MC0002", "updated_at": "2026-10-02T02:00:00Z", "wx_openid": "oA2"},
    ]


SALE = {
    "row_no": 1,
    "order_no": "M2026110100001",
    "kind_code": "sale",
    "customer_source_id": "MC0001",
    "store_code": "S001",
    "channel_code": "online",
    "sold_at": "2026-11-01T08:30:00Z",
}
REFUND = {**SALE, "kind_code": "return", "original_order_no": "M2026110100001"}


def test_a_paid_order_is_a_sale_and_each_refund_a_return_of_its_own_and_unpaid_ones_are_counted(map_sample):
    rows = map_sample("mall", "orders", "order")
    assert sorted(rows, key=lambda row: (row["row_no"], row["order_no"], row.get("line_no", ""))) == [
        {**SALE, "line_no": "1", "product_code": "P100", "qty": "2", "amount": "17.80", "discount": "2.00"},
        {**SALE, "line_no": "2", "product_code": "P300", "qty": "0.512", "amount": "30.72", "discount": "0.00"},
        {
            **REFUND,
            "order_no": "RF0001",
            "sold_at": "2026-11-03T02:00:00Z",
            "line_no": "1",
            "product_code": "P100",
            "qty": "-1",
            "amount": "-8.90",
            "discount": "-1.00",
        },
        {
            **REFUND,
            "order_no": "RF0002",
            "sold_at": "2026-11-04T01:00:00Z",
            "line_no": "1",
            "product_code": "P300",
            "qty": "-0.512",
            "amount": "-30.72",
            "discount": "-0.00",
        },
        {"row_no": 2, "order_no": "M2026110100002", "skip_reason": "unpaid"},
        {"row_no": 3, "order_no": "M2026110100003", "skip_reason": "cancelled_unpaid"},
        # Paid but without items: one row that intake refuses for its missing line, so that the order is not lost.
        {
            "row_no": 4,
            "order_no": "M2026110100004",
            "kind_code": "sale",
            "store_code": "S002",
            "channel_code": "online",
            "sold_at": "2026-11-01T11:01:00Z",
        },
    ]


def test_a_message_is_a_touch_and_its_answer_a_response(map_sample):
    shared = {"row_no": 1, "customer_source_id": "MC0001"}
    assert map_sample("mall", "messages", "event") == [
        shared | {"event_no": "M0001", "type_code": "touch:sms", "occurred_at": "2026-11-01T02:00:00Z"},
        shared | {"event_no": "response:M0001", "type_code": "response:sms", "occurred_at": "2026-11-01T04:30:00Z"},
    ]


def test_an_enquiry_is_an_event(map_sample):
    assert map_sample("mall", "enquiries", "event") == [
        {
            "row_no": 1,
            "event_no": "Q0001",
            "type_code": "enquiry",
            "customer_source_id": "MC0001",
            "occurred_at": "2026-11-01T07:00:00Z",
            "store_code": "S001",
            "product_code": "P100",
            "text": "今天的菠菜还有吗？",
        }
    ]

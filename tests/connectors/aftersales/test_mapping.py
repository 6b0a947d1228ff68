"""Every mapping of the service desk, against canonical rows written by hand."""


def test_a_contact_is_a_customer_under_the_desks_own_id_and_one_without_id_is_left_to_be_refused(map_sample):
    assert map_sample("aftersales", "tickets", "customer") == [
        {
            "row_no": 1,
            "source_id": "K0001",
            "updated_at": "2026-11-04T09:00:00+08:00",
            "name": "王先生",
            "phone": "0086-19900000001",
            "wx_openid": "oA1",
            "email": "wangxm@example.com",
        },
        {"row_no": 3, "updated_at": "2026-11-03T10:00:00+08:00", "name": "无编号"},
    ]


def test_a_ticket_names_its_contact_order_and_product(map_sample):
    assert map_sample("aftersales", "tickets", "ticket") == [
        {
            "row_no": 1,
            "ticket_no": "T0001",
            "updated_at": "2026-11-04T09:00:00+08:00",
            "customer_source_id": "K0001",
            "order_no": "M2026110100001",
            "store_code": "S001",
            "product_code": "P300",
            "type_code": "complaint",
            "status_code": "solved",
            "opened_at": "2026-11-02T09:00:00+08:00",
            "subject": "排骨不新鲜",
            "body": "收到时已经有味道了。",
        },
        {
            "row_no": 2,
            "ticket_no": "T0002",
            "updated_at": "2026-11-03T09:00:00+08:00",
            "type_code": "praise",
            "status_code": "closed",
            "opened_at": "2026-11-03T09:00:00+08:00",
            "subject": "表扬",
        },
        {
            "row_no": 3,
            "ticket_no": "T0003",
            "updated_at": "2026-11-03T10:00:00+08:00",
            "type_code": "enquiry",
            "status_code": "open",
            "opened_at": "2026-11-03T10:00:00+08:00",
            "subject": "营业时间",
        },
    ]


def test_a_status_event_keeps_when_it_happened_whatever_order_it_came_in(map_sample):
    assert map_sample("aftersales", "events", "ticket_status") == [
        {
            "row_no": 1,
            "ticket_no": "T0001",
            "event_no": "V0003",
            "status_code": "solved",
            "occurred_at": "2026-11-04T09:00:00+08:00",
        },
        {
            "row_no": 2,
            "ticket_no": "T0001",
            "event_no": "V0002",
            "status_code": "pending",
            "occurred_at": "2026-11-03T09:00:00+08:00",
        },
    ]

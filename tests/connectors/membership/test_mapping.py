"""Every mapping of the membership database, against canonical rows written by hand."""


def test_a_member_is_a_customer(map_sample):
    assert map_sample("membership", "members", "customer") == [
        {
            "row_no": 1,
            "source_id": "V00000001",
            "updated_at": "2026-11-01T18:04:00",
            "name": "王小明",
            "phone": "199-0000-0001",
            "phone_verified": "1",
            "wx_unionid": "uA1",
            "gender": "男",
            "birthday": "1988-05-01",
            "address": "宁州市人民路 8 号",
            "store_code": "S001",
            "registered_at": "2020-06-01T10:00:00",
        },
        {
            "row_no": 2,
            "source_id": "V00000002",
            "updated_at": "2026-11-01T18:04:00",
            "name": "李红",
            "phone_verified": "0",
            "gender": "未知",
        },
    ]


def test_a_balance_that_is_not_known_is_no_balance_of_zero(map_sample):
    assert map_sample("membership", "members", "balance") == [
        {
            "row_no": 1,
            "customer_source_id": "V00000001",
            "updated_at": "2026-11-01T18:04:00",
            "balance_points": "320",
        }
    ]


def test_a_card_is_an_identifier_that_ends_when_it_is_replaced(map_sample):
    card = {"customer_source_id": "V00000001", "kind_code": "card", "updated_at": "2022-01-01T09:00:00", "verified": "1"}
    assert map_sample("membership", "cards", "identifier") == [
        {**card, "row_no": 1, "value": "80010001", "valid_from": "2022-01-01T09:00:00"},
        {
            **card,
            "row_no": 2,
            "value": "80000001",
            "valid_from": "2020-06-01T10:00:00",
            "valid_to": "2022-01-01T09:00:00",
        },
    ]


def test_ledger_entries_keep_their_sign(map_sample):
    assert map_sample("membership", "points", "points") == [
        {
            "row_no": 1,
            "entry_no": "E000001",
            "customer_source_id": "V00000001",
            "occurred_at": "2026-11-01T18:04:00",
            "delta_points": "48",
            "reason_code": "purchase",
        },
        {
            "row_no": 2,
            "entry_no": "E000002",
            "customer_source_id": "V00000001",
            "occurred_at": "2026-11-01T19:00:00",
            "delta_points": "-8",
            "reason_code": "return",
        },
    ]


def test_a_referral_is_one_event_of_each_member(map_sample):
    rows = map_sample("membership", "referrals", "event")
    assert [(row["event_no"], row["type_code"], row["customer_source_id"], row["text"]) for row in rows] == [
        ("R1", "rel:referred", "V00000002", "R1"),
        ("R1:by", "rel:referrer", "V00000001", "R1"),
    ]


def test_a_stay_in_a_group_is_a_step_in_and_a_step_out(map_sample):
    rows = map_sample("membership", "groups", "event")
    assert [(row["event_no"], row["type_code"], row["occurred_at"], row["text"]) for row in rows] == [
        ("G1", "rel:group_join", "2022-01-01T09:00:00", "S001-1|翠湖店福利群|小悦"),
        ("G1:out", "rel:group_leave", "2022-05-01T09:00:00", "S001-1|翠湖店福利群|小悦"),
    ]

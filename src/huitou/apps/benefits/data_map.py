"""What the tables of benefits hold. Which coupon somebody got and where it was used is personal data."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "benefits.CouponKind", Purpose.SERVICE, Keep.BUSINESS,
        general="id code name effect_code off_fen off_share most_off_fen minimum_fen category_ids first_order_only from_day "
        "last_day usable_days season_code season_before_days season_after_days "
        "person_most day_most budget_fen is_on issued_count committed_fen created_at created_by changed_at",
    ),
    Table("benefits.IssueDay", Purpose.SERVICE, Keep.BUSINESS, general="id kind_id day issued_count most"),
    Table(
        "benefits.IssueRun", Purpose.SERVICE, Keep.BUSINESS,
        general="id kind_id occasion_code segment_id refresh_id list_hash run_key author_id asked issued held kept_out unfit "
        "gone stopped_code made_at ended_at withdrawn_at",
    ),
    Table("benefits.IssueRunPart", Purpose.SERVICE, Keep.PERSON, general="id run_id person_ids"),
    Table("benefits.CouponBatch", Purpose.SERVICE, Keep.BUSINESS, general="id purpose_code run_id at by"),
    Table(
        "benefits.Coupon", Purpose.SERVICE, Keep.BUSINESS, sensitive="code category_id",
        general="id kind_id batch_id issue_key person_id issued_to_id slot person_most state_code entries_count issued_at "
        "issued_on last_day usable_from expires_at",
    ),
    Table(
        "benefits.CouponEntry", Purpose.SERVICE, Keep.BUSINESS, sensitive="order_no",
        general="id coupon_id number kind_code from_code to_code person_id redemption_no channel_code store_id basket_fen "
        "off_fen event_id at by",
    ),
    Table(
        "benefits.CouponMove", Purpose.SERVICE, Keep.PERSON,
        general="id coupon_id event_id from_person_id to_person_id at undone_event_id",
    ),
)  # fmt: skip

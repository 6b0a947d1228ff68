"""What the tables of recommendations hold. What somebody is likely to buy is personal data."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "recommend.RecommendRun", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id base_number version as_of refusal told trials excluded persons seconds started_at ended_at",
    ),
    Table(
        "recommend.PersonNext", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="next_category_id again fresh categories", general="person_id run_id",
    ),
    Table("recommend.Complement", Purpose.ANALYSIS, Keep.REPLACED, general="id run_id product_id other_id log_lift share"),
    Table(
        "recommend.AssociationThresholds", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id level_code support_share confidence_share lift saved_at by",
    ),
    Table(
        "recommend.AssociationRun", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id level_code base_number as_of support_share confidence_share lift baskets rules refusal seconds started_at"
        " ended_at",
    ),
    Table(
        "recommend.AssociationRule", Purpose.ANALYSIS, Keep.REPLACED,
        general="id run_id rank left_ids right_id both left_count right_count",
    ),
    Table(
        "recommend.Withheld", Purpose.SERVICE, Keep.PERSON,
        sensitive="product_id category_id", general="id person_id reason_code until author_id created_at",
    ),
    Table(
        "recommend.WithheldMove", Purpose.SERVICE, Keep.PERSON,
        general="id withheld_id event_id from_person_id to_person_id at undone_event_id",
    ),
)  # fmt: skip

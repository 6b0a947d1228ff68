"""What the tables of relations hold. Who lives with whom is personal data of both."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table("relations.HouseholdMark", Purpose.OPERATION, Keep.REPLACED, sensitive="value_hash", general="id"),
    Table(
        "relations.HouseholdTie", Purpose.SERVICE, Keep.PERSON,
        sensitive="kind_code value_hash other_id",
        general="id person_id since valid_from valid_to",
    ),
    Table(
        "relations.Referral", Purpose.SERVICE, Keep.PERSON,
        sensitive="pair_no referrer_id",
        general="id source_code referred_event_id referrer_event_id record_id referrer_record_id person_id said_at "
        "is_current",
    ),
    Table("relations.CustomerGroup", Purpose.SERVICE, Keep.BUSINESS, general="id source_code code title guide store_id"),
    Table(
        "relations.GroupStep", Purpose.SERVICE, Keep.PERSON,
        sensitive="group_id",
        general="id record_id person_id is_join at left_at",
    ),
    Table(
        "relations.RelationFacts", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="household_size referred_count",
        general="person_id",
    ),
)  # fmt: skip

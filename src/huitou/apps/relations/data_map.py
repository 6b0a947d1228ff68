"""What the tables of relations hold. Who lives with whom is personal data of both."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table("relations.HouseholdMark", Purpose.OPERATION, Keep.REPLACED, sensitive="value_hash", general="id"),
    Table(
        "relations.HouseholdTie", Purpose.SERVICE, Keep.PERSON,
        sensitive="kind_code value_hash other_id",
        general="id person_id since valid_from valid_to",
    ),
    Table("relations.RelationFacts", Purpose.ANALYSIS, Keep.PERSON, sensitive="household_size", general="person_id"),
)  # fmt: skip

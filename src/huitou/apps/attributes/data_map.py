"""What the tables of custom attributes hold."""

from huitou.apps.base.classified import Keep, Purpose, Table

_ORIGIN = "id code title title_en is_third_party provider basis_code expires_on is_enabled created_by created_at"

TABLES = (
    Table(
        "attributes.Attribute", Purpose.SERVICE, Keep.BUSINESS,
        general=f"{_ORIGIN} type_code choices places unit is_sensitive purpose_code stale_after_days",
    ),
    Table("attributes.EventType", Purpose.SERVICE, Keep.BUSINESS, general=_ORIGIN),
    Table(
        "attributes.AttributeValue", Purpose.SERVICE, Keep.PERSON,  # those of a third party go on its day, too
        sensitive="text_value number_value date_value flag_value sealed match_hash",
        general="id attribute_id event_id record_id person_id source_code observed_at entered_by is_readable is_current",
    ),
)  # fmt: skip

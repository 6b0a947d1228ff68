"""What the tables of persons hold. Figures of one person are personal data, too."""

from huitou.apps.base.classified import Keep, Purpose, Table
from huitou.apps.customers.models import PersonFacts

_FIGURES = " ".join(field.attname for field in PersonFacts._meta.concrete_fields if field.attname not in ("person_id", "version"))

TABLES = (
    Table(
        "customers.Person", Purpose.SERVICE, Keep.PERSON,
        sensitive="profile look_alike_hash home_hash of_age_on",  # encrypted; keyed hashes; children only
        general="id home_store_id source_count record_count is_member completeness_share filled_bits "
        "oldest_value_on registered_at created_at updated_at merged_into_id erased_at is_live",
    ),
    Table("customers.CompletenessWeights", Purpose.SERVICE, Keep.BUSINESS, general="id weights saved_at by"),
    Table("customers.SearchKey", Purpose.SERVICE, Keep.PERSON, sensitive="key_hash", general="id person_id"),
    Table("customers.PersonFacts", Purpose.ANALYSIS, Keep.PERSON, sensitive=_FIGURES, general="person_id version"),
)  # fmt: skip

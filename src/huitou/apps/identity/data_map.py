"""What the map from records to persons holds: encrypted values, keyed hashes, and who decided what."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "identity.SourceRecord", Purpose.SERVICE, Keep.PERSON,
        sensitive="source_id_hash fields content_hash",
        general="id source_code version_at store_id registered_at batch_id received_at erased_at filled_bits",
    ),
    Table(
        "identity.Correction", Purpose.RIGHTS, Keep.PERSON,
        sensitive="value", general="id record_id field_code reason_code at by retired_at",
    ),
    Table(
        "identity.Confirmation", Purpose.SERVICE, Keep.PERSON,
        sensitive="value_hash", general="id record_id field_code at by",
    ),
    Table("identity.ResolveMark", Purpose.OPERATION, Keep.REPLACED, general="id record_id is_bulk"),
    Table(
        "identity.Identifier", Purpose.SERVICE, Keep.PERSON,
        sensitive="value_hash", general="id record_id kind_code verified valid_from valid_to",
    ),
    Table("identity.RecordKey", Purpose.SERVICE, Keep.PERSON, sensitive="key_hash", general="id record_id"),
    Table(
        "identity.PersonIdentifier", Purpose.SERVICE, Keep.PERSON,
        sensitive="value_hash", general="id person_id kind_code verified valid_from valid_to is_hub",
    ),
    Table(
        "identity.IdentityEvent", Purpose.SERVICE, Keep.BUSINESS,
        general="id kind_code at by reason policy_version undoes_id detail",
    ),
    Table(
        "identity.Membership", Purpose.SERVICE, Keep.BUSINESS,
        general="id record_id person_id valid_from valid_to event_id closed_event_id",
    ),
    Table("identity.ImportedPerson", Purpose.OPERATION, Keep.PERSON, general="id import_id person_id part_code"),
    Table(
        "identity.Decision", Purpose.SERVICE, Keep.BUSINESS,
        general="id record_a record_b verdict_code event_id retired_event_id origin_event_id",
    ),
    Table("identity.Edge", Purpose.SERVICE, Keep.REPLACED, general="id record_a record_b kind_code "
        "evidence_code policy_version levels"),
    Table(
        "identity.ReviewPair", Purpose.SERVICE, Keep.REPLACED,
        general="id record_a record_b reason_code probability worth levels found_at postponed_at",
    ),
    Table(
        "identity.HubValue", Purpose.SERVICE, Keep.REPLACED,
        sensitive="value_hash value", general="id kind_code record_count name_count store_id reason_code found_at",
    ),
    Table(
        "identity.MatcherModel", Purpose.SERVICE, Keep.REPLACED,
        sensitive="content", general="id policy_version records fitted_at",  # name frequencies
    ),
    Table("identity.SurvivorshipChoice", Purpose.SERVICE, Keep.BUSINESS, general="id rules saved_at by"),
    Table("identity.QualityDraw", Purpose.SERVICE, Keep.BUSINESS, general="id drawn_at by sizes"),
    Table(
        "identity.QualityCase", Purpose.SERVICE, Keep.BUSINESS,
        general="id draw_id person_id record_ids stratum_code is_pure is_complete judged_at judged_by",
    ),
    Table("identity.MatcherLock", Purpose.OPERATION, Keep.BUSINESS, general="id"),
)  # fmt: skip

"""What is kept to answer for the handling of personal data."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "privacy.Suppression", Purpose.RIGHTS, Keep.BUSINESS,
        sensitive="value_hash", general="id kind_code reason_code since reimported_at",
    ),
    Table(
        "privacy.Consent", Purpose.RIGHTS, Keep.PERSON,
        sensitive="answer_code",
        general="id person_id channel_code purpose_code source_code reason_code said_at recorded_at by",
    ),
    Table(
        "privacy.ExportRequest", Purpose.SECURITY, Keep.PROOF,
        general="id asked_by asked_at purpose_code filters fields row_count state decided_by decided_at expires_at taken_count",
    ),
    Table("privacy.ErasureDelay", Purpose.RIGHTS, Keep.BUSINESS, general="id days saved_at by"),
    Table(
        "privacy.ErasureRequest", Purpose.RIGHTS, Keep.BUSINESS,
        general="id person_id asked_by asked_at due_at reason_code state ended_at ended_by record_keys",
    ),
    Table("privacy.Erasure", Purpose.RIGHTS, Keep.BUSINESS, general="id person_id record_ids at by reason_code"),
    Table("privacy.AccessEntry", Purpose.SECURITY, Keep.PROOF, general="id at writer number user_id route_code person_ids"),
    Table("privacy.AccessSeal", Purpose.SECURITY, Keep.PROOF, general="id writer first_number last_number link sealed_at"),
    Table("privacy.AccessedPerson", Purpose.SECURITY, Keep.PROOF, general="id person_id entry_id"),
)  # fmt: skip

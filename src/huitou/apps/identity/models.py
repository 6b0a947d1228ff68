"""
Which record belongs to which person, since when and why. Nothing is overwritten: a membership ends and another begins.

Personal values are encrypted (`SourceRecord.fields`, context "identity.record:<record id>") or keyed hashes.
"""

from django.db import models
from django.db.models import Q


class SourceRecord(models.Model):
    """
    What one source says about one customer, newest version. The id is the surrogate id that landing gave it.

    fields: encrypted JSON {"source_id", "texts": {field: text}, "verified": [field], "identifiers": [{kind_code, value,
    verified, valid_from, valid_to, version_at}]}; null once erased.
    """

    id = models.BigIntegerField(primary_key=True)
    source_code = models.CharField(max_length=32)
    source_id_hash = models.BigIntegerField(null=True)  # null: nothing but identifiers came so far, or erased
    fields = models.BinaryField(null=True)
    content_hash = models.BigIntegerField(null=True)  # keyed; equal content is not written again
    version_at = models.DateTimeField(null=True)  # null: nothing but identifiers came so far
    store_id = models.BigIntegerField(null=True)
    registered_at = models.DateTimeField(null=True)
    batch_id = models.BigIntegerField()
    received_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    filled_bits = models.SmallIntegerField(null=True)  # completeness.filled_bits; null: not counted yet, or erased


class Correction(models.Model):
    """
    One field of a person's file put right by a steward. It hangs on a record and follows it; while it is open it outranks what
    any source says. value: encrypted, context "identity.correction:<record>:<field>".
    """

    record_id = models.BigIntegerField()
    field_code = models.CharField(max_length=16)  # of core.identity.normalise.NORMALISERS
    value = models.BinaryField()
    reason_code = models.CharField(max_length=16)  # one of CORRECTION_REASONS, never text about the person
    at = models.DateTimeField()
    by = models.BigIntegerField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_id", "field_code"], condition=Q(retired_at=None), name="correction_one_open_per_field"
            )
        ]


class Confirmation(models.Model):
    """
    Somebody asked the person: this very value of the file is still true. It counts as told again at that moment as long as the
    value stands; another value that a source brings is no less believed for it. It hangs on the record that told the value.
    """

    record_id = models.BigIntegerField()
    field_code = models.CharField(max_length=16)  # of core.identity.normalise.NORMALISERS
    value_hash = models.BigIntegerField()  # keyed
    at = models.DateTimeField()
    by = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "field_code"], name="confirmation_newest_per_field")]


class ResolveMark(models.Model):
    """
    A stored record whose person has not been sought since it last changed. A newer change takes a new mark, so that a run
    which saw the older one does not take the newer away. is_bulk: a back-fill brought it, which seeks its persons by itself.
    """

    record_id = models.BigIntegerField(unique=True)
    is_bulk = models.BooleanField(default=False, db_default=False)


class Identifier(models.Model):
    """One identifier value that one record holds (a posting). valid_to set: the record no longer holds it."""

    record_id = models.BigIntegerField()
    kind_code = models.CharField(max_length=8)
    value_hash = models.BigIntegerField()
    verified = models.BooleanField()
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id", "kind_code", "value_hash"], name="identifier_once_per_record")
        ]
        indexes = [models.Index(fields=["value_hash", "record_id"], name="identifier_by_value")]


class RecordKey(models.Model):
    """A key by which a record is compared with others that share no identifier (`record_keys`); never the value itself."""

    key_hash = models.BigIntegerField()
    record_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "record_id"], name="record_key_once")]


class PersonIdentifier(models.Model):
    """
    One identifier value of a live person. A verified, current value that is no hub belongs to one live person only.

    Where several persons claim it, the one who verified it last keeps it; for the others it counts as not verified.
    """

    person_id = models.BigIntegerField()
    kind_code = models.CharField(max_length=8)
    value_hash = models.BigIntegerField()
    verified = models.BooleanField()
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    is_hub = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind_code", "value_hash"],
                condition=Q(verified=True, valid_to=None, is_hub=False),
                name="verified_identifier_one_person",
            )
        ]
        indexes = [
            models.Index(fields=["person_id"], name="person_identifier_by_person"),
            models.Index(fields=["value_hash"], name="person_identifier_by_value"),
        ]


class ImportPart(models.TextChoices):
    """What an import did to a person."""

    NEW = "new"  # the person came with it
    JOINED = "joined"  # was there, and got a record more, or became one with another
    UPDATED = "updated"  # was there; what a known record says is newer
    BUYER = "buyer"  # bought what the file tells


class ImportedPerson(models.Model):
    """A person whom an import touched; counted by a job once its batches are applied. Erased persons leave."""

    import_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    part_code = models.CharField(max_length=7, choices=ImportPart.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["import_id", "person_id"], name="imported_person_once")]
        indexes = [models.Index(fields=["person_id"], name="imported_person_by_person")]


class EventKind(models.TextChoices):
    """What happened to the map from records to persons."""

    CREATE = "create"  # new persons from records nobody had
    JOIN = "join"  # new records went to a person that was there
    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"
    ERASE = "erase"  # records left the map: erased, or their import was undone
    VERDICT = "verdict"  # a person said that two persons are not one; nobody moved


UNDOABLE = frozenset({EventKind.JOIN, EventKind.MERGE, EventKind.SPLIT, EventKind.UNDO, EventKind.VERDICT})


class IdentityEvent(models.Model):
    """
    One change of the map; append-only. Its moves are the memberships that it opened and closed.

    detail: opened and closed person ids, batch, retired and revived decisions; never personal data.
    """

    kind_code = models.CharField(max_length=8, choices=EventKind.choices)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)  # user; null: the matcher
    reason = models.CharField(max_length=200, default="")
    policy_version = models.CharField(max_length=32)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["at"], condition=Q(by__isnull=False), name="identity_event_of_people")]


class Membership(models.Model):
    """A record belonged to a person over [valid_from, valid_to); a record has one open membership at most."""

    record_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    event_id = models.BigIntegerField(db_index=True)
    closed_event_id = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id"], condition=Q(valid_to=None), name="membership_one_open_per_record")
        ]
        indexes = [
            models.Index(fields=["person_id"], name="membership_by_person"),
            models.Index(fields=["record_id", "valid_from"], name="membership_by_record"),
        ]


class Verdict(models.TextChoices):
    """What a person decided about two records."""

    SAME = "same"
    DIFFERENT = "different"


class Decision(models.Model):
    """A person's word on two records (a < b). It outranks the matcher in every later run until an event retires it."""

    record_a = models.BigIntegerField()
    record_b = models.BigIntegerField(db_index=True)
    verdict_code = models.CharField(max_length=10, choices=Verdict.choices)
    event_id = models.BigIntegerField(db_index=True)
    retired_event_id = models.BigIntegerField(null=True, db_index=True)
    origin_event_id = models.BigIntegerField(null=True, db_index=True)  # taken up again by an undo: the event that said it first

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_a", "record_b"], condition=Q(retired_event_id=None), name="decision_one_open_per_pair"
            )
        ]


class Edge(models.Model):
    """Why two records (a < b) are one person: they share a value of this kind. Replaced when their component is resolved."""

    record_a = models.BigIntegerField()
    record_b = models.BigIntegerField(db_index=True)
    kind_code = models.CharField(max_length=8)  # phone, card, openid, unionid, email, decision
    evidence_code = models.CharField(max_length=16)  # stated, one_verified, both_verified, decision
    policy_version = models.CharField(max_length=32)
    levels = models.CharField(max_length=500, default="")  # as in ReviewPair, when the edge was written

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_a", "record_b", "kind_code"], name="edge_once_per_kind")]


class ReviewPair(models.Model):
    """
    Two linked records (a < b) that the matcher left apart for a person to decide.

    levels: how the fields of the two compare, with the signed weight of each where the matcher says it:
    "phone=equal:+4.2;name=other:-1.9"; never a value. worth: how much an answer is worth, the queue's order.
    """

    record_a = models.BigIntegerField()
    record_b = models.BigIntegerField(db_index=True)
    reason_code = models.CharField(max_length=16)  # contradiction, contested, uncertain
    probability = models.FloatField(null=True)  # 0..1 that they are one; null: the matcher gave none
    worth = models.FloatField(default=0)
    levels = models.CharField(max_length=500, default="")
    found_at = models.DateTimeField()
    postponed_at = models.DateTimeField(null=True)  # somebody was unsure; asked again after the others

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_a", "record_b"], name="review_pair_once")]
        indexes = [models.Index(fields=["-worth", "id"], name="review_pair_by_worth")]


class HubValue(models.Model):
    """A value that identifies nobody: many records or names hold it, or it is blocked (a shop's phone)."""

    kind_code = models.CharField(max_length=8)
    value_hash = models.BigIntegerField()
    value = models.BinaryField()  # encrypted, context "identity.hub:<kind>:<hash>"
    record_count = models.PositiveIntegerField()
    name_count = models.PositiveIntegerField()
    store_id = models.BigIntegerField(null=True)  # where most of the holders are
    reason_code = models.CharField(max_length=8)  # blocked, records, names
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["value_hash", "kind_code"], name="hub_value_once")]


class MatcherModel(models.Model):
    """The weights of the last run over everything; a run over a component judges by them. Encrypted, context "identity.model"."""

    content = models.BinaryField()
    policy_version = models.CharField(max_length=32)
    records = models.PositiveIntegerField()  # how many it was fitted to
    fitted_at = models.DateTimeField()


class SurvivorshipChoice(models.Model):
    """
    One saved choice of which source's value a file shows; append-only, the newest is in force.

    rules: {field: {"order": [criterion, ...], "sources": [source, ...]}} of the fields that somebody set.
    """

    rules = models.JSONField()
    saved_at = models.DateTimeField()
    by = models.BigIntegerField()  # user


class QualityDraw(models.Model):
    """A random sample of files was drawn. sizes: living persons by stratum at that moment."""

    drawn_at = models.DateTimeField()
    by = models.BigIntegerField()  # user
    sizes = models.JSONField()


class QualityCase(models.Model):
    """
    One file of a sample, for a steward to judge: are all its records one human being, and is no record of theirs elsewhere?

    record_ids: what the file held when it was drawn; a file that changed since is not judged.
    """

    draw = models.ForeignKey(QualityDraw, on_delete=models.CASCADE)
    person_id = models.BigIntegerField(db_index=True)
    record_ids = models.JSONField()
    stratum_code = models.CharField(max_length=8)  # one, two, many records
    is_pure = models.BooleanField(null=True)
    is_complete = models.BooleanField(null=True)
    judged_at = models.DateTimeField(null=True, db_index=True)
    judged_by = models.BigIntegerField(null=True)  # user


class MatcherLock(models.Model):
    """One row that every change of the map locks first, so that two of them never interleave."""

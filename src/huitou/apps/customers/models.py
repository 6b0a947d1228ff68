"""Persons as the screens know them: the file, its search keys and the facts published by the warehouse."""

from django.db import models


class Person(models.Model):
    """
    One human being. The id is opaque and never used again; a person that was merged away or erased keeps its row.

    `profile` is the encrypted survivorship result, JSON {field: {value, record_id, source_code, observed_at}};
    decrypt it with context "customers.person:<id>".
    """

    profile = models.BinaryField(null=True)  # null once merged away or erased
    home_store_id = models.BigIntegerField(null=True, db_index=True)
    source_count = models.PositiveSmallIntegerField(default=0)
    record_count = models.PositiveIntegerField(default=0)
    is_member = models.BooleanField(default=False)  # has a membership card
    completeness_share = models.FloatField(default=0)  # 0..1, weighted share of filled key fields
    registered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    merged_into_id = models.BigIntegerField(null=True)  # the survivor
    erased_at = models.DateTimeField(null=True)
    is_live = models.BooleanField(default=True)  # has records: neither merged away, emptied by a split, nor erased

    class Meta:
        indexes = [
            models.Index(fields=["home_store_id", "id"], condition=models.Q(is_live=True), name="person_live_by_store"),
        ]


class SearchKey(models.Model):
    """A keyed hash under which a person is found. Kinds: phone, phone_tail, card, card_tail, email, name, surname, initials."""

    key_hash = models.BigIntegerField()
    person_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "person_id"], name="search_key_once")]
        indexes = [models.Index(fields=["person_id"], name="search_key_by_person")]

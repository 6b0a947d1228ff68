"""
Who is related to whom: a shared home, phone or card, who referred whom, groups of customers.

All of it is weaker than being one person; it merges nobody.
"""

from django.db import models
from django.db.models import Q


class HouseholdMark(models.Model):
    """A value whose holders changed since the ties over it were drawn; null: many values. Taken away once they are drawn anew."""

    value_hash = models.BigIntegerField(null=True)


class HouseholdTie(models.Model):
    """
    Two living persons hold one value over [valid_from, valid_to), as it was known then; a pair stands twice, once each way.

    since: from when on both held it, where the sources say so.
    """

    person = models.ForeignKey(
        "customers.Person", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="household_ties"
    )
    other = models.ForeignKey(
        "customers.Person", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="household_ties_back"
    )
    kind_code = models.CharField(max_length=8)  # of core.identity.household.HOUSEHOLD_KINDS
    value_hash = models.BigIntegerField()
    since = models.DateTimeField(null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "other", "value_hash"], condition=Q(valid_to=None), name="household_tie_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["person", "other"], name="household_tie_by_person"),
            models.Index(fields=["other"], name="household_tie_by_other"),
            models.Index(fields=["value_hash"], condition=Q(valid_to=None), name="household_tie_by_value"),
        ]


class RelationFacts(models.Model):
    """What filters ask of a person's relations; no row: none is known."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="relations", db_constraint=False, on_delete=models.DO_NOTHING
    )
    household_size = models.PositiveSmallIntegerField(null=True)  # with the person; null: nobody is tied to them
    referred_count = models.PositiveIntegerField(null=True)  # null: nobody


class Referral(models.Model):
    """
    Who referred whom, as one source tells it in two halves: each hangs on a record and follows it. A pair whose other half is
    not there, or that ended in one person, counts for nothing.

    pair_no: keyed hash of the source's number of the pair. is_current: the first that was said of the referred person, who is won
    once.
    """

    source_code = models.CharField(max_length=32)
    pair_no = models.CharField(max_length=64)
    referred_event_id = models.BigIntegerField(null=True)
    referrer_event_id = models.BigIntegerField(null=True)
    record_id = models.BigIntegerField(null=True, db_index=True)  # of the referred
    referrer_record_id = models.BigIntegerField(null=True, db_index=True)
    person_id = models.BigIntegerField(null=True, db_index=True)  # whose record it is now; follows every merge and split
    referrer = models.ForeignKey(
        "customers.Person", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    said_at = models.DateTimeField(null=True)  # null: the source does not say when
    is_current = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "pair_no"], name="referral_once")]


class CustomerGroup(models.Model):
    """A group of customers, of a chat or of a guide, as one source names it."""

    source_code = models.CharField(max_length=32)
    code = models.CharField(max_length=64)
    title = models.CharField(max_length=100)
    guide = models.CharField(max_length=64, default="")  # who runs it, as the source writes it
    store_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "code"], name="customer_group_once")]


class GroupStep(models.Model):
    """A person joined a group or left it. left_at, of a step in: when the person was out again; null: still in."""

    id = models.BigIntegerField(primary_key=True)  # of the event
    group = models.ForeignKey(CustomerGroup, on_delete=models.PROTECT)
    record_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(null=True)  # whose record it is now
    is_join = models.BooleanField()
    at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person_id", "group"], name="group_step_by_person")]

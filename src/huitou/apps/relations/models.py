"""Who is related to whom: persons who share a home, a phone or a card. Weaker than being one person; it merges nobody."""

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

"""Tier schemes and their versions, what stands in their tiers, and who changed between them."""

from django.db import models
from django.db.models import F, Q

from huitou.apps.value.models.runs import ValueRun

SLOTS = 12  # tier schemes in force at once; each holds one pair of columns of PersonValue


class TierScheme(models.Model):
    """A tier scheme. Its tables are versions; `slot` is the pair of columns that its tiers stand in while it is in force."""

    code = models.CharField(max_length=32, unique=True)
    slot = models.PositiveSmallIntegerField(null=True, unique=True)  # null: switched off
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()


class VersionState(models.TextChoices):
    """Where a version of a scheme stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class SchemeVersion(models.Model):
    """One table of a scheme, as `core.value.scheme.scheme_json`; in force over [published_at, retired_at)."""

    scheme = models.ForeignKey(TierScheme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=VersionState.choices, default=VersionState.DRAFT)
    table = models.JSONField()
    note = models.CharField(max_length=200, default="")
    what_if = models.JSONField(null=True)  # of a draft, as last tried; null: not tried since it changed
    author_id = models.BigIntegerField(null=True)  # null: shipped
    asked_by = models.BigIntegerField(null=True)  # who asked for the draft, as it stands, to be published
    asked_at = models.DateTimeField(null=True)  # null: not asked since it changed, or returned
    decided_by = models.BigIntegerField(null=True)  # who put it in force; null: shipped
    returned_by = models.BigIntegerField(null=True)  # who gave the draft back, with `note`
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="scheme_version_once"),
            models.UniqueConstraint(fields=["scheme"], condition=Q(state="draft"), name="scheme_one_draft"),
            models.UniqueConstraint(fields=["scheme"], condition=Q(state="published"), name="scheme_one_in_force"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("author_id"))),
                name="scheme_by_two_persons",
            ),
        ]


class TierSum(models.Model):
    """How many persons of a store (null: none) stand in a tier (empty: in none), and their net revenue of 12 months."""

    scheme = models.ForeignKey(TierScheme, on_delete=models.CASCADE)
    store_id = models.IntegerField(null=True)
    tier_code = models.CharField(max_length=24)
    persons = models.BigIntegerField()
    net_fen = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["scheme", "store_id"], name="tier_sum_by_store")]


class TierCross(models.Model):
    """
    How many living persons stand in each pair of tiers of two schemes, by home store, as last counted after a full run.

    across stands at the place of down in the order of schemes, or behind it: the other way round is the same counts turned.
    """

    down = models.ForeignKey(TierScheme, on_delete=models.CASCADE, related_name="+")
    across = models.ForeignKey(TierScheme, on_delete=models.CASCADE, related_name="+")
    down_number = models.PositiveIntegerField()  # of the versions that were counted
    across_number = models.PositiveIntegerField()
    as_of = models.DateField()
    counted_at = models.DateTimeField()
    rows = models.JSONField()  # [home store, tier of down, tier of across, persons], a code empty for in none

    class Meta:
        constraints = [models.UniqueConstraint(fields=["down", "across"], name="tier_cross_once")]


class TierChange(models.Model):
    """A person went from one tier to another. A code is empty for "in none"; the first tier of somebody is no change."""

    person_id = models.BigIntegerField()
    scheme = models.ForeignKey(TierScheme, on_delete=models.CASCADE)
    from_code = models.CharField(max_length=24)
    to_code = models.CharField(max_length=24)
    scheme_version = models.PositiveIntegerField()
    run = models.ForeignKey(ValueRun, on_delete=models.PROTECT)
    changed_on = models.DateField()  # the business day the run stands for

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "scheme", "id"], name="tier_change_of_person"),
            models.Index(fields=["run"], name="tier_change_of_run"),
        ]


class Direction(models.TextChoices):
    """Which way a person went between the tiers of a scheme."""

    UP = "up"
    DOWN = "down"


class MonthMove(models.Model):
    """A person stands in a better or a worse tier than at the end of last month, as last told after a full run."""

    person_id = models.BigIntegerField()
    scheme = models.ForeignKey(TierScheme, on_delete=models.CASCADE, db_index=False)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    from_code = models.CharField(max_length=24)  # at the end of last month
    to_code = models.CharField(max_length=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "scheme"], name="month_move_once")]
        indexes = [models.Index(fields=["scheme", "direction", "person_id"], name="month_move_by_direction")]

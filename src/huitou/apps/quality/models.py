"""What the data page remembers: one value per metric and day, how well each field is filled, and the goals."""

from django.db import models


class QualitySnapshot(models.Model):
    """The value of one metric of core/metrics on one business day; a second run on the day overwrites it."""

    metric_key = models.CharField(max_length=48)
    business_date = models.DateField()
    numerator = models.FloatField()
    denominator = models.FloatField()
    as_of = models.DateTimeField()  # when it was measured

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric_key", "business_date"], name="quality_snapshot_once_a_day")]


class FieldFill(models.Model):
    """How many persons ("person") or source records ("record") had one key field filled on a business day."""

    subject_code = models.CharField(max_length=8)
    field_code = models.CharField(max_length=16)
    business_date = models.DateField()
    filled = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_code", "field_code", "business_date"], name="field_fill_once_a_day")
        ]


class GoalKind(models.TextChoices):
    """A baseline is where it began, a target where it shall go."""

    BASELINE = "baseline"
    TARGET = "target"


class Goal(models.Model):
    """A baseline or target of one metric for one period ("2022", "" for always), as a share 0..1."""

    metric_key = models.CharField(max_length=48)
    kind_code = models.CharField(max_length=8, choices=GoalKind.choices)
    period_code = models.CharField(max_length=16, default="")
    share = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric_key", "kind_code", "period_code"], name="goal_once_per_period"),
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=1), name="goal_is_a_share"),
        ]

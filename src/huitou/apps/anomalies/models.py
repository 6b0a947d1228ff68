"""Odd days of stores and cards as found, and which of them nobody needs to hear of."""

from django.db import models


class Kind(models.TextChoices):
    """What is odd. The first three are of a store, the others of a customer's card. Stored codes."""

    REVENUE = "revenue"
    ORDERS = "orders"
    RETURNS = "returns"
    CARD_ORDERS = "card_orders"
    CARD_POINTS = "card_points"


STORE_KINDS = frozenset((Kind.REVENUE.value, Kind.ORDERS.value, Kind.RETURNS.value))


class AnomalyRun(models.Model):
    """One look at the newest days of a version. answers: store-days that had an answer."""

    version = models.BigIntegerField()
    as_of = models.DateField()
    answers = models.BigIntegerField(default=0)
    found = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Anomaly(models.Model):
    """
    A store or a card on one day: the figure, what was expected, and the interval it should lie in (null: no such end).

    subject_id: store or person, as the kind says. store_id: whose reach it is in; null: the whole chain's only.
    """

    kind_code = models.CharField(max_length=12, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    store_id = models.IntegerField(null=True, db_index=True)
    day = models.DateField()
    actual = models.FloatField()
    expected = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    away = models.FloatField(null=True)  # spreads
    run_id = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind_code", "subject_id", "day"], name="anomaly_once")]
        indexes = [models.Index(fields=["-day", "-id"], name="anomaly_newest")]


class AnomalyMute(models.Model):
    """One kind of anomaly of one store or card is not shown up to a day, with who said so and why."""

    kind_code = models.CharField(max_length=12, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    until = models.DateField()  # the last day
    author_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind_code", "subject_id"], name="anomaly_muted_once")]

"""What is recommended: runs with their trial, lists per person, what goes with what, rules of baskets, and what is kept back."""

from django.db import models
from django.db.models import Q

from huitou.apps.identity.moved import Move, moved_once, standing


class Withholding(models.TextChoices):
    """Why something is not recommended. Stored codes."""

    OUT_OF_STOCK = "out_of_stock"
    OFF_SALE = "off_sale"
    NOT_WANTED = "not_wanted"  # the customer does not want it


class RecommendRun(models.Model):
    """One run over everybody; `refusal` empty: its lists are in force until the next good one."""

    base_number = models.BigIntegerField()
    version = models.BigIntegerField()
    as_of = models.DateField()
    refusal = models.CharField(max_length=8, default="")  # core.value.recommend.Refusal
    told = models.CharField(max_length=300, default="")
    trials = models.JSONField(default=dict)  # {"product": .., "category": .., "basket": ..}, how the lists did on the past
    excluded = models.JSONField(default=dict)  # reason -> candidates left out
    persons = models.BigIntegerField(default=0)
    seconds = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class PersonNext(models.Model):
    """
    The lists of one person, best first, as JSON texts.

    again: [[product_id, chance, reason, times, days_ago, gap_days or null]]; fresh: [[product_id, reason, because or null, lift
    or null, margin or null]]; categories: [[category_id, chance]].
    """

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="recommendation", db_constraint=False, on_delete=models.DO_NOTHING
    )
    run_id = models.BigIntegerField()
    next_category_id = models.IntegerField(null=True)
    again = models.TextField()
    fresh = models.TextField()
    categories = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["next_category_id", "person"], name="recommend_next_category")]


class Complement(models.Model):
    """With `product` in a basket, `other` is in it exp(log_lift) times as often as in any; share: of baskets that hold other."""

    run_id = models.BigIntegerField()
    product_id = models.IntegerField()
    other_id = models.IntegerField()
    log_lift = models.FloatField()
    share = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product_id", "other_id"], name="recommend_complement_once")]


class Withheld(models.Model):
    """A product or a category that is not recommended, to anybody or to one person, for good or up to a day."""

    person_id = models.BigIntegerField(null=True, db_index=True)  # null: anybody; follows merges, each as a WithheldMove
    product_id = models.IntegerField(null=True)
    category_id = models.IntegerField(null=True)
    reason_code = models.CharField(max_length=12, choices=Withholding.choices)
    until = models.DateField(null=True)  # the last day
    author_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(product_id__isnull=False, category_id__isnull=True)
                | Q(product_id__isnull=True, category_id__isnull=False),
                name="recommend_withheld_of_one",
            )
        ]


class WithheldMove(Move):
    """What is kept back went to another person with an identity event."""

    withheld = models.ForeignKey(Withheld, on_delete=models.CASCADE, related_name="moves")

    class Meta:
        constraints = [moved_once("withheld")]
        indexes = [standing("withheld")]


class AssociationLevel(models.TextChoices):
    """What stands in a rule. Stored codes."""

    DEPARTMENT = "department"  # categories of the first level
    CATEGORY = "category"
    PRODUCT = "product"


class AssociationThresholds(models.Model):
    """What a rule of a level has to reach from `saved_at` on; the newest row of a level holds."""

    level_code = models.CharField(max_length=12, choices=AssociationLevel.choices)
    support_share = models.FloatField()
    confidence_share = models.FloatField()
    lift = models.FloatField()
    saved_at = models.DateTimeField()
    by = models.BigIntegerField()


class AssociationRun(models.Model):
    """One search for rules at one level; `refusal` empty: its rules are in force until the next good one of the level."""

    level_code = models.CharField(max_length=12, choices=AssociationLevel.choices)
    base_number = models.BigIntegerField()
    as_of = models.DateField()
    support_share = models.FloatField()
    confidence_share = models.FloatField()
    lift = models.FloatField()
    baskets = models.BigIntegerField(default=0)
    rules = models.IntegerField(default=0)
    refusal = models.CharField(max_length=8, default="")
    seconds = models.FloatField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class AssociationRule(models.Model):
    """Baskets with the left side (ids, ascending) hold the right one lift times as often as any; rank 1: the largest lift."""

    run = models.ForeignKey(AssociationRun, on_delete=models.CASCADE)
    rank = models.IntegerField()
    left_ids = models.JSONField()
    right_id = models.IntegerField()
    both = models.BigIntegerField()
    left_count = models.BigIntegerField()
    right_count = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "rank"], name="recommend_rule_once")]

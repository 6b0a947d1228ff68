"""What is known of a person's value and stage, by which scenarios and weights, and the lists frozen of it."""

from django.db import models

from huitou.apps.value.models.runs import ValueRun
from huitou.apps.value.models.schemes import SLOTS

SCENARIOS = 8  # scenario rules in force at once; each holds one column of PersonValue


class PersonValue(models.Model):
    """
    What the last run said of a person; null is "no answer". tier_N is the code of the tier in the scheme of slot N,
    tier_N_since the business day of the last change (null: since before the first run).

    Written by runs only, as differences.
    """

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="value", db_constraint=False, on_delete=models.DO_NOTHING
    )
    run_id = models.BigIntegerField()  # that wrote the row
    first_run_id = models.BigIntegerField(null=True)  # that first wrote it; null: before that was kept
    store_id = models.IntegerField(null=True)  # of most orders
    r = models.SmallIntegerField(null=True)
    f = models.SmallIntegerField(null=True)
    m = models.SmallIntegerField(null=True)
    rfm_total = models.SmallIntegerField(null=True)
    net_365d_fen = models.BigIntegerField(null=True)
    clv_12m_fen = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=8, null=True)  # core.value.lifecycle.Stage
    average_ticket_fen = models.BigIntegerField(null=True)
    cycle_days = models.IntegerField(null=True)
    spending_power = models.SmallIntegerField(null=True)
    interaction_power = models.SmallIntegerField(null=True)
    potential_power = models.SmallIntegerField(null=True)
    mood = models.FloatField(null=True)  # -1..1
    mood_points = models.SmallIntegerField(null=True)  # the same in hundredths, which lists filter by
    discount_share = models.FloatField(null=True)
    online_share = models.FloatField(null=True)
    top_category_share = models.FloatField(null=True)
    basket_milli = models.BigIntegerField(null=True)
    preferred_channel = models.CharField(max_length=6, null=True)  # core.consent.CHANNELS
    preferred_hour = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["clv_12m_fen", "person"], name="person_value_by_clv"),
            models.Index(fields=["tier_1", "person"], name="person_value_by_first_tier"),  # of the scheme that lists show first
            # A tier in the order of predicted value. Of those alone who have one: a list of a tier's ids is to come from the
            # index above, in the order of ids, which a database that could answer it from this one would not know.
            models.Index(
                fields=["tier_1", "clv_12m_fen", "person"],
                condition=models.Q(clv_12m_fen__isnull=False),
                name="person_value_by_tier_and_clv",
            ),
        ]


for _slot in range(1, SLOTS + 1):
    PersonValue.add_to_class(f"tier_{_slot}", models.CharField(max_length=24, null=True))
    PersonValue.add_to_class(f"tier_{_slot}_since", models.DateField(null=True))
for _slot in range(1, SCENARIOS + 1):
    PersonValue.add_to_class(f"scenario_{_slot}", models.BooleanField(null=True))


class StageChange(models.Model):
    """A person went from one lifecycle stage to another."""

    person_id = models.BigIntegerField()
    from_stage = models.CharField(max_length=8)
    to_stage = models.CharField(max_length=8)
    run = models.ForeignKey(ValueRun, on_delete=models.PROTECT)
    changed_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "id"], name="stage_change_of_person"),
            models.Index(fields=["changed_on", "to_stage"], name="stage_change_by_day"),
        ]


class ScenarioRule(models.Model):
    """A scenario read from baskets: so many purchases with these categories in so many days, begun in these hours."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    slot = models.PositiveSmallIntegerField(null=True, unique=True)  # column of PersonValue; null: switched off
    number = models.PositiveIntegerField(default=1)  # rises with every change
    paths = models.JSONField()  # names of categories: one of them is a part of the category's path
    hours = models.JSONField(null=True)  # 0..23 in Shanghai; null: any
    orders = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()
    author_id = models.BigIntegerField(null=True)  # null: shipped


class FormulaVersion(models.Model):
    """The weights of one power, as they were in force over [published_at, retired_at)."""

    code = models.CharField(max_length=16)  # interaction, potential
    number = models.PositiveIntegerField()
    weights = models.JSONField()
    author_id = models.BigIntegerField(null=True)
    published_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="formula_version_once")]


class TopList(models.Model):
    """The best fifth of a month by RFM, frozen when the month's first full run ended."""

    month = models.CharField(max_length=7, unique=True)  # 2026-11
    share = models.FloatField()
    buyers = models.BigIntegerField()
    members = models.BigIntegerField()
    run = models.ForeignKey(ValueRun, on_delete=models.PROTECT)
    frozen_at = models.DateTimeField()


class TopListMember(models.Model):
    """One person of a frozen list, with what the rank rests on."""

    top_list = models.ForeignKey(TopList, on_delete=models.CASCADE, related_name="rows")
    rank = models.IntegerField()
    person_id = models.BigIntegerField()
    rfm_total = models.SmallIntegerField()
    net_365d_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["top_list", "rank"], name="top_list_rank_once")]
        indexes = [models.Index(fields=["person_id"], name="top_list_of_person")]

"""Forecasts of everybody and what they say of a person."""

from django.db import models

HORIZON_DAYS = 365  # of the forecast that persons have; runs of other horizons are there for their backtests


class ForecastRun(models.Model):
    """One forecast of everybody: from what, by which models, and how it did in the backtest. Kept for ever."""

    base_number = models.BigIntegerField()
    version = models.BigIntegerField()
    as_of = models.DateField()
    horizon_days = models.PositiveSmallIntegerField()
    refusal = models.CharField(max_length=8, default="")  # core.value.clv.Refusal; empty: published
    told = models.CharField(max_length=300, default="")  # what the core said about a refusal
    blend = models.JSONField(default=list)  # codes of core.value.clv.Model in the blend
    backtest = models.JSONField(null=True)  # core.value.clv.Backtest as plain values; null when there was none
    chances = models.JSONField(default=dict)  # {"30": {auc, brier, ..., "refusal": code}}
    persons = models.BigIntegerField(default=0)
    purchases = models.FloatField(null=True)  # expected in the horizon, all together
    value_fen = models.BigIntegerField(null=True)
    seconds = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: at work, or cut short


class PersonForecast(models.Model):
    """What the newest published forecast says of a person; null is "no answer". Written by runs only."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="forecast", db_constraint=False, on_delete=models.DO_NOTHING
    )
    run_id = models.BigIntegerField()  # of ForecastRun
    purchases = models.FloatField()  # expected in the horizon
    low = models.IntegerField()  # four of five customers end between low and high
    high = models.IntegerField()
    value_fen = models.BigIntegerField(null=True)
    alive = models.FloatField(null=True)  # probability of still being a customer
    buys_30d = models.FloatField(null=True)
    lapses_90d = models.FloatField(null=True)
    cycle_days = models.FloatField(null=True)
    next_date = models.DateField(null=True)
    next_low = models.DateField(null=True)
    next_high = models.DateField(null=True)
    next_reason = models.CharField(max_length=8, default="")  # core.value.soon.NoDate

"""What every run rests on, and what is counted after it."""

from django.db import models


class RunKind(models.TextChoices):
    """A full run draws cuts and scores everybody; a touched one scores by them who changed since."""

    FULL = "full"
    TOUCHED = "touched"


class ValueRun(models.Model):
    """One run: what it was computed from, by which rules and cut values, and what it wrote. Kept for ever."""

    kind_code = models.CharField(max_length=7, choices=RunKind.choices)
    version = models.BigIntegerField()  # of the analytical store
    base_number = models.BigIntegerField()
    tail_number = models.BigIntegerField(null=True)
    as_of = models.DateField()
    cuts_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT)  # the full run whose cuts a touched one uses
    window_days = models.PositiveSmallIntegerField()
    cuts = models.JSONField(default=dict)  # core.value.scoring.RunCuts; of a full run only
    events_to = models.BigIntegerField(default=0)  # the newest event, of behaviour or an attribute, or ticket that the run knew
    rules = models.JSONField(default=dict)  # {"schemes": {code: version number}, "formulas": number, "clv": model code, ...}
    persons = models.BigIntegerField(default=0)  # looked at
    written = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)
    tier_changes = models.BigIntegerField(default=0)
    coverage = models.JSONField(default=dict)  # column -> persons with an answer; of a full run only
    means = models.JSONField(default=dict)  # scheme -> tier -> input -> mean over its persons; of a full run only
    reasons = models.JSONField(null=True)  # [store id, reason, source, persons] of the dormant; null: not counted with this run
    motives = models.JSONField(null=True)  # [store id, choice, persons] of who stated why they buy; null as above
    contacts = models.JSONField(null=True)  # [scheme, main store id, tier, event type, touches of 12 months]; null as above
    overlaps = models.JSONField(null=True)  # of the newest list with each scheme (services.overlaps); null as above
    moves = models.JSONField(null=True)  # who moved since the end of last month, by scheme (services.moves); null as above
    paths = models.JSONField(null=True)  # core.value.paths.Paths of the whole chain; null as above
    seconds = models.JSONField(default=dict)  # by step
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: at work, or cut short

    class Meta:
        indexes = [models.Index(fields=["-id", "kind_code"], name="value_run_newest")]


class UnitCosts(models.Model):
    """What one ticket or contact costs from `saved_at` on; the newest row holds. costs: {kind: fen} (core.value.serving)."""

    costs = models.JSONField()
    saved_at = models.DateTimeField()
    by = models.BigIntegerField()

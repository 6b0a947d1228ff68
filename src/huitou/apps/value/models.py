"""What customers are worth, as computed and kept: runs, one row per person, schemes and their versions, changes, tags."""

from django.db import models
from django.db.models import F, Q

from huitou.apps.identity.moved import Move, moved_once, standing

SLOTS = 12  # tier schemes in force at once; each holds one pair of columns of PersonValue
SCENARIOS = 8  # scenario rules, likewise
HORIZON_DAYS = 365  # of the forecast that persons have; runs of other horizons are there for their backtests


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
    paths = models.JSONField(null=True)  # core.value.paths.Paths of the whole chain; null as above
    seconds = models.JSONField(default=dict)  # by step
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: at work, or cut short

    class Meta:
        indexes = [models.Index(fields=["-id", "kind_code"], name="value_run_newest")]


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


class UnitCosts(models.Model):
    """What one ticket costs from `saved_at` on; the newest row holds. costs: {kind: fen} (core.value.serving)."""

    costs = models.JSONField()
    saved_at = models.DateTimeField()
    by = models.BigIntegerField()


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


class TagKind(models.TextChoices):
    """How a tag comes about."""

    RULE = "rule"
    MODEL = "model"
    MANUAL = "manual"
    IMPORTED = "imported"


class TagDefinition(models.Model):
    """A tag that people gave a meaning; those the run computes are defined in core.value.tags."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    dimension_code = models.CharField(max_length=16)
    kind_code = models.CharField(max_length=8, choices=TagKind.choices)
    definition = models.CharField(max_length=200)
    owner_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()


class TagChange(models.Model):
    """
    One tag given to many persons at once, or taken from them; undone as a whole.

    asked = changed + had + refused, plus the persons of the parts that still wait (`waiting`).
    """

    tag_code = models.CharField(max_length=32)
    is_gift = models.BooleanField()  # False: taken away
    author_id = models.BigIntegerField()
    expires_on = models.DateField(null=True)  # of what is given: the last day it holds
    asked = models.BigIntegerField()
    changed = models.BigIntegerField(default=0)
    had = models.BigIntegerField(default=0)  # had it already; of one taken away: did not have it
    refused = models.BigIntegerField(default=0)  # out of the author's reach, merged or erased when their turn came
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)  # when it was asked for
    undone_by = models.BigIntegerField(null=True)
    undone = models.BigIntegerField(default=0)  # persons who are as they were before
    undo_ended_at = models.DateTimeField(null=True)

    @property
    def waiting(self) -> int:
        return self.asked - self.changed - self.had - self.refused


class TagChangePart(models.Model):
    """Persons whose turn has not come yet; the part goes in the transaction that does it."""

    change = models.ForeignKey(TagChange, on_delete=models.CASCADE)
    person_ids = models.JSONField()


class PersonTag(models.Model):
    """
    A tag that somebody gave a person: with who, when, and until when. One that was taken away stays, so that it can come back.

    note: encrypted with context "value.tag:<id>". category_id: of an interest. given_in, taken_in: of a TagChange.
    """

    person_id = models.BigIntegerField()  # who the tag belongs to now; follows merges, each as a TagMove
    tag_code = models.CharField(max_length=32)
    category_id = models.BigIntegerField(null=True)
    note = models.BinaryField(null=True)
    author_id = models.BigIntegerField(null=True)
    given_at = models.DateTimeField()
    expires_on = models.DateField(null=True)  # the last day it holds
    verified_at = models.DateTimeField(null=True)  # when somebody last said that it still holds
    verified_by = models.BigIntegerField(null=True)
    is_current = models.BooleanField(default=True)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.BigIntegerField(null=True)  # null: its day was over
    given_in = models.BigIntegerField(null=True, db_index=True)
    taken_in = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "tag_code"], name="person_tag_of_person"),
            models.Index(fields=["tag_code", "person_id"], name="person_tag_by_tag"),
        ]


class TagMove(Move):
    """A given tag went to another person with an identity event."""

    tag = models.ForeignKey(PersonTag, on_delete=models.CASCADE, related_name="moves")

    class Meta:
        constraints = [moved_once("tag")]
        indexes = [standing("tag")]


class PersonDemographic(models.Model):
    """What is known of age and gender, read from the sealed file every night; the day of birth stays in the file."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="demographic", db_constraint=False, on_delete=models.DO_NOTHING
    )
    born_month = models.DateField(null=True)  # the first day of the month; null: unknown
    gender_code = models.CharField(max_length=7)  # F, M or core.value.demographics.UNKNOWN
    read_at = models.DateTimeField(db_index=True)  # the state of the file


class InferenceRule(models.Model):
    """Whether an attribute of the chain is filled where nobody stated it. Off until the administrator switches it on."""

    attribute_code = models.CharField(max_length=31, unique=True)
    is_on = models.BooleanField(default=False)
    least_confidence = models.FloatField(default=0.6)  # below it nothing is kept
    switched_by = models.BigIntegerField()
    switched_at = models.DateTimeField()
    refusal = models.CharField(max_length=8, default="")  # of the last run; core.value.inferred
    accuracy = models.FloatField(null=True)  # share of held-back statements the model hit
    baseline = models.FloatField(null=True)  # that the commonest value hit
    learnt = models.BigIntegerField(default=0)
    persons = models.BigIntegerField(default=0)  # with an inferred value
    computed_at = models.DateTimeField(null=True)


class InferredValue(models.Model):
    """What the chain thinks of a person who did not say it; never beside a statement, never of who refused profiling."""

    rule = models.ForeignKey(InferenceRule, on_delete=models.CASCADE)
    person_id = models.BigIntegerField()
    value_code = models.CharField(max_length=100)
    confidence = models.FloatField()  # 0..1
    inferred_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "rule"], name="inferred_value_once")]
        indexes = [models.Index(fields=["rule", "value_code", "person_id"], name="inferred_by_value")]


class SentimentModel(models.Model):
    """
    A model of sentiment as it was trained; the newest that is in force reads the texts, without one the built-in word list.

    content: core.value.text.model.Sentiment.to_bytes(): grams that at least three texts hold, and weights; no text. It lies
    here and not in a file, so that every worker has it and a backup holds it.
    """

    content = models.BinaryField()
    source_code = models.CharField(max_length=7)  # file, ratings
    texts = models.PositiveIntegerField()  # that it learnt from
    accuracy = models.FloatField()  # share right of texts it had not seen
    baseline = models.FloatField()  # that always saying the commoner label hits
    error = models.FloatField()  # of its probability, 0..1
    trained_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class TextMood(models.Model):
    """What a text was found to say: -1..1, null where nothing tells. Whose text it is, is asked of the app that keeps it."""

    kind_code = models.CharField(max_length=8)  # event (of behaviour), ticket
    text_id = models.BigIntegerField()
    version_at = models.DateTimeField()  # of the text that was read
    model_id = models.BigIntegerField(null=True)  # null: the word list
    score = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind_code", "text_id"], name="text_mood_once")]


class ClusterRun(models.Model):
    """One grouping of the scored customers, or why there is none (core.value.clusters). The newest good one is in force."""

    value_run_id = models.BigIntegerField()
    as_of = models.DateField()
    refusal = models.CharField(max_length=8, default="")  # few, same
    persons = models.BigIntegerField(default=0)
    k = models.PositiveSmallIntegerField(default=0)
    silhouettes = models.JSONField(default=dict)  # of every k tried
    groups = models.JSONField(default=list)  # {"number", "size", "net_fen", "means", "spreads", "centre"}, by number
    means = models.JSONField(default=dict)  # of all
    computed_at = models.DateTimeField()


class PersonCluster(models.Model):
    """In which group of the newest run a person is."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="cluster", db_constraint=False, on_delete=models.DO_NOTHING
    )
    code = models.CharField(max_length=8, db_index=True)  # g and the number of the group

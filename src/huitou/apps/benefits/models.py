"""
Coupons: kinds with their terms and caps, the coupons in people's hands, and the ledger of what became of each.

The ledger (`CouponEntry`) is append-only: each entry takes one coupon from one account to another, so that the accounts always
add up to what was issued. `Coupon.state_code` is the account of the newest entry.
"""

from django.db import models
from django.db.models import F, Q

from huitou.apps.identity.moved import Move, moved_once, standing
from huitou.core.benefits.coupons import State


class CouponKind(models.Model):
    """
    What a coupon promises (`core.benefits.coupons.Terms`) and how many may be issued (`Caps`).

    Once one was issued the terms stay; caps may change and count for later issues. issued_count and committed_fen (what all
    issued coupons may cost) only grow in the transaction that issues, withdrawn coupons give back.
    """

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    effect_code = models.CharField(max_length=8)
    off_fen = models.BigIntegerField(null=True)
    off_share = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    most_off_fen = models.BigIntegerField(null=True)
    minimum_fen = models.BigIntegerField(default=0)
    category_ids = models.JSONField(default=list)
    first_order_only = models.BooleanField(default=False)
    from_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    usable_days = models.PositiveSmallIntegerField(null=True)
    season_code = models.CharField(max_length=12, default="")  # core.festivals.Festival; empty: every day
    season_before_days = models.PositiveSmallIntegerField(default=0)
    season_after_days = models.PositiveSmallIntegerField(default=0)
    person_most = models.PositiveSmallIntegerField(default=1)
    day_most = models.BigIntegerField(null=True)
    budget_fen = models.BigIntegerField(null=True)
    is_on = models.BooleanField(default=True)
    issued_count = models.BigIntegerField(default=0)
    committed_fen = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_fen=None) | Q(committed_fen__lte=F("budget_fen")), name="coupon_kind_in_budget"
            ),
            models.CheckConstraint(condition=Q(issued_count__gte=0, committed_fen__gte=0), name="coupon_kind_counts"),
        ]


class IssueDay(models.Model):
    """How many of a kind were issued on one business day, and how many might be when the last of them was."""

    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT)
    day = models.DateField()
    issued_count = models.BigIntegerField(default=0)
    most = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "day"], name="issue_day_once"),
            models.CheckConstraint(condition=Q(issued_count__lte=F("most")), name="issue_day_in_cap"),
        ]


class Occasion(models.TextChoices):
    """Why coupons are issued. What a customer asked for is for everybody, the rest is marketing and asks the gate of outreach."""

    ASKED = "asked"  # at the counter, or to make good after a complaint
    GIFT = "gift"
    RETURN_PACK = "return_pack"


class IssueRun(models.Model):
    """
    Coupons of a kind for the members of a segment at one refresh, given by a job part by part.

    asked = issued + held + kept_out + unfit + gone, plus the persons of the parts that still wait. stopped_code: why it stands
    still, empty while it goes on; it can go on later. issued counts persons, not coupons.
    """

    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT)
    occasion_code = models.CharField(max_length=16, choices=Occasion.choices)
    segment_id = models.BigIntegerField()
    refresh_id = models.BigIntegerField()
    list_hash = models.CharField(max_length=64)
    run_key = models.CharField(max_length=100, unique=True)
    author_id = models.BigIntegerField()
    asked = models.BigIntegerField()
    issued = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)  # had as many as one person may
    kept_out = models.BigIntegerField(default=0)  # by the gate of outreach, or by the lot of a comparison
    unfit = models.BigIntegerField(default=0)  # bought in too few categories for a pack
    gone = models.BigIntegerField(default=0)  # merged, erased or out of the author's reach when their turn came
    stopped_code = models.CharField(max_length=16, default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # when it was asked to take back what nobody used

    @property
    def waiting(self) -> int:
        return self.asked - self.issued - self.held - self.kept_out - self.unfit - self.gone


class IssueRunPart(models.Model):
    """Persons whose turn has not come yet, ascending; the part goes in the transaction that does it."""

    run = models.ForeignKey(IssueRun, on_delete=models.CASCADE)
    person_ids = models.JSONField()


class CouponBatch(models.Model):
    """Coupons that were issued together. purpose_code: an Occasion; run: of a segment; by None: a job."""

    purpose_code = models.CharField(max_length=16)
    run = models.ForeignKey(IssueRun, on_delete=models.PROTECT, null=True)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)


class Coupon(models.Model):
    """
    One coupon of one person, usable over [usable_from, expires_at).

    person_id: who holds it now; issued_to_id: who got it. Both null once the person was erased. slot: its place among those of
    the kind that the person may hold, 1..person_most; null: withdrawn or set aside, or one of several used before files became
    one. category_id narrows the kind's categories to one.
    """

    kind = models.ForeignKey(CouponKind, on_delete=models.PROTECT)
    batch = models.ForeignKey(CouponBatch, on_delete=models.PROTECT)
    code = models.CharField(max_length=24, unique=True, null=True)
    issue_key = models.CharField(max_length=100, unique=True, null=True)
    person_id = models.BigIntegerField(null=True)
    issued_to_id = models.BigIntegerField(null=True)
    slot = models.PositiveSmallIntegerField(null=True)
    person_most = models.PositiveSmallIntegerField()
    category_id = models.BigIntegerField(null=True)
    state_code = models.CharField(max_length=10, default=State.USABLE.value)
    entries_count = models.PositiveIntegerField(default=1)
    issued_at = models.DateTimeField()
    issued_on = models.DateField()  # the business day of issued_at, for lists
    last_day = models.DateField()  # the last business day before expires_at, for lists
    usable_from = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "person_id", "slot"], name="coupon_slot_once"),
            models.CheckConstraint(condition=Q(state_code__in=[state.value for state in State]), name="coupon_state_known"),
            models.CheckConstraint(condition=Q(usable_from__lt=F("expires_at")), name="coupon_time_not_empty"),
        ]
        indexes = [
            models.Index(fields=["person_id", "state_code"], name="coupon_by_person"),
            models.Index(fields=["issued_on", "id"], name="coupon_by_issue"),
            models.Index(fields=["last_day", "id"], name="coupon_by_last_day"),
            models.Index(fields=["kind", "state_code", "expires_at"], name="coupon_by_state"),
        ]


class EntryKind(models.TextChoices):
    """What happened to a coupon."""

    ISSUED = "issued"
    REDEEMED = "redeemed"
    RETURNED = "returned"  # the sale was taken back: the coupon may be used again
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set_aside"
    RESTORED = "restored"


class CouponEntry(models.Model):
    """
    One line of the ledger; append-only. The coupon goes from one account to another ("" is the house).

    number counts the entries of a coupon from 1, redemption_no its redemptions; a return names the redemption it takes back.
    person_id: who held the coupon then; null once erased. event_id: the identity event that caused it.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind_code = models.CharField(max_length=9, choices=EntryKind.choices)
    from_code = models.CharField(max_length=10, default="")
    to_code = models.CharField(max_length=10)
    person_id = models.BigIntegerField(null=True)
    redemption_no = models.PositiveIntegerField(null=True)
    order_no = models.CharField(max_length=64, default="")
    channel_code = models.CharField(max_length=8, default="")
    store_id = models.BigIntegerField(null=True)
    basket_fen = models.BigIntegerField(null=True)
    off_fen = models.BigIntegerField(null=True)
    event_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coupon", "number"], name="coupon_entry_once"),
            models.UniqueConstraint(fields=["coupon", "redemption_no", "kind_code"], name="coupon_redemption_once"),
            models.CheckConstraint(condition=~Q(from_code=F("to_code")), name="coupon_entry_moves"),
        ]
        indexes = [models.Index(fields=["kind_code", "at"], name="coupon_entry_by_time")]


class CouponMove(Move):
    """A coupon went to another person with an identity event."""

    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="moves")

    class Meta:
        constraints = [moved_once("coupon")]
        indexes = [standing("coupon")]

"""Segments, the versions of their rules, and the memberships with the refresh that began and ended each."""

from django.db import models


class Segment(models.Model):
    """
    A saved group of customers. `version_number` is the version in force; one that is archived is not refreshed any more.

    refresh_id: the last refresh that ended well; null before the first. checked_version: the version of the analytical store
    that was last looked at, whether it changed anything or not.
    """

    name = models.CharField(max_length=60)
    note = models.CharField(max_length=400, default="")
    owner_id = models.BigIntegerField()
    version_number = models.PositiveIntegerField(default=1)
    refresh_id = models.BigIntegerField(null=True)
    checked_version = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=400, default="")  # why the last refresh was refused; empty: it was not
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(archived_at=None), name="segment_name_once"),
        ]


class SegmentVersion(models.Model):
    """One saved rule, a filter tree as JSON (docs/filters.md). Versions are never changed."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    rule = models.JSONField()
    note = models.CharField(max_length=200, default="")
    author_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]


class SegmentRefresh(models.Model):
    """
    One calculation that changed the members or the rule: who is in at one version of the analytical store.

    list_hash: SHA-256 of the member ids in rising order, eight bytes each, big end first. ended_at null: cut short.
    """

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="refreshes")
    version_number = models.PositiveIntegerField()
    facts_version = models.BigIntegerField()
    as_of = models.DateField()
    members = models.PositiveBigIntegerField(default=0)
    joined = models.PositiveBigIntegerField(default=0)
    left = models.PositiveBigIntegerField(default=0)
    list_hash = models.CharField(max_length=64, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["segment", "-id"], name="segment_refresh_newest")]


class SegmentMember(models.Model):
    """One stay of a person in a segment, from the refresh that brought it to the one that ended it (null: still in)."""

    segment_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    joined_refresh_id = models.BigIntegerField()
    left_refresh_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment_id", "person_id"], condition=models.Q(left_refresh_id=None), name="segment_member_once"
            )
        ]
        indexes = [
            models.Index(fields=["person_id", "segment_id"], name="segment_member_by_person"),
            models.Index(fields=["segment_id", "joined_refresh_id"], name="segment_member_by_joined"),
            models.Index(
                fields=["segment_id", "left_refresh_id"],
                condition=models.Q(left_refresh_id__isnull=False),
                name="segment_member_by_left",
            ),
        ]


class SegmentList(models.Model):
    """
    The members as one compressed list, so that the next refresh compares without reading every row (`lists.packed`).

    refresh_id null: rows are being written; the next refresh reads the rows instead.
    """

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, primary_key=True)
    refresh_id = models.BigIntegerField(null=True)
    ids = models.BinaryField()


class KnownPart(models.Model):
    """
    One part of what decides whom a send for marketing may reach, of everybody, as a job read it (`segments.reaching`): who is
    kept out for a reason, has a contact by some kinds of identifiers, or agreed to a channel. All parts are of one reading.
    """

    kind_code = models.CharField(max_length=8)  # out, contacts, agreed
    name = models.CharField(max_length=64)  # of the reason, the kinds (with spaces between), the channel
    ids = models.BinaryField()  # `lists.marked`
    day = models.DateField()  # the business day it was read for
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind_code", "name"], name="segment_known_part_once")]


class Comparison(models.Model):
    """
    The members at one refresh, of whom a share is left out of every send by lot (`core.value.holdout`), from a business date on.

    ended_at null: under way; a segment has one such. The lot is drawn by the row's id.
    """

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="comparisons")
    refresh_id = models.BigIntegerField()
    held_share = models.FloatField()
    since = models.DateField()
    begun_by = models.BigIntegerField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment"], condition=models.Q(ended_at=None), name="segment_comparison_once"),
            models.CheckConstraint(condition=models.Q(held_share__gt=0, held_share__lte=0.5), name="segment_comparison_share"),
        ]


class ComparisonResult(models.Model):
    """
    What a comparison told as of a day to those who see some stores, counted in a job: it reads every member's orders.

    reach: empty for the whole chain, else the hash of the stores. uplift: `core.value.holdout.Uplift` in fen; null: `refusal`
    says why.
    """

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="results")
    reach = models.CharField(max_length=64)
    store_ids = models.JSONField(null=True)
    as_of = models.DateField(null=True)  # null: nothing was published
    days = models.PositiveIntegerField()
    members = models.PositiveBigIntegerField()
    held = models.PositiveBigIntegerField()
    uplift = models.JSONField(null=True)
    refusal = models.CharField(max_length=8, default="")  # none, few, soon, unbuilt, failed
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comparison", "reach"], name="segment_comparison_result_once")]


class LookAlike(models.Model):
    """One search for customers like the members of a segment: how well they can be told, or why there is no answer."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="look_alikes")
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    as_of = models.DateField(null=True)
    computed_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=8, default="")  # few, others, naive: core.value.look_alike
    seeds = models.PositiveBigIntegerField(default=0)
    auc = models.FloatField(null=True)  # of held-back fifths
    lowest_auc = models.FloatField(null=True)
    kept = models.PositiveIntegerField(default=0)  # how many have a rank


class LookAlikeRank(models.Model):
    """The place of a person in a search, 1 the likest. It stands still; a new search has places of its own."""

    look_alike = models.ForeignKey(LookAlike, on_delete=models.CASCADE)
    person_id = models.BigIntegerField(db_index=True)
    rank = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["look_alike", "person_id"], name="look_alike_person_once")]
        indexes = [models.Index(fields=["look_alike", "rank", "person_id"], name="look_alike_in_order")]

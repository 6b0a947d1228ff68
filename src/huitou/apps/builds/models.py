"""The versions of the analytical store: how each was built, what was published of it, whether fold and rebuild agree."""

from django.db import models


class BuildKind(models.TextChoices):
    """A base is rebuilt from all landed batches, a tail is everything since the base."""

    BASE = "base"
    TAIL = "tail"


class BuildState(models.TextChoices):
    """Where a build stands. A failed one never reaches readers."""

    RUNNING = "running"
    BUILT = "built"  # a finished file that was only compared, or whose switch did not come
    PUBLISHED = "published"  # readers saw it, or see it now
    FAILED = "failed"


class Build(models.Model):
    """One run that makes a version of the analytical store. `number` is the version's; it only rises."""

    number = models.BigIntegerField(unique=True)
    kind_code = models.CharField(max_length=4, choices=BuildKind.choices)
    state = models.CharField(max_length=9, choices=BuildState.choices, default=BuildState.RUNNING)
    base_number = models.BigIntegerField()  # its own number for a base
    as_of = models.DateField()
    batch_from = models.BigIntegerField(null=True)  # of the batches it adds to its base
    batch_to = models.BigIntegerField(null=True)
    batch_count = models.PositiveIntegerField(default=0)
    map_seq = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.JSONField(default=dict)  # by step
    rows = models.JSONField(default=dict)  # by table
    checks = models.JSONField(default=list)  # [{name, blocking, difference, unit}]
    error = models.TextField(default="")
    code_version = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["state", "-number"], name="build_by_state")]


class PublishState(models.Model):
    """
    One row: to which version the operations database was brought.

    writing_version is set while a publish is at work; one that is still set when the next begins was cut short, and the rows
    must be compared one by one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    published_version = models.BigIntegerField(null=True)
    published_base = models.BigIntegerField(null=True)
    published_tail = models.BigIntegerField(null=True)
    as_of = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    writing_version = models.BigIntegerField(null=True)
    rows_written = models.BigIntegerField(default=0)  # by the last publish
    rows_deleted = models.BigIntegerField(default=0)
    way_code = models.CharField(max_length=8, default="")  # changes, compare, full


class Comparison(models.Model):
    """The nightly proof: base + tail against a rebuild from landing, table by table."""

    base_number = models.BigIntegerField()  # the rebuild
    fold_number = models.BigIntegerField()
    as_of = models.DateField()
    compared_at = models.DateTimeField()
    is_equal = models.BooleanField()
    tables = models.JSONField(default=list)  # [{name, fold_rows, rebuild_rows, equal}]

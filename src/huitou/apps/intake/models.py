"""Sources, what they sent that is not sealed yet, the batches, and the surrogate id of every document."""

from django.db import models


class SourceConfig(models.Model):
    """
    One connected outside system. `settings` is encrypted JSON (address, credentials), context "intake.source:<code>".
    """

    code = models.CharField(max_length=32, unique=True)  # stored with every row
    kind_code = models.CharField(max_length=32)  # the connector's folder
    title = models.CharField(max_length=64)
    settings = models.BinaryField()
    is_enabled = models.BooleanField(default=True)
    every_minutes = models.PositiveSmallIntegerField(default=1)  # a pull is planned so long after the last one ended
    created_at = models.DateTimeField()


class SourceCursor(models.Model):
    """Where the pull of one stream goes on, and how the last one ended."""

    source_code = models.CharField(max_length=32)
    stream_code = models.CharField(max_length=32)
    cursor = models.JSONField(null=True)  # null: from the start
    last_pull_at = models.DateTimeField(null=True)  # the last pull that reached the end
    last_row_at = models.DateTimeField(null=True)  # when a row last came
    last_error = models.TextField(default="")  # empty: the last pull or seal went well
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "stream_code"], name="source_cursor_once")]


class InboxPage(models.Model):
    """
    A received page that waits to be sealed. `content` is zlib-compressed, then encrypted with context
    "intake.inbox:<source>:<idempotency key>".
    """

    source_code = models.CharField(max_length=32)
    stream_code = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    format_code = models.CharField(max_length=8)
    content = models.BinaryField()
    row_count = models.PositiveIntegerField()
    byte_count = models.PositiveIntegerField()  # before compression
    idempotency_key = models.CharField(max_length=128)
    received_at = models.DateTimeField()
    import_id = models.BigIntegerField(null=True)  # cut out of an uploaded file; such pages share no batch with others

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "idempotency_key"], name="inbox_page_once")]
        indexes = [models.Index(fields=["source_code", "id"], name="inbox_page_by_source")]


class BatchState(models.TextChoices):
    """How far a batch has come."""

    SEALED = "sealed"  # in the landing
    STORED = "stored"  # handed to the handlers of BATCH_LANDED; the persons behind its records are not sought yet
    APPLIED = "applied"  # dimensions, identity and tickets took their part
    FOLDED = "folded"  # in a published version of the analytical store
    WITHDRAWN = "withdrawn"  # its import was undone: the next base is built without it


class Batch(models.Model):
    """
    One landing batch; its id is the folder's number and grows with time. `counts`: {kind: {received, accepted, ...}}; the four
    sums are over all kinds, for lists.
    """

    id = models.BigIntegerField(primary_key=True)
    source_code = models.CharField(max_length=32)
    state = models.CharField(max_length=9, choices=BatchState.choices, default=BatchState.SEALED)
    import_id = models.BigIntegerField(null=True, db_index=True)
    counts = models.JSONField(default=dict)
    received = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    sealed_on = models.DateField(null=True)  # its business date
    applied_at = models.DateTimeField(null=True)
    folded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="batch_by_state"),
            models.Index(fields=["source_code", "-id"], name="batch_by_source"),
        ]


class Document(models.Model):
    """
    The surrogate id of one document of one source: a customer, order, points entry, ticket, event, product...

    `key_hash` is the keyed hash of source, kind and key. A null `content_hash` is an id that was reserved because another
    document names it (a return its sale, an order its customer) before it came itself.
    """

    id = models.BigIntegerField(primary_key=True)
    key_hash = models.BigIntegerField(unique=True)
    content_hash = models.BigIntegerField(null=True)
    version_at = models.DateTimeField(null=True)
    batch_id = models.BigIntegerField(null=True)  # the batch that brought its present content


class DocumentSequence(models.Model):
    """The next free document id; one row. Blocks are taken in a transaction of their own, so ids may have gaps."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_id = models.BigIntegerField(default=1)


class QuarantineCount(models.Model):
    """How many rows of a batch were refused for one reason; the rows themselves lie encrypted in the batch."""

    batch_id = models.BigIntegerField(db_index=True)
    source_code = models.CharField(max_length=32)
    kind_code = models.CharField(max_length=16)
    reason_code = models.CharField(max_length=32)
    row_count = models.PositiveIntegerField()


class SourceDay(models.Model):
    """What came from one source on one business day (of receipt), by kind: received = accepted + merged + quarantined."""

    source_code = models.CharField(max_length=32)
    business_date = models.DateField()
    kind_code = models.CharField(max_length=16)
    received = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_code", "business_date", "kind_code"], name="source_day_once"),
            models.CheckConstraint(
                condition=models.Q(received=models.F("accepted") + models.F("merged") + models.F("quarantined")),
                name="source_day_adds_up",
            ),
        ]


class ImportState(models.TextChoices):
    """How far an uploaded file has come."""

    UPLOADED = "uploaded"  # stored and looked at; waits for its mapping
    RUNNING = "running"
    DONE = "done"  # every row is in the landing or refused
    FAILED = "failed"
    UNDONE = "undone"


class ImportRun(models.Model):
    """
    One uploaded file and what became of its rows. The file lies encrypted beside the landing (`intake.uploads`).

    header: the column names; mapping: {field: column}; constants: {field: value for the whole file}.
    next_byte, next_line: where the next page begins; moved in the transaction that stores the page before.
    counts: {kind: {received, accepted, updated, merged, quarantined}}; received = accepted + merged + quarantined.
    """

    source_code = models.CharField(max_length=32)
    kind_code = models.CharField(max_length=16)
    file_name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.UPLOADED)
    encoding = models.CharField(max_length=8, default="")
    delimiter = models.CharField(max_length=1, default=",")
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    byte_count = models.BigIntegerField(default=0)
    line_count = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    next_byte = models.BigIntegerField(default=0)
    next_line = models.BigIntegerField(default=1)
    row_count = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    replay_of = models.BigIntegerField(null=True)  # the import whose refused rows this file holds, mended
    error = models.TextField(default="")
    created_by = models.BigIntegerField(null=True)  # user; null: the command line
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)


class MendedLine(models.Model):
    """A refused line of an import that was put right on the page, and the replay that holds it; once while that replay stands."""

    import_id = models.BigIntegerField()
    line = models.BigIntegerField()
    replay_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["import_id", "line", "replay_id"], name="mended_line_once_per_replay")]


class ImportMapping(models.Model):
    """The mapping last used for files of one source and kind with these columns."""

    source_code = models.CharField(max_length=32)
    kind_code = models.CharField(max_length=16)
    header_sha256 = models.CharField(max_length=64)
    mapping = models.JSONField()
    constants = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "kind_code", "header_sha256"], name="import_mapping_once")]


class TouchpointHour(models.Model):
    """How many sound rows of one kind (events: of one type) one source brought in one hour of receipt."""

    source_code = models.CharField(max_length=32)
    code = models.CharField(max_length=32)
    hour = models.DateTimeField()
    row_count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_code", "code", "hour"], name="touchpoint_hour_once")]
        indexes = [models.Index(fields=["hour"], name="touchpoint_by_hour")]

"""Handlers of landed batches: their customers and identifiers become source records; then all of these find their persons."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import BatchesApplied, BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.marks import marks_set
from huitou.apps.identity.models import SourceRecord
from huitou.apps.identity.services.import_persons import persons_counting
from huitou.apps.identity.services.marked_resolve import marked_resolve
from huitou.apps.identity.services.records_store import records_store
from huitou.apps.intake.backlog import handed_batches
from huitou.warehouse.landing.read import read_table
from huitou.warehouse.layout import Layout

_AGAIN_ROWS = 1_000


def records_apply(batch: BatchLanded) -> int:
    """Store a batch's customers and identifiers; return how many records were new or changed. The same batch again gives 0."""
    layout = Layout(Path(settings.HUITOU_DATA_DIR))
    records, identifiers = (
        read_table(layout, batch.source_code, batch.batch_id, name, keyring()) for name in ("records", "identifiers")
    )
    if not len(records) and not len(identifiers):
        return 0
    return records_store(
        records=records, identifiers=identifiers, source_code=batch.source_code, batch_id=batch.batch_id, now=batch.now,
        is_bulk=batch.is_bulk,
    )  # fmt: skip


def records_settle(stored: BatchesApplied) -> None:
    """
    Seek the persons of all stored records that wait for theirs, of back-fills or else.

    Live batches go on beside a back-fill that resolves everything, which writes links and hubs as it read them. What was stored
    after it had begun is looked at once more, so that nothing it did not know of is lost.
    """
    if stored.is_bulk:
        _bulk_resolve(stored.now)
    else:
        marked_resolve(now=stored.now)
    persons_counting(stored.batch_ids, now=stored.now)


def _bulk_resolve(now: datetime) -> None:
    before = {batch_id for batch_id, _ in handed_batches()}
    marked_resolve(now=now, is_bulk=True)
    later = [batch_id for batch_id, _ in handed_batches() if batch_id not in before]
    for part in chunked(SourceRecord.objects.filter(batch_id__in=later).values_list("pk", flat=True), _AGAIN_ROWS):
        with transaction.atomic():
            marks_set(part)
    if later:
        marked_resolve(now=now)

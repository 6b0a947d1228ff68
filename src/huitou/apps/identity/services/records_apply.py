"""Handlers of landed batches: their customers and identifiers become source records; then all of these find their persons."""

from pathlib import Path

from django.conf import settings

from huitou.apps.base.hooks import BatchesApplied, BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.services.everything_resolve import arrivals_again
from huitou.apps.identity.services.import_persons import persons_counting
from huitou.apps.identity.services.marked_resolve import marked_resolve
from huitou.apps.identity.services.records_store import records_store
from huitou.warehouse.landing.read import read_table
from huitou.warehouse.layout import Layout


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
    """Seek the persons of all stored records that wait for theirs, of back-fills or else; live batches go on beside these."""
    if stored.is_bulk:
        with arrivals_again(stored.now):
            marked_resolve(now=stored.now, is_bulk=True)
    else:
        marked_resolve(now=stored.now)
    persons_counting(stored.batch_ids, now=stored.now)

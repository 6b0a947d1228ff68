"""Bring an empty operations database back from the landing alone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
from django.db import transaction

from huitou.apps.base import hooks
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.accounting import batch_record, day_count, quarantine_count
from huitou.apps.intake.models import Batch, BatchState, Document, DocumentSequence
from huitou.apps.intake.services.apply import Lane, stored_settle
from huitou.apps.products.services import dimension_rows_restore
from huitou.core.crypto import Keyring
from huitou.warehouse.landing.manifest import Manifest
from huitou.warehouse.landing.read import manifests, read_table
from huitou.warehouse.layout import Layout


class NotEmpty(Exception):
    """A replay would mix with batches that are already there."""


def documents_from_landing(where: Layout, keys: Keyring) -> Iterator[tuple[Manifest, pa.Table]]:
    """Yield every batch with what it brought, confirmed or reserved (landing table `documents`), in order of batch."""
    for manifest in manifests(where):
        yield manifest, read_table(where, manifest.source_code, manifest.batch_id, "documents", keys)


def landing_replay(*, now: datetime) -> int:
    """
    Re-create batches, documents, counts and dimensions, run the handlers of every batch in order, then seek the persons
    behind all records once; return how many batches.

    Ids of documents, stores and products are those of before; sources, cursors and users are not in the landing. Each batch
    is one transaction. Raises NotEmpty unless there is no batch yet.
    """
    if Batch.objects.exists() or Document.objects.exists():
        raise NotEmpty("this operations database already holds batches: replay goes into an empty one only")
    count = 0
    for manifest, documents in documents_from_landing(layout(), keyring()):
        _batch_restore(manifest, documents, now=now)
        count += 1
    _sequences_restore()
    for lane in Lane:
        stored_settle(lane, now=now)
    return count


@transaction.atomic
def _batch_restore(manifest: Manifest, documents: pa.Table, *, now: datetime) -> None:
    source_code, batch_id = manifest.source_code, manifest.batch_id

    def table(name: str) -> pa.Table:
        return read_table(layout(), source_code, batch_id, name, keyring())

    batch = batch_record(manifest)
    quarantine_count(manifest, table("quarantine"))
    day_count(source_code, manifest.counts, now=manifest.sealed_at)
    rows = [
        Document(
            id=row["document_id"],
            key_hash=row["key_hash"],
            content_hash=row["content_hash"],
            version_at=row["version_at"] and row["version_at"].replace(tzinfo=UTC),
            batch_id=batch_id if row["content_hash"] is not None else None,
        )
        for row in documents.to_pylist()
    ]
    Document.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=["content_hash", "version_at", "batch_id"]
    )
    dimension_rows_restore(codes=table("codes"), stores=table("stores"), products=table("products"), now=now)
    hooks.run(hooks.Hook.BATCH_LANDED, hooks.BatchLanded(batch_id=batch_id, source_code=source_code, now=now))
    batch.state = BatchState.STORED
    batch.save(update_fields=["state"])


def _sequences_restore() -> None:
    """Let new ids begin after the restored ones."""
    last = Document.objects.order_by("-id").values_list("id", flat=True).first() or 0
    DocumentSequence.objects.update_or_create(pk=1, defaults={"next_id": last + 1})

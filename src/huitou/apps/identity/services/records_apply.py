"""Handler of a landed batch: its customers and identifiers become source records, and these find their persons."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from huitou.apps.base.hooks import BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.records_store import records_store
from huitou.warehouse.landing.read import read_table
from huitou.warehouse.layout import Layout


@transaction.atomic
def records_apply(batch: BatchLanded) -> int:
    """Take a batch's customers and identifiers; return how many records were new or changed. The same batch again gives 0."""
    layout = Layout(Path(settings.HUITOU_DATA_DIR))
    records, identifiers = (
        read_table(layout, batch.source_code, batch.batch_id, name, keyring()) for name in ("records", "identifiers")
    )
    if not len(records) and not len(identifiers):
        return 0
    map_lock()
    changed = records_store(
        records=records, identifiers=identifiers, source_code=batch.source_code, batch_id=batch.batch_id, now=batch.now
    )
    map_resolve(changed=changed, now=batch.now, batch_id=batch.batch_id)
    return len(changed)

"""Take erased persons' records out of the landing."""

from collections.abc import Collection
from datetime import datetime

from huitou.apps.base import leases
from huitou.apps.base.hooks import PersonErased
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.accounting import manifest_hash
from huitou.apps.intake.models import Batch
from huitou.apps.intake.services.seal import LEASE
from huitou.warehouse.landing.erase import erase_records
from huitou.warehouse.landing.read import manifest


def landing_erase(*, record_ids: Collection[int], now: datetime) -> list[int]:
    """
    Rewrite every batch that holds one of the records; return the touched batches, in order.

    Pages that still wait in the inbox are not searched: seal first. Run again it changes nothing. Raises LeaseTaken while
    a batch is being sealed.
    """
    with leases.hold(LEASE):
        rewritten = erase_records(layout(), record_ids, keyring(), now=now)
        touched = {line.batch_id: line.source_code for line in rewritten}
        for batch_id, source_code in touched.items():
            now_hash = manifest_hash(manifest(layout(), source_code, batch_id))
            Batch.objects.filter(pk=batch_id).update(manifest_sha256=now_hash)
    return sorted(touched)


def landing_forget(erased: PersonErased) -> None:
    """Handler of an erasure. Raises LeaseTaken while a batch is being sealed: erase again then."""
    landing_erase(record_ids=erased.record_ids, now=erased.at)

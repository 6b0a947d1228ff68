"""Take erased persons' records out of the landing."""

from collections.abc import Collection
from datetime import datetime

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.hooks import PersonErased
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.accounting import manifest_hash
from huitou.apps.intake.models import Batch
from huitou.apps.intake.services.seal import LEASE, sources_seal
from huitou.warehouse.landing.erase import erase_records
from huitou.warehouse.landing.read import manifest


class PagesStuck(Exception):
    """Pages wait that cannot be sealed, so nobody knows whether they hold the person. The message says whose and why."""


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
    """
    Handler of an erasure: seal what waits in the inbox, then take the records out of every batch.

    Raises PagesStuck, and LeaseTaken while a batch is being sealed: erase again then.
    """
    stuck = [outcome.error for outcome in sources_seal(now=utc_now()) if outcome.error]
    if stuck:
        raise PagesStuck(
            f"pages that cannot be sealed may hold the person; mend their source and erase again: {'; '.join(stuck)}"
        )
    landing_erase(record_ids=erased.record_ids, now=erased.at)

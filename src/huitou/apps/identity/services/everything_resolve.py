"""Resolve all records beside what comes in meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from huitou.apps.base import leases
from huitou.apps.base.bulk import chunked
from huitou.apps.identity.marks import marks_set
from huitou.apps.identity.models import SourceRecord
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.marked_resolve import marked_resolve
from huitou.apps.identity.services.records_store import NO_BATCH
from huitou.apps.intake.backlog import handed_batches
from huitou.apps.intake.services import Lane
from huitou.core.identity import Resolution

_AGAIN_ROWS = 1_000


def everything_resolve(*, now: datetime) -> Resolution | None:
    """
    Run the matcher over all records; what people decided stays. Where nothing is new nothing changes.

    Single arrivals are judged by the weights, name counts and densities of the last such run: a run brings those up to date, and
    joins and parts what they had judged wrong. Raises LeaseTaken while a back-fill is at work, which does the same at its end.
    """
    with leases.hold(Lane.BULK.lease):
        with arrivals_again(now):
            found = map_resolve(changed=None, now=now)
        marked_resolve(now=now)  # whom others changed meanwhile
    return found


@contextmanager
def arrivals_again(now: datetime) -> Iterator[None]:
    """
    Look once more, at the end, at records that were stored during the block, so that nothing it did not know of is lost: a run
    over everything writes links and hubs as it read them. now: when the block begins.
    """
    before = {batch_id for batch_id, _ in handed_batches()}
    yield
    later = [batch_id for batch_id, _ in handed_batches() if batch_id not in before]
    came = SourceRecord.objects.filter(Q(batch_id__in=later) | Q(batch_id=NO_BATCH, received_at__gt=now))
    again = list(came.values_list("pk", flat=True))
    for part in chunked(again, _AGAIN_ROWS):
        with transaction.atomic():
            marks_set(part)
    if again:
        marked_resolve(now=now)

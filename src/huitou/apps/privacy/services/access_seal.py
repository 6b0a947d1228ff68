"""Close the entries written since the last seal into each writer's chain."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from huitou.apps.base.bulk import rows_write
from huitou.apps.base.secrets import keyring
from huitou.apps.privacy.chain import START, entries_text
from huitou.apps.privacy.models import AccessedPerson, AccessEntry, AccessSeal

ENTRIES_MOST = 5_000  # of one link


def access_seal(*, now: datetime) -> int:
    """Seal what is open, writer by writer; return how many entries were sealed. Two workers at once: one of them seals."""
    sealed = 0
    for writer, last in AccessEntry.objects.values_list("writer").annotate(last=Max("number")).order_by("writer"):
        while True:
            count = _seal_next(writer, last, now)
            sealed += count
            if count == 0:
                break
    return sealed


@transaction.atomic
def _seal_next(writer: str, last_number: int, now: datetime) -> int:
    seal = AccessSeal.objects.select_for_update().filter(writer=writer).order_by("-first_number").first()
    after, link = (seal.last_number, seal.link) if seal else (0, START)
    if after >= last_number:
        return 0
    entries = list(AccessEntry.objects.filter(writer=writer, number__gt=after).order_by("number")[:ENTRIES_MOST])
    AccessSeal.objects.create(
        writer=writer, first_number=after + 1, last_number=entries[-1].number,
        link=keyring().chain(link, entries_text(entries)), sealed_at=now,
    )  # fmt: skip
    pairs = [(person, entry.pk) for entry in entries for person in entry.person_ids]
    rows_write(AccessedPerson, ("person_id", "entry_id"), pairs, conflict=("person_id", "entry_id"))
    return len(entries)

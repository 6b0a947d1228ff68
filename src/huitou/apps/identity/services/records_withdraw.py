"""Handler of an undone import: its records go, or become again what the remaining files say of them."""

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Q

from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import BatchesWithdrawn
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.identity.changes import Author, changes_write, map_lock
from huitou.apps.identity.component import IN_LIST
from huitou.apps.identity.models import Edge, Identifier, Membership, ReviewPair, SourceRecord
from huitou.apps.identity.record_keys import keys_forget
from huitou.apps.identity.services.import_persons import persons_forget
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.records_store import records_store
from huitou.core.identity import DEFAULT_POLICY
from huitou.core.identity.changes import Change, ChangeKind, Move
from huitou.warehouse.landing.read import read_table

_TABLES = ("records", "identifiers")


@transaction.atomic
def records_withdraw(withdrawn: BatchesWithdrawn) -> None:
    """
    Handle BATCHES_WITHDRAWN. Persons that consisted of the gone records alone are closed; the others are resolved anew.

    An erased record stays erased.
    """
    persons_forget(withdrawn.batch_ids)
    records = _records(withdrawn)
    if not records:
        return
    map_lock()
    for part in chunked(sorted(records), IN_LIST):
        SourceRecord.objects.filter(pk__in_list=part).delete()
        Identifier.objects.filter(record_id__in_list=part).delete()
        keys_forget(part)
        for model in (Edge, ReviewPair):
            model.objects.filter(Q(record_a__in_list=part) | Q(record_b__in_list=part)).delete()
    _restore(withdrawn, records)
    back: set[int] = set()
    for part in chunked(sorted(records), IN_LIST):
        back |= set(SourceRecord.objects.filter(pk__in_list=part).values_list("pk", flat=True))
    left = _leave(records - back, withdrawn)
    map_resolve(changed=sorted(back | left), now=withdrawn.now)


def _records(withdrawn: BatchesWithdrawn) -> set[int]:
    found: set[int] = set()
    for batch_id in withdrawn.batch_ids:
        for table in _TABLES:
            found |= set(read_table(layout(), withdrawn.source_code, batch_id, table, keyring())["record_id"].to_pylist())
    for part in chunked(sorted(found), IN_LIST):
        found -= set(SourceRecord.objects.filter(pk__in_list=part).exclude(erased_at=None).values_list("pk", flat=True))
    return found


def _restore(withdrawn: BatchesWithdrawn, records: set[int]) -> None:
    wanted = pa.array(sorted(records), pa.int64())
    for batch_id in withdrawn.remaining_ids:
        tables = [read_table(layout(), withdrawn.source_code, batch_id, name, keyring()) for name in _TABLES]
        own, identifiers = (table.filter(pc.is_in(table["record_id"], wanted)) for table in tables)
        if own.num_rows or identifiers.num_rows:
            records_store(
                records=own, identifiers=identifiers, source_code=withdrawn.source_code, batch_id=batch_id, now=withdrawn.now
            )


def _leave(gone: set[int], withdrawn: BatchesWithdrawn) -> set[int]:
    """Close the memberships of records that are no more, and the persons left empty; return the records that stay behind."""
    moves = []
    for part in chunked(sorted(gone), IN_LIST):
        held = Membership.objects.filter(record_id__in_list=part, valid_to=None).order_by("record_id")
        moves += [Move(record, person, None) for record, person in held.values_list("record_id", "person_id")]
    if not moves:
        return set()
    persons = {move.from_person_id for move in moves if move.from_person_id is not None}
    staying: dict[int, int] = {}
    for part in chunked(sorted(persons), IN_LIST):
        rows = Membership.objects.filter(person_id__in_list=part, valid_to=None).values_list("record_id", "person_id")
        staying |= {record: person for record, person in rows if record not in gone}
    change = Change(ChangeKind.ERASE, moves, closed=dict.fromkeys(persons - set(staying.values())))
    author = Author(by=None, reason="import undone", policy_version=DEFAULT_POLICY.version, now=withdrawn.now)
    changes_write([change], author)
    return set(staying)

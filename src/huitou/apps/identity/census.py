"""Counts over all source records and identifiers, for the data page and its daily snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import completeness_weights
from huitou.apps.identity.content import Content, content_open, facts_of
from huitou.apps.identity.models import HubValue, Membership, PersonIdentifier, SourceRecord
from huitou.apps.identity.person_file import EPOCH
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, completeness_share, fields_of_bits, filled_bits

_CHUNK = 10_000
_TELLING_KINDS = ("phone", "card")


@dataclass(frozen=True, slots=True)
class RecordCensus:
    """
    records: source records that belong to a living person; persons: how many persons they are. described: records whose
    source has told its fields; filled: how many of those have each key field, as written; completeness_sum: of their shares.
    """

    records: int
    persons: int
    described: int
    filled: Mapping[str, int]
    completeness_sum: float


def record_census() -> RecordCensus:
    """Return the counts; a chain without records gives zeros. What is filled stands beside each record: nothing is decrypted."""
    _missing_count()
    filled = dict.fromkeys(COMPLETENESS_WEIGHTS, 0)
    described, completeness_sum, weights = 0, 0.0, completeness_weights()
    told = SourceRecord.objects.filter(erased_at=None, version_at__isnull=False).order_by()
    for bits, count in told.values_list("filled_bits").annotate(count=Count("pk")):
        names = fields_of_bits(bits or 0)
        for name in names:
            filled[name] += count
        described += count
        completeness_sum += count * completeness_share(names, weights)
    counts = Membership.objects.filter(valid_to=None).aggregate(
        records=Count("record_id"), persons=Count("person_id", distinct=True)
    )
    return RecordCensus(counts["records"], counts["persons"], described, filled, completeness_sum)


def record_bits(record_id: int, source_code: str, content: Content, store_id: int | None) -> int:
    """Return which key fields a record fills, as written."""
    fields = facts_of(record_id, source_code, EPOCH, content).fields
    return filled_bits([name for name in COMPLETENESS_WEIGHTS if (store_id is not None if name == "store" else fields.get(name))])


def _missing_count() -> None:
    """Count records stored by an older release, once."""
    ring = keyring()
    old = SourceRecord.objects.filter(filled_bits=None, fields__isnull=False).order_by("pk")
    while block := list(old.values_list("pk", "source_code", "fields", "store_id")[:_CHUNK]):
        for part in Pace().cut(block):
            rows = [
                SourceRecord(pk=pk, filled_bits=record_bits(pk, source, content_open(ring, pk, sealed), store_id))
                for pk, source, sealed, store_id in part
            ]
            SourceRecord.objects.bulk_update(rows, ["filled_bits"], batch_size=500)


def shared_identifiers() -> tuple[tuple[int, ...], ...]:
    """Return the groups of living persons who share a current phone or card; shared numbers (hubs) are left out."""
    held = PersonIdentifier.objects.filter(kind_code__in=_TELLING_KINDS, valid_to=None, is_hub=False)
    shared = (
        held.values("kind_code", "value_hash")
        .annotate(holders=Count("person_id", distinct=True))
        .filter(holders__gt=1)
        .values_list("value_hash", flat=True)
    )
    groups: dict[tuple[str, int], set[int]] = {}
    for kind, value_hash, person_id in held.filter(value_hash__in=shared).values_list("kind_code", "value_hash", "person_id"):
        groups.setdefault((kind, value_hash), set()).add(person_id)
    return tuple(tuple(sorted(persons)) for persons in groups.values() if len(persons) > 1)


def hub_count() -> int:
    """Return how many values identify nobody because too many hold them."""
    return HubValue.objects.count()

"""Counts over all source records and identifiers, for the data page and its daily snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from huitou.apps.base.secrets import keyring
from huitou.apps.identity.content import content_open, facts_of
from huitou.apps.identity.models import HubValue, Membership, PersonIdentifier, SourceRecord
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, completeness_share

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
    """Return the counts; a chain without records gives zeros. Reads every record once."""
    ring = keyring()
    filled = dict.fromkeys(COMPLETENESS_WEIGHTS, 0)
    described, completeness_sum = 0, 0.0
    for record in SourceRecord.objects.filter(erased_at=None, version_at__isnull=False).iterator(chunk_size=_CHUNK):
        content = content_open(ring, record.pk, record.fields)
        fields = facts_of(record.pk, record.source_code, record.received_at, content).fields
        names = {name for name in filled if (record.store_id is not None if name == "store" else fields.get(name))}
        for name in names:
            filled[name] += 1
        described += 1
        completeness_sum += completeness_share(names)
    counts = Membership.objects.filter(valid_to=None).aggregate(
        records=Count("record_id"), persons=Count("person_id", distinct=True)
    )
    return RecordCensus(counts["records"], counts["persons"], described, filled, completeness_sum)


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

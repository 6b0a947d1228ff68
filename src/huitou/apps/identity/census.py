"""Counts over all source records and identifiers, for the data page and its daily snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from huitou.apps.base.bulk import chunked
from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import completeness_weights
from huitou.apps.customers.queries.census import Ints, persons_filled
from huitou.apps.identity.content import Content, content_open, facts_of
from huitou.apps.identity.models import HubValue, Membership, PersonIdentifier, SourceRecord
from huitou.apps.identity.person_file import EPOCH
from huitou.core.identity.completeness import (
    COMPLETENESS_WEIGHTS,
    completeness_share,
    fields_of_bits,
    filled_bits,
    shares_by_bits,
)
from huitou.core.metrics.shares import Share

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


def attainable_completeness(groups: Iterable[Sequence[int]]) -> Share:
    """
    Return the mean completeness of the living if every key field counted that any record of a person states, or of anybody in
    one of the person's groups: what merging and trusting could give. The rest stands in no source.

    groups: persons who may be one. Call it after `record_census`, which counts what older releases left uncounted.
    """
    persons, bits = persons_filled()
    if not len(persons):
        return Share(0, 0)
    own = SourceRecord.objects.filter(pk=OuterRef("record_id")).values("filled_bits")[:1]
    rows = Membership.objects.filter(valid_to=None).order_by("person_id").values_list("person_id", Coalesce(Subquery(own), 0))
    for part in chunked(rows.iterator(chunk_size=_CHUNK), _CHUNK * 10):
        whose, told = np.array(part, np.int64).T
        at = np.minimum(np.searchsorted(persons, whose), len(persons) - 1)
        known = persons[at] == whose  # else opened while this runs
        np.bitwise_or.at(bits, at[known], told[known])
    most = bits.copy()
    for group in groups:
        at = _places(persons, group)
        most[at] |= np.bitwise_or.reduce(bits[at])
    return Share(float(np.array(shares_by_bits(completeness_weights()))[most].sum()), len(persons))


def _places(persons: Ints, group: Sequence[int]) -> Ints:
    at: Ints = np.minimum(np.searchsorted(persons, group), len(persons) - 1)
    found: Ints = at[persons[at] == np.asarray(group)]
    return found


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

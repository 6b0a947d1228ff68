"""Read who must not be contacted, and who saw whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from huitou.apps.privacy.chain import BrokenChain, chain_verify
from huitou.apps.privacy.models import AccessedPerson, AccessEntry, ExportRequest, Suppression

__all__ = [
    "ERASE_REASONS",
    "Access",
    "BrokenChain",
    "access_of_person",
    "access_of_user",
    "chain_verify",
    "exports_of",
    "reimported_count",
    "suppressed",
]


def exports_of(user_id: int, *, all_of: bool, limit: int = 100) -> list[ExportRequest]:
    """Return requests to export values in clear, newest first: a person's own, or for who may decide, everybody's."""
    rows = ExportRequest.objects.all() if all_of else ExportRequest.objects.filter(asked_by=user_id)
    return list(rows.order_by("-pk")[:limit])


ERASE_REASONS = ("asked", "consent_withdrawn", "unlawful")  # stored codes, never text about the person


@dataclass(frozen=True, slots=True)
class Access:
    """One look: when, by whom, on which page, at how many persons."""

    at: datetime
    user_id: int
    route_code: str
    persons: int


def access_of_person(person_id: int, *, limit: int = 200) -> list[Access]:
    """Return who saw this person's data, newest first, as far as it is sealed. For the auditor and the person's copy."""
    entries = AccessedPerson.objects.filter(person_id=person_id).order_by("-entry_id").values_list("entry_id", flat=True)
    return _accesses(AccessEntry.objects.filter(pk__in=list(entries[:limit])))


def access_of_user(user_id: int, *, since: datetime, until: datetime) -> list[int]:
    """Return the persons whose data a user saw in [since, until), ascending: who is affected when an account was misused."""
    rows = AccessEntry.objects.filter(user_id=user_id, at__gte=since, at__lt=until).values_list("person_ids", flat=True)
    return sorted({person for ids in rows.iterator(chunk_size=1_000) for person in ids})


def _accesses(entries: QuerySet[AccessEntry]) -> list[Access]:
    return [Access(one.at, one.user_id, one.route_code, len(one.person_ids)) for one in entries.order_by("-at", "-pk")]


def suppressed(value_hashes: Collection[int]) -> set[int]:
    """Return those of the keyed hashes (core.crypto, kind "phone" or "email") that must get no marketing."""
    return set(Suppression.objects.filter(value_hash__in_list=value_hashes).values_list("value_hash", flat=True))


def reimported_count() -> int:
    """Return how many suppressed identifiers a source has brought again."""
    return Suppression.objects.exclude(reimported_at=None).count()

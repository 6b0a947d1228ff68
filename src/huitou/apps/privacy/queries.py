"""Read who must not be contacted."""

from collections.abc import Collection

from huitou.apps.privacy.models import Suppression


def suppressed(value_hashes: Collection[int]) -> set[int]:
    """Return those of the keyed hashes (core.crypto, kind "phone" or "email") that must get no marketing."""
    return set(Suppression.objects.filter(value_hash__in_list=value_hashes).values_list("value_hash", flat=True))


def reimported_count() -> int:
    """Return how many suppressed identifiers a source has brought again."""
    return Suppression.objects.exclude(reimported_at=None).count()

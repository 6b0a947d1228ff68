"""The schemes in force, as the run and the screens read them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from huitou.apps.value.models import SLOTS, SchemeVersion, TierScheme, VersionState
from huitou.core.value.scheme import Scheme, scheme_json, scheme_read
from huitou.core.value.templates import ACTIVE_FROM_START


@dataclass(frozen=True, slots=True)
class InForce:
    """One scheme that sorts people now, with the columns its tiers stand in."""

    scheme_id: int
    slot: int
    number: int  # of the version
    scheme: Scheme

    @property
    def code(self) -> str:
        return self.scheme.code

    @property
    def column(self) -> str:
        return f"tier_{self.slot}"


def schemes_in_force() -> list[InForce]:
    """Return the published version of every scheme that is switched on, in their order. One query."""
    rows = (
        SchemeVersion.objects.filter(state=VersionState.PUBLISHED, scheme__slot__isnull=False)
        .order_by("scheme__position", "scheme_id")
        .values_list("scheme_id", "scheme__slot", "number", Cast("table", TextField()))
    )
    return [InForce(scheme_id, slot, number, _read(table)) for scheme_id, slot, number, table in rows]


@lru_cache(4 * SLOTS)
def _read(table: str) -> Scheme:
    """Every page of customers asks several times for the same few tables, and reading one checks all of it."""
    return scheme_read(json.loads(table))


def in_force(code: str) -> InForce | None:
    """Return one scheme by code; None when it is switched off or unknown."""
    return next((one for one in schemes_in_force() if one.code == code), None)


@transaction.atomic
def shipped_ensure(*, now: datetime) -> None:
    """Put the shipped schemes in force, once: an installation that has any scheme keeps what it made of them."""
    if TierScheme.objects.exists():
        return
    for position, scheme in enumerate(ACTIVE_FROM_START):
        scheme_add(scheme, position=position, slot=position + 1, now=now, author_id=None)


def scheme_add(scheme: Scheme, *, position: int, slot: int, now: datetime, author_id: int | None) -> TierScheme:
    """Create a scheme with its first version in force."""
    made = TierScheme.objects.create(code=scheme.code, slot=slot, position=position, created_at=now)
    SchemeVersion.objects.create(
        scheme=made,
        number=1,
        state=VersionState.PUBLISHED,
        table=scheme_json(scheme),
        author_id=author_id,
        created_at=now,
        changed_at=now,
        published_at=now,
    )
    return made


def free_slot(taken: Sequence[int]) -> int | None:
    """Return the lowest slot that no scheme stands in; None when all are taken."""
    return next((slot for slot in range(1, SLOTS + 1) if slot not in taken), None)

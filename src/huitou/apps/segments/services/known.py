"""Read of everybody what decides whom a send for marketing may reach, and keep it for the card that tells it of many."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.segments.lists import marked
from huitou.apps.segments.models import KnownPart
from huitou.apps.segments.reaching import known_of
from huitou.core.periods import business_date

KNOWN_JOB = "segments.known"


def known_ask(*, now: datetime) -> None:
    """Plan the reading, unless it waits already."""
    jobs.plan_once(KNOWN_JOB, now=now)


def known_renew(*, now: datetime) -> None:
    """Plan the reading when it was not read on this business day yet."""
    if not KnownPart.objects.filter(day=business_date(now)).exists():
        known_ask(now=now)


def known_keep(*, now: datetime) -> int:
    """Read it for the business day of now and replace what was read before; return the parts."""
    known = known_of(None, today=business_date(now), now=now)
    kinds = {
        "out": known.out,
        "contacts": {" ".join(kinds): holders for kinds, holders in known.contacts.items()},
        "agreed": known.agreed,
    }
    parts = [
        KnownPart(kind_code=kind, name=name, ids=marked(marks), day=known.day, read_at=known.read_at)
        for kind, found in kinds.items()
        for name, marks in found.items()
    ]
    with transaction.atomic():
        KnownPart.objects.all().delete()
        KnownPart.objects.bulk_create(parts)
    return len(parts)

"""The chain over the access log: how entries read as text, and whether the stored links still fit them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max

from huitou.apps.base.secrets import keyring
from huitou.apps.privacy.models import AccessEntry, AccessSeal

START = "0" * 64


def entries_text(entries: Iterable[AccessEntry]) -> str:
    """Return the text that a link hashes: one line per entry, everything the entry says."""
    return "\n".join(
        f"{entry.number}|{entry.at.timestamp():.6f}|{entry.user_id}|{entry.route_code}|{','.join(map(str, entry.person_ids))}"
        for entry in entries
    )


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """The first place of one writer where entries and links part. `number` is where the range begins."""

    writer: str
    number: int
    reason_code: str  # changed (a link does not fit), missing (a number is not there)


def chain_verify() -> list[BrokenChain]:
    """Return one finding per writer whose entries were changed, removed or added; empty when the log is whole."""
    found = []
    for writer in AccessEntry.objects.values_list("writer", flat=True).union(AccessSeal.objects.values_list("writer", flat=True)):
        broken = _first_break(writer)
        if broken is not None:
            found.append(broken)
    return sorted(found, key=lambda broken: broken.writer)


def _first_break(writer: str) -> BrokenChain | None:
    ring, link, next_number = keyring(), START, 1
    for seal in AccessSeal.objects.filter(writer=writer).order_by("first_number"):
        entries = AccessEntry.objects.filter(writer=writer, number__range=(seal.first_number, seal.last_number))
        link = ring.chain(link, entries_text(entries.order_by("number")))
        if seal.first_number != next_number or link != seal.link:
            return BrokenChain(writer, seal.first_number, "changed")
        next_number = seal.last_number + 1
    unsealed = AccessEntry.objects.filter(writer=writer, number__gte=next_number)
    last = unsealed.aggregate(last=Max("number"))["last"]
    if last is not None and unsealed.count() != last - next_number + 1:
        return BrokenChain(writer, next_number, "missing")
    return None

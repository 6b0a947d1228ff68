"""
Whom of a list of persons marketing may reach on a day, by channel, and what keeps the others out.

What decides it is read of the persons where they are few. Of a million that takes seconds, so a job reads it of everybody: after
the segments were refreshed, and when somebody looks at what is older than minutes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from huitou.apps.identity.queries import contact_holders
from huitou.apps.privacy.consent import persons_agreeing
from huitou.apps.privacy.outreach import MARKETING, REASONS, kept_out_why
from huitou.apps.segments.comparing import left_out
from huitou.apps.segments.lists import NOBODY, Marks, among, marks_of, unmarked
from huitou.apps.segments.models import KnownPart, Segment
from huitou.core.consent import CHANNELS
from huitou.warehouse.panel import Ints

CONTACTS: Mapping[str, tuple[str, ...]] = {  # by which kinds of identifier somebody is reached on a channel
    "sms": ("phone",), "phone": ("phone",), "wecom": ("unionid", "openid"), "email": ("email",),
}  # fmt: skip
HELD, NO_CONTACT, UNASKED = "held", "no_contact", "unasked"
BLOCKS = (*REASONS, HELD, NO_CONTACT, UNASKED)  # the first that holds is told
_MANY = 20_000  # persons; of so many everybody's contacts are read faster than theirs
_FRESH = timedelta(minutes=5)
_UNMARKED = marks_of(NOBODY)


@dataclass(frozen=True, slots=True)
class ChannelReach:
    """persons: may be reached on the channel; the others pass the gate, but have no contact there or never agreed to it."""

    code: str
    persons: int
    no_contact: int
    unasked: int


@dataclass(frozen=True, slots=True)
class Reach:
    """
    members = reached (on one channel or more) + the sum of blocked, by the first reason of BLOCKS. gated: whom no channel may
    reach; members = gated + persons + no_contact + unasked of each channel.
    """

    members: int
    reached: int
    gated: int
    blocked: Mapping[str, int]
    channels: tuple[ChannelReach, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """
    Marks of persons: kept out by reason, with a contact by kinds of identifiers, who agreed by channel.

    day and read_at: what it was read for, and when.
    """

    day: date
    read_at: datetime
    out: Mapping[str, Marks]
    contacts: Mapping[tuple[str, ...], Marks]
    agreed: Mapping[str, Marks]

    def is_fresh(self, *, today: date, now: datetime) -> bool:
        return self.day == today and now - self.read_at < _FRESH


def known_of(person_ids: Collection[int] | None, *, today: date, now: datetime) -> Known:
    """Read what decides whom a send for marketing may reach on a day, of these persons or (None) of all."""
    return Known(
        today,
        now,
        {why: _marks(found) for why, found in kept_out_why(MARKETING, today=today, person_ids=person_ids).items()},
        {kinds: _marks(contact_holders(kinds, person_ids=person_ids)) for kinds in set(CONTACTS.values())},
        {channel: _marks(found) for channel, found in persons_agreeing(MARKETING, person_ids=person_ids).items()},
    )


def known_lately(person_ids: Ints, *, today: date, now: datetime) -> Known | None:
    """
    Return the same for who is asked about; where they are many, as a job last read it of everybody, None before it did. Whoever
    shows that says when it was, and asks for the job where it is not fresh (`services.known_ask`).
    """
    if person_ids.size <= _MANY:
        return known_of(person_ids.tolist(), today=today, now=now)
    parts = list(KnownPart.objects.all())
    if not parts:
        return None
    found: dict[str, dict[str, Marks]] = {"out": {}, "contacts": {}, "agreed": {}}
    for part in parts:
        found[part.kind_code][part.name] = unmarked(part.ids)
    contacts = {tuple(name.split()): holders for name, holders in found["contacts"].items()}
    return Known(parts[0].day, parts[0].read_at, found["out"], contacts, found["agreed"])


def reach_today(person_ids: Ints, known: Known, *, segment: Segment | None = None) -> Reach:
    """
    Sort persons (distinct, any order) into those whom a send for marketing may reach by what is known of them, and why the
    others may not be.

    The gate is privacy.outreach, with the lot of the segment's comparison under way as in `segment_audience`; a channel needs a
    contact and an agreement beside.
    """
    blocked: dict[str, int] = {}
    open_ = np.ones(person_ids.size, dtype=np.bool_)
    for reason in REASONS:
        open_ &= ~_counted(blocked, reason, open_ & among(person_ids, known.out[reason]))
    if segment is not None:
        open_ &= ~_counted(blocked, HELD, open_ & left_out(segment, person_ids))
    contacts = {kinds: among(person_ids, holders) for kinds, holders in known.contacts.items()}
    has_contact, is_reached, channels = np.zeros_like(open_), np.zeros_like(open_), []
    for channel in CHANNELS:
        contact, agrees = contacts[CONTACTS[channel]], among(person_ids, known.agreed.get(channel, _UNMARKED))
        has_contact |= contact
        is_reached |= open_ & contact & agrees
        counts = (int((open_ & part).sum()) for part in (contact & agrees, ~contact, contact & ~agrees))
        channels.append(ChannelReach(channel, *counts))
    _counted(blocked, NO_CONTACT, open_ & ~has_contact)
    _counted(blocked, UNASKED, open_ & has_contact & ~is_reached)
    return Reach(person_ids.size, int(is_reached.sum()), int((~open_).sum()), blocked, tuple(channels))


def _counted(blocked: dict[str, int], reason: str, which: Marks) -> Marks:
    if which.any():
        blocked[reason] = int(which.sum())
    return which


def _marks(chosen: Collection[int]) -> Marks:
    return marks_of(np.fromiter(chosen, dtype=np.int64, count=len(chosen)))

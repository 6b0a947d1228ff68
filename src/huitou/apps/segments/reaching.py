"""Whom of a list of persons marketing may reach on a day, by channel, and what keeps the others out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from huitou.apps.identity.queries import contact_holders
from huitou.apps.privacy.consent import persons_agreeing
from huitou.apps.privacy.outreach import MARKETING, REASONS, kept_out_why
from huitou.apps.segments.comparing import left_out
from huitou.apps.segments.models import Segment
from huitou.core.consent import CHANNELS
from huitou.warehouse.panel import Ints

CONTACTS: Mapping[str, tuple[str, ...]] = {  # by which kinds of identifier somebody is reached on a channel
    "sms": ("phone",), "phone": ("phone",), "wecom": ("unionid", "openid"), "email": ("email",),
}  # fmt: skip
HELD, NO_CONTACT, UNASKED = "held", "no_contact", "unasked"
BLOCKS = (*REASONS, HELD, NO_CONTACT, UNASKED)  # the first that holds is told
_MANY = 20_000  # persons; of so many everybody's contacts are read faster than theirs
Flags = npt.NDArray[np.bool_]


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


def reach_today(person_ids: Ints, *, today: date, segment: Segment | None = None) -> Reach:
    """
    Sort persons (distinct, any order) into those whom a send for marketing may reach on a day and why the others may not be.

    The gate is privacy.outreach, with the lot of the segment's comparison under way as in `segment_audience`; a channel needs a
    contact and an agreement beside. Its cost is that of reading the contacts and answers of as many persons.
    """
    asked = None if person_ids.size > _MANY else person_ids.tolist()
    blocked: dict[str, int] = {}
    open_ = np.ones(person_ids.size, dtype=np.bool_)
    out = kept_out_why(MARKETING, today=today, person_ids=person_ids.tolist())
    for reason in REASONS:
        open_ &= ~_counted(blocked, reason, open_ & _among(person_ids, out[reason]))
    if segment is not None:
        open_ &= ~_counted(blocked, HELD, open_ & left_out(segment, person_ids))
    contacts = {kinds: _among(person_ids, contact_holders(kinds, person_ids=asked)) for kinds in set(CONTACTS.values())}
    agreed = persons_agreeing(MARKETING, person_ids=asked)
    has_contact, is_reached, channels = np.zeros_like(open_), np.zeros_like(open_), []
    for channel in CHANNELS:
        contact, agrees = contacts[CONTACTS[channel]], _among(person_ids, agreed.get(channel, ()))
        has_contact |= contact
        is_reached |= open_ & contact & agrees
        counts = (int((open_ & part).sum()) for part in (contact & agrees, ~contact, contact & ~agrees))
        channels.append(ChannelReach(channel, *counts))
    _counted(blocked, NO_CONTACT, open_ & ~has_contact)
    _counted(blocked, UNASKED, open_ & has_contact & ~is_reached)
    return Reach(person_ids.size, int(is_reached.sum()), int((~open_).sum()), blocked, tuple(channels))


def _counted(blocked: dict[str, int], reason: str, which: Flags) -> Flags:
    if which.any():
        blocked[reason] = int(which.sum())
    return which


def _among(person_ids: Ints, chosen: Collection[int]) -> Flags:
    return np.isin(person_ids, np.fromiter(chosen, dtype=np.int64, count=len(chosen)))

"""On which channel a person is best reached, with what that rests on."""

from dataclasses import dataclass

import numpy as np

from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import contacts_of_in_reach
from huitou.apps.value.queries.person import PersonWorth
from huitou.core.consent import CHANNELS
from huitou.core.value.contacts import LEAST_TOUCHES, smoothed
from huitou.core.value.scoring import RunCuts


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel that the person was touched on: how often, how often answered, the smoothed share; counts: enough touches."""

    code: str
    touches: int
    answers: int
    share: float
    counts: bool


@dataclass(frozen=True, slots=True)
class PersonChannel:
    """code: the preferred channel of the last run, None where nobody was touched; is_own: by the answers of the person."""

    code: str | None
    is_own: bool
    lines: tuple[ChannelLine, ...]


def person_channel(viewer: Viewer, worth: PersonWorth) -> PersonChannel:
    """Return the preferred channel of a person whose values the viewer may see, and every channel it was weighed against."""
    told = contacts_of_in_reach(viewer, worth.row.pk)
    full = worth.run.cuts_of or worth.run
    rates = RunCuts.from_json(full.cuts).answered.rates() if full.cuts else np.zeros(len(CHANNELS))
    counted = np.array([told.get(channel, (0, 0)) for channel in CHANNELS], dtype=np.float64)
    shares = smoothed(counted[:, 0], counted[:, 1], rates)
    lines = tuple(
        ChannelLine(channel, *told[channel], share, told[channel][0] >= LEAST_TOUCHES)
        for channel, share in zip(CHANNELS, shares.tolist(), strict=True)
        if channel in told
    )
    return PersonChannel(worth.row.preferred_channel, any(line.counts for line in lines), lines)

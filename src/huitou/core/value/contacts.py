"""
On which channel a person answers: touches and answers counted, rates smoothed, the best one chosen (docs/algorithms/tags.md).

A touch is a message or call that reached the person on a channel, a response what the person did about one (opened, clicked,
picked up). Both are events whose type carries the channel.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from huitou.core.consent import CHANNELS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOUCH, RESPONSE = "touch", "response"
ANSWER_WITHIN = timedelta(days=7)
LEAST_TOUCHES = 3  # of a person on a channel, before its rate counts
LEAST_OF_SEGMENT = 30  # touches of a segment on a channel, likewise
PRIOR_TOUCHES = 5.0  # that every rate begins with, answered as the channel is answered by everybody

Counted = tuple[int, int]  # touches, of them answered


def event_type(kind: str, channel: str) -> str:
    """Return the stored type of a touch or response on a channel."""
    return f"{kind}:{channel}"


EVENT_TYPES: Mapping[str, tuple[str, str]] = {
    event_type(kind, channel): (kind, channel) for kind in (TOUCH, RESPONSE) for channel in CHANNELS
}


@dataclass(frozen=True, slots=True)
class Answered:
    """How everybody answers: touches and answers by segment, by channel in the order of CHANNELS. Empty: nothing was drawn."""

    segments: tuple[tuple[Counted, ...], ...] = ()

    def rates(self) -> Floats:
        """Return the share of touches that everybody answered, by channel; 0 where nobody was touched."""
        touches, answers = self._sums().sum(axis=1)
        rates: Floats = np.divide(answers, touches, out=np.zeros(len(CHANNELS)), where=touches > 0)
        return rates

    def defaults(self) -> Floats:
        """
        Return by segment the place of the channel that it answers most, of what it was touched on often enough, else of what
        everybody was; NaN where neither is.
        """
        touches, answers = self._sums()
        rates = self.rates()
        own = _best(touches, answers, rates, least=LEAST_OF_SEGMENT)
        (all_,) = _best(touches.sum(axis=0)[None], answers.sum(axis=0)[None], rates, least=LEAST_OF_SEGMENT)
        found = np.where(own >= 0, own, all_)
        return np.where(found >= 0, found, np.nan)

    def _sums(self) -> Floats:
        shape = (len(self.segments), len(CHANNELS), 2)
        return np.moveaxis(np.array(self.segments, dtype=np.float64).reshape(shape), 2, 0)


def touches_counted(events: Iterable[tuple[datetime, bool]]) -> Counted:
    """
    Return how many touches a person had on one channel and how many were answered. events: moment and whether a response.

    A response answers the touch before it, once, within ANSWER_WITHIN; one without a touch answers nothing.
    """
    touches = answers = 0
    open_since: datetime | None = None
    for moment, is_response in sorted(events):
        if not is_response:
            touches += 1
            open_since = moment
        elif open_since is not None and moment - open_since <= ANSWER_WITHIN:
            answers += 1
            open_since = None
    return touches, answers


def smoothed(touches: Floats, answers: Floats, rates: Floats) -> Floats:
    """Return the rates, shape (n, channels), each begun with PRIOR_TOUCHES touches answered as everybody answers (channels,)."""
    return (answers + PRIOR_TOUCHES * rates) / (touches + PRIOR_TOUCHES)


def answered_by(touches: Floats, answers: Floats, segments: Ints, *, count: int) -> Answered:
    """Sum touches and answers, shapes (n, channels), by the segment (0..count-1) of each person."""
    sums = np.zeros((count, len(CHANNELS), 2), dtype=np.int64)
    np.add.at(sums, segments, np.stack([touches, answers], axis=2).astype(np.int64))
    return Answered(tuple(tuple((touched, said) for touched, said in line) for line in sums.tolist()))


def preferred(touches: Floats, answers: Floats, segments: Ints, answered: Answered) -> Floats:
    """
    Return the place in CHANNELS that each person answers most by smoothed rates of channels with LEAST_TOUCHES, else that of the
    person's segment; NaN where that has none. A draw goes to the channel that stands first. Shapes (n, channels), (n,) to (n,).
    """
    if not answered.segments:
        return np.full(segments.shape, np.nan)
    own = _best(touches, answers, answered.rates(), least=LEAST_TOUCHES)
    return np.where(own >= 0, own, answered.defaults()[segments])


def _best(touches: Floats, answers: Floats, rates: Floats, *, least: int) -> Ints:
    """Return by line the place of the highest smoothed rate of what was touched often enough; -1: nothing was."""
    known = touches >= least
    found = np.where(known, smoothed(touches, answers, rates), -1.0).argmax(axis=1)
    return np.where(known.any(axis=1), found, -1)

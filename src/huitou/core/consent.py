"""
What a person agreed to: per channel and purpose the newest answer counts, at the same moment the refusal.

No answer is neither: whoever was never asked has not agreed. When files become one the stricter answer wins, whichever is
newer, and it stays with both when they part again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huitou.core.labels import Label

CHANNEL_LABELS: Mapping[str, Label] = {
    "sms": Label("短信", "text message"),
    "phone": Label("电话", "phone"),
    "wecom": Label("企微", "WeCom"),
    "email": Label("邮件", "e-mail"),
}
CHANNELS = tuple(CHANNEL_LABELS)  # by which people are reached; stored codes


class Answer(StrEnum):
    """Stored codes."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


Cell = tuple[str, str]  # channel code, purpose code


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. said_at: when the person gave it (aware), not when it was stored; number: order of storing."""

    channel: str
    purpose: str
    answer: Answer
    said_at: datetime
    number: int

    @property
    def cell(self) -> Cell:
        return self.channel, self.purpose


def current(answers: Iterable[Said]) -> dict[Cell, Said]:
    """Return the answer that counts of every cell anybody answered. The order of the answers does not matter."""
    found: dict[Cell, Said] = {}
    for one in answers:
        known = found.get(one.cell)
        if known is None or _weight(one) > _weight(known):
            found[one.cell] = one
    return found


def _weight(one: Said) -> tuple[datetime, bool, int]:
    return one.said_at, one.answer is Answer.WITHDRAWN, one.number


def carried(source: Mapping[Cell, Said], target: Mapping[Cell, Said], *, is_whole: bool) -> dict[Cell, Answer]:
    """
    Return what must be added to the target's answers when records of the source come to it.

    A refusal always comes along unless the target refuses already. An agreement comes only where the whole person came
    (is_whole) and the target was never asked.
    """
    added: dict[Cell, Answer] = {}
    for cell, said in source.items():
        known = target.get(cell)
        if said.answer is Answer.WITHDRAWN and (known is None or known.answer is not Answer.WITHDRAWN):
            added[cell] = Answer.WITHDRAWN
        elif said.answer is Answer.GRANTED and known is None and is_whole:
            added[cell] = Answer.GRANTED
    return added

"""What a person's mood rests on: the newest texts with what was found in them."""

from dataclasses import dataclass
from datetime import date, datetime

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import SentimentModel
from huitou.apps.value.moods import KINDS, TextKind, moods_stored, sentiment_of
from huitou.core.value.text.model import pieces
from huitou.core.value.text.words import words_said

SHOWN = 3
MOST_PIECES = 3


@dataclass(frozen=True, slots=True)
class MoodText:
    """
    One text that tells. score -1..1; probability of being content by a model, None by the word list; pieces: what decided.
    """

    kind_code: str
    text_id: int
    on: date
    score: float
    probability: float | None
    pieces: tuple[str, ...]


def mood_texts(viewer: Viewer, person_id: int, *, limit: int = SHOWN) -> list[MoodText]:
    """Return the newest texts that tell something of a person in reach, newest first; nothing for anybody else."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    found: list[tuple[datetime, TextKind, int, date, int | None, float]] = []
    for kind in KINDS:
        said = kind.said([person_id])
        stored = moods_stored(kind, [one[0] for one in said])
        for text_id, _person, day, moment in said:
            _version, model_id, score = stored.get(text_id, (None, None, None))
            if score is not None:
                found.append((moment, kind, text_id, day, model_id, score))
    found.sort(key=lambda one: (one[3], one[0], one[2]), reverse=True)
    return [_told(kind, text_id, day, model_id, score) for _moment, kind, text_id, day, model_id, score in found[:limit]]


def _told(kind: TextKind, text_id: int, day: date, model_id: int | None, score: float) -> MoodText:
    text = kind.in_clear([text_id]).get(text_id, "")
    row = None if model_id is None else SentimentModel.objects.filter(pk=model_id).first()
    words = words_said(text) if row is None else pieces(sentiment_of(row), text, most=MOST_PIECES)
    decided = dict.fromkeys(one.text for one in words if (one.weight > 0) == (score > 0) or score == 0)
    return MoodText(
        kind.code, text_id, day, score, None if row is None else (score + 1) / 2, tuple(decided)[:MOST_PIECES]
    )  # fmt: skip

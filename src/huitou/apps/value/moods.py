"""What people wrote, as scores: which texts there are, which model reads them, and what all of a person's texts say together."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from huitou.apps.base.bulk import chunked
from huitou.apps.behaviour.queries import texts_in_clear, texts_said
from huitou.apps.service.queries import ticket_texts_in_clear, ticket_texts_said
from huitou.apps.value.models import SentimentModel, TextMood
from huitou.core.value.text.model import Sentiment, scores
from huitou.core.value.text.words import word_scores
from huitou.core.value.traits import said_together

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Said = tuple[int, int, date, datetime]  # text, person, business day, moment of the version

WORD_LIST = "words-2"  # what reads texts where no model is in force; a changed list gets a new number
_EPOCH = date(1970, 1, 1)
_IDS_PER_STATEMENT = 5_000


@dataclass(frozen=True, slots=True)
class TextKind:
    """One kind of text: its code, which there are (of these persons, or of everybody), and what they say."""

    code: str
    said: Callable[[Collection[int] | None], list[Said]]
    in_clear: Callable[[Collection[int]], dict[int, str]]


KINDS = (TextKind("event", texts_said, texts_in_clear), TextKind("ticket", ticket_texts_said, ticket_texts_in_clear))


def model_in_force() -> SentimentModel | None:
    """Return the newest model that is in force, without its content; None: the word list reads."""
    return SentimentModel.objects.filter(retired_at=None).defer("content").order_by("-pk").first()


def reader_in_force() -> str:
    """Return what reads texts now, as it is kept with a run."""
    model = model_in_force()
    return WORD_LIST if model is None else f"model-{model.pk}"


def sentiment_of(model: SentimentModel) -> Sentiment:
    """Return the model itself. Raises ValueError where the stored one is broken."""
    return Sentiment.from_bytes(bytes(model.content))


def texts_scored(model: Sentiment | None, texts: list[str]) -> Floats:
    """Return -1..1 per text by the model, or by the word list; NaN: nothing tells."""
    return word_scores(texts) if model is None else scores(model, texts)


def moods_stored(kind: TextKind, text_ids: Collection[int] | None = None) -> dict[int, tuple[datetime, int | None, float | None]]:
    """Return version, model and score of the texts that were read, by text. None: all."""
    rows = TextMood.objects.filter(kind_code=kind.code)
    parts = [rows] if text_ids is None else [rows.filter(text_id__in=ids) for ids in chunked(text_ids, _IDS_PER_STATEMENT)]
    columns = ("text_id", "version_at", "model_id", "score")
    return {row[0]: (row[1], row[2], row[3]) for part in parts for row in part.values_list(*columns).iterator(chunk_size=20_000)}


def moods_of(person_ids: Collection[int] | None = None) -> tuple[Ints, Floats, Floats]:
    """Return in rising id who wrote something that tells, the mean score of each and the newest day. None: everybody."""
    persons: list[int] = []
    found: list[float] = []
    days: list[int] = []
    for kind in KINDS:
        said = kind.said(person_ids)
        if not said:
            continue
        stored = moods_stored(kind, None if person_ids is None else [one[0] for one in said])
        for text_id, person_id, day, _moment in said:
            mood = stored.get(text_id)
            if mood is not None and mood[2] is not None:
                persons.append(person_id)
                found.append(mood[2])
                days.append((day - _EPOCH).days)
    return said_together(
        np.array(found, dtype=np.float64), np.array(days, dtype=np.float64), np.array(persons, dtype=np.int64)
    )  # fmt: skip

"""Train a model of sentiment, take it out of force, and read the texts that were not read yet."""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.behaviour.queries import rated_texts
from huitou.apps.value.models import SentimentModel, TextMood
from huitou.apps.value.moods import KINDS, TextKind, moods_stored, sentiment_of, texts_scored
from huitou.core.value.text.model import Sentiment, train

FILE, RATINGS = "file", "ratings"
NEUTRAL_STARS = 3  # says neither
_READ_TEXTS = 2_000
_OWN_TEXTS = 20_000  # of each kind, the newest, that a model is fitted to
_COLUMNS = ("kind_code", "text_id", "version_at", "model_id", "score")


def sentiment_train(
    *, texts: Sequence[str], positive: Sequence[bool], now: datetime, user_id: int | None = None, source_code: str = FILE
) -> SentimentModel:
    """
    Train on labelled texts and put the model in force; all texts are read again by the next value run, which is planned.

    Labels from a file are of other people's texts: the model is fitted to the installation's own ones, too, which nobody
    labelled. Raises TrainingRefused; then the model before stays in force.
    """
    found = train(texts, positive, unlabelled=_own_texts() if source_code == FILE else ())
    tested = found.tested
    with transaction.atomic():
        SentimentModel.objects.filter(retired_at=None).update(retired_at=now)
        model = SentimentModel.objects.create(
            content=found.to_bytes(), source_code=source_code, texts=tested.texts, accuracy=tested.accuracy,
            baseline=tested.baseline, error=tested.error, trained_at=now,
        )  # fmt: skip
        audit_record(
            action_code="sentiment.train", subject_kind="sentiment", subject_id=model.pk, now=now, user_id=user_id,
            texts=tested.texts, accuracy=round(tested.accuracy, 4), source=source_code,
        )  # fmt: skip
        jobs.plan_once("value.run", now=now)
    return model


def sentiment_train_on_ratings(*, now: datetime, user_id: int | None = None) -> SentimentModel:
    """Train on the installation's own reviews that have stars and a text: 4 and 5 are content, 1 and 2 displeased."""
    told = [(text, stars) for text, stars in rated_texts() if stars != NEUTRAL_STARS]
    return sentiment_train(
        texts=[text for text, _ in told], positive=[stars > NEUTRAL_STARS for _, stars in told], now=now, user_id=user_id,
        source_code=RATINGS,
    )  # fmt: skip


def _own_texts() -> list[str]:
    """Return the newest texts that a model will read."""
    return [text for kind in KINDS for text in kind.in_clear([one[0] for one in kind.said(None)[-_OWN_TEXTS:]]).values()]


@transaction.atomic
def sentiment_retire(*, now: datetime, user_id: int | None = None) -> bool:
    """Take the model out of force; the word list reads from the next run on. False: none was in force."""
    retired = SentimentModel.objects.filter(retired_at=None).update(retired_at=now)
    if retired:
        audit_record(action_code="sentiment.off", subject_kind="sentiment", subject_id="", now=now, user_id=user_id)
        jobs.plan_once("value.run", now=now)
    return bool(retired)


def moods_refresh(person_ids: Collection[int] | None = None, *, pace: Pace | None = None) -> int:
    """
    Read the texts that are new, changed, or were read by another model; return how many. None: everybody's.

    Over everybody it also forgets the scores of texts that are gone.
    """
    row = SentimentModel.objects.filter(retired_at=None).order_by("-pk").first()
    model = None if row is None else sentiment_of(row)
    return sum(_kind_refresh(kind, person_ids, row, model, pace or Pace()) for kind in KINDS)


def _kind_refresh(
    kind: TextKind, person_ids: Collection[int] | None, row: SentimentModel | None, model: Sentiment | None, pace: Pace
) -> int:
    versions = {text_id: moment for text_id, _person, _day, moment in kind.said(person_ids)}
    stored = moods_stored(kind, None if person_ids is None else list(versions))
    model_id = None if row is None else row.pk
    wanted = [one for one, moment in versions.items() if one not in stored or stored[one][:2] != (moment, model_id)]
    for part in chunked(wanted, _READ_TEXTS):
        texts = kind.in_clear(part)
        found = texts_scored(model, [texts.get(one, "") for one in part])
        rows = [
            (kind.code, one, versions[one], model_id, None if np.isnan(score) else round(float(score), 4))
            for one, score in zip(part, found.tolist(), strict=True)
        ]
        for chunk in pace.cut(rows):
            with transaction.atomic():
                rows_write(TextMood, _COLUMNS, chunk, conflict=_COLUMNS[:2], update=_COLUMNS[2:])
    if person_ids is None:
        for gone in pace.cut(sorted(stored.keys() - versions.keys())):
            TextMood.objects.filter(kind_code=kind.code, text_id__in=gone).delete()
    return len(wanted)

"""Bring together what a run scores by: facts of the warehouse, behaviour, given inputs, the prediction, scenarios."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from huitou.apps.attributes.definitions import event_codes_usable
from huitou.apps.attributes.queries import numbers_of
from huitou.apps.base.bulk import chunked
from huitou.apps.behaviour.queries import LAST_DID, contacts_counted, event_counts, last_days
from huitou.apps.value.models import HORIZON_DAYS, ForecastRun, PersonForecast
from huitou.apps.value.moods import moods_of
from huitou.apps.value.scenarios import scenarios_gathered
from huitou.core.periods import Period, day_start
from huitou.core.value.inputs import ATTRIBUTE, EVENT, GIVEN
from huitou.core.value.rfm import WINDOW_DAYS
from huitou.core.value.scoring import CONTACT_HOURS, Facts
from huitou.warehouse.queries.value_features import best_hours, value_features
from huitou.warehouse.reader import Reading
from huitou.warehouse.scope import CHAIN

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_EPOCH = date(1970, 1, 1)
_IDS_PER_STATEMENT = 5_000
COUNTED = {"lesson_completed": "lessons", "course_bought": "courses"}  # events whose number is the input
WINDOW, FORECAST = "window_365", "forecast"  # what stands for the next 12 months; stored with the run


def facts_gathered(
    reading: Reading,
    *,
    hour_weights: Sequence[int] = (),
    person_ids: Collection[int] | None = None,
    with_scenarios: bool = False,
    custom: Collection[str] = (),
) -> Facts:
    """
    Return everything that tiers are made of about these persons, or about everybody. custom: the inputs that the chain defined
    itself, by name, as far as schemes ask for them.

    Hours (with weights) and scenarios read orders, which a look at one person need not wait for.
    """
    ids, columns = value_features(reading.cursor, scope=CHAIN, person_ids=person_ids)
    columns |= (
        _behaviour(ids, person_ids) | _contacts(ids, person_ids) | _said(ids, person_ids) | _given(ids, reading.as_of, person_ids)
    )
    columns |= _custom(ids, reading.as_of, person_ids, custom)
    columns["clv_12m_fen"] = _predicted(ids, columns, person_ids)
    if with_scenarios:
        columns |= scenarios_gathered(reading, ids, person_ids=person_ids)
    if hour_weights:
        columns["best_hour"] = hours_gathered(reading, ids, hour_weights=hour_weights, person_ids=person_ids)
    return Facts(ids, columns)


def hours_gathered(
    reading: Reading, ids: Ints, *, hour_weights: Sequence[int], person_ids: Collection[int] | None = None
) -> Floats:
    """Return each person's best hour as `core.value.scoring.hour_of` reads it; NaN without a purchase in contact hours."""
    found, best = best_hours(
        reading.cursor,
        scope=CHAIN,
        as_of=reading.as_of,
        weights=hour_weights,
        allowed=CONTACT_HOURS,
        person_ids=person_ids,
    )
    return spread(ids, found, best.astype(np.float64))


def spread(person_ids: Ints, found_ids: Ints, values: Floats) -> Floats:
    """Spread the values of some persons over all (NaN: not found). Both id arrays rise."""
    column = np.full(person_ids.size, np.nan)
    if person_ids.size and found_ids.size:
        places = np.minimum(np.searchsorted(person_ids, found_ids), person_ids.size - 1)
        known = person_ids[places] == found_ids
        column[places[known]] = values[known]
    return column


def prediction_in_use() -> tuple[str, int]:
    """Return what predicts the next 12 months and the forecast it comes from: the newest that beat the naive rows, or 0."""
    run = forecasts_published().exclude(value_fen=None).order_by("-pk").first()
    return (WINDOW, 0) if run is None else (FORECAST, run.pk)


def forecasts_published() -> QuerySet[ForecastRun]:
    """Return the runs that persons had or have their rows from."""
    return ForecastRun.objects.filter(horizon_days=HORIZON_DAYS, ended_at__isnull=False, refusal="")


def _predicted(ids: Ints, columns: dict[str, Floats], person_ids: Collection[int] | None) -> Floats:
    """
    Return the predicted net spend of the next 12 months of every buyer of the window; others have no answer.

    By the published forecast, in which who first bought today is not yet; before the first good one, the last 12 months.
    """
    buys = (columns["orders_365d"] > 0) & (columns["net_365d_fen"] > 0)
    if prediction_in_use()[0] == WINDOW:
        return np.where(buys, columns["net_365d_fen"], np.nan)
    rows = PersonForecast.objects.exclude(value_fen=None).order_by("pk").values_list("pk", "value_fen")
    if person_ids is None:
        found = list(rows.iterator(chunk_size=20_000))
    else:
        found = [row for part in chunked(sorted(person_ids), _IDS_PER_STATEMENT) for row in rows.filter(pk__in=part)]
    known = np.array([row[0] for row in found], dtype=np.int64)
    return np.where(buys, spread(ids, known, np.array([float(row[1] or 0) for row in found])), np.nan)


def _behaviour(ids: Ints, person_ids: Collection[int] | None) -> dict[str, Floats]:
    rows = list(last_days(person_ids))
    if not rows:
        return {}
    found = np.array([row[0] for row in rows], dtype=np.int64)
    columns = {
        f"{name}_day": spread(ids, found, np.array([_day(row[1][place]) for row in rows])) for place, name in enumerate(LAST_DID)
    }
    ratings = np.array([np.nan if row[2] is None else float(row[2]) for row in rows])
    return columns | {"last_rating": spread(ids, found, ratings)}


def _contacts(ids: Ints, person_ids: Collection[int] | None) -> dict[str, Floats]:
    """Return touches and answers by channel of who was ever touched on it."""
    of_channel: dict[str, list[tuple[int, int, int]]] = {}
    for person_id, channel, touches, answers in contacts_counted(person_ids):
        of_channel.setdefault(channel, []).append((person_id, touches, answers))
    columns = {}
    for channel, rows in of_channel.items():
        found, touches, answers = np.array(rows, dtype=np.int64).T
        columns[f"touches_{channel}"] = spread(ids, found, touches.astype(np.float64))
        columns[f"answers_{channel}"] = spread(ids, found, answers.astype(np.float64))
    return columns


def _said(ids: Ints, person_ids: Collection[int] | None) -> dict[str, Floats]:
    """Return what texts say together and the day of the newest, of who wrote any."""
    persons, scores, days = moods_of(person_ids)
    return {"text_score": spread(ids, persons, scores), "text_day": spread(ids, persons, days)} if persons.size else {}


def _given(ids: Ints, as_of: date, person_ids: Collection[int] | None) -> dict[str, Floats]:
    """Return the inputs from outside: counted events, and the numbers of custom attributes that are called like the input."""
    found: dict[str, Sequence[tuple[int, float]]] = {}
    for type_code, name in COUNTED.items():
        if counts := event_counts(type_code, person_ids):
            found[name] = counts
    return _spread_all(ids, found | numbers_of(GIVEN - found.keys(), today=as_of, person_ids=person_ids))


def _custom(ids: Ints, as_of: date, person_ids: Collection[int] | None, names: Collection[str]) -> dict[str, Floats]:
    """Return the numbers of custom attributes and the counts, in the window, of custom events that are asked for by name."""
    if not names:
        return {}
    codes = [name.removeprefix(ATTRIBUTE) for name in names if name.startswith(ATTRIBUTE)]
    numbers = numbers_of(codes, today=as_of, person_ids=person_ids)
    found: dict[str, Sequence[tuple[int, float]]] = {f"{ATTRIBUTE}{code}": pairs for code, pairs in numbers.items()}
    since = day_start(Period.last_days(WINDOW_DAYS, as_of=as_of).start)
    for code in event_codes_usable(today=as_of):
        if f"{EVENT}{code}" in names:
            found[f"{EVENT}{code}"] = event_counts(code, person_ids, since=since)
    return _spread_all(ids, found)


def _spread_all(ids: Ints, found: Mapping[str, Sequence[tuple[int, float]]]) -> dict[str, Floats]:
    return {
        name: spread(ids, np.array([one[0] for one in pairs], dtype=np.int64), np.array([float(one[1]) for one in pairs]))
        for name, pairs in found.items()
    }


def _day(day: date | None) -> float:
    return np.nan if day is None else float((day - _EPOCH).days)

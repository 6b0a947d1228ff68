"""Inferred attributes: found where shopping tells them, refused where it does not; ages at their edges."""

from datetime import date

import numpy as np
import pytest

from huitou.core.value.demographics import AGE_BANDS, OF_AGE, age_on, birth_months, month_of_birth, of_age_on
from huitou.core.value.inferred import InferenceRefused, infer

NAN = np.nan


def shoppers(count: int, seed: int = 5):
    """Students buy often and late, the retired early and big; a third of every feature is noise."""
    rng = np.random.default_rng(seed)
    kind = np.arange(count) % 3
    features = np.column_stack((kind + rng.normal(0, 0.5, count), rng.normal(0, 1, count), rng.random(count)))
    features[rng.random(count) < 0.1, 1] = NAN
    return features, kind


@pytest.mark.accept("S26")
def test_an_attribute_that_shopping_tells_is_found_again_with_an_honest_confidence():
    features, kind = shoppers(3_000)
    found = infer(features[:2_000], kind[:2_000], features[2_000:])
    hits = found.values == kind[2_000:]
    assert hits.mean() > 0.6
    assert found.accuracy == pytest.approx(hits.mean(), abs=0.06)  # what the held-back said is what happens
    assert found.baseline == pytest.approx(1 / 3, abs=0.05)
    sure = found.confidence > 0.8
    assert hits[sure].mean() == pytest.approx(found.confidence[sure].mean(), abs=0.06)
    again = infer(features[:2_000], kind[:2_000], features[2_000:])
    assert np.array_equal(again.confidence, found.confidence)
    assert infer(features[:2_000], kind[:2_000], features[:0]).values.size == 0


@pytest.mark.parametrize(("reason", "count", "stated"), [
    ("few", 199, lambda kind, rng: kind),
    ("one", 300, lambda kind, rng: np.zeros_like(kind)),
    ("naive", 3_000, lambda kind, rng: (rng.random(kind.size) < 0.2).astype(int)),  # has nothing to do with shopping
    ("few", 300, lambda kind, rng: np.where(np.arange(kind.size) < 190, kind, -1)),
])  # fmt: skip
def test_nothing_is_inferred_where_too_few_said_it_or_guessing_is_as_good(reason, count, stated):
    features, kind = shoppers(count)
    with pytest.raises(InferenceRefused, match=reason):
        infer(features, stated(kind, np.random.default_rng(1)), features)


@pytest.mark.accept("S30")
@pytest.mark.parametrize(("born", "day", "age"), [
    (date(1990, 11, 22), date(2026, 11, 21), 35), (date(1990, 11, 22), date(2026, 11, 22), 36),
    (date(2004, 2, 29), date(2026, 2, 28), 21), (date(2004, 2, 29), date(2026, 3, 1), 22), (None, date(2026, 1, 1), None),
    (date(2026, 1, 2), date(2026, 1, 1), None), (date(1905, 12, 31), date(2026, 12, 30), 120),
    (date(1905, 12, 31), date(2026, 12, 31), None),
])  # fmt: skip
def test_age_is_that_of_the_day_and_unknown_is_no_number(born, day, age):
    assert age_on(born, day) == age


@pytest.mark.parametrize(("born", "day", "comes"), [
    ("2012-11-21", date(2026, 11, 20), date(2026, 11, 21)), ("2012-11-21", date(2026, 11, 21), None),  # the 14th birthday
    ("2012-02-29", date(2026, 2, 28), date(2026, 3, 1)), ("2012-02-29", date(2026, 3, 1), None),  # 2026 has no 29 February
    ("2026-11-21", date(2026, 11, 21), date(2040, 11, 21)), ("2026-11-22", date(2026, 11, 21), None),  # born today, tomorrow
    ("2010-02-28", date(2024, 2, 27), date(2024, 2, 28)), ("", date(2026, 1, 1), None), ("11-21", date(2026, 1, 1), None),
])  # fmt: skip
def test_a_child_is_under_age_until_the_fourteenth_birthday(born, day, comes):
    assert of_age_on(born, today=day) == comes
    if comes is not None:
        assert age_on(date.fromisoformat(born), day) < OF_AGE == age_on(date.fromisoformat(born), comes)


def test_bands_hold_every_age_once():
    day = date(2026, 12, 15)
    for age in range(121):
        month = date(day.year - age, 12, 1)
        bands = [band for band in AGE_BANDS if birth_months(band, day)[0] <= month <= birth_months(band, day)[1]]
        assert [band.low <= age <= band.high for band in bands] == [True], age
    assert birth_months(AGE_BANDS[1], date(2026, 3, 9)) == (date(2001, 4, 1), date(2008, 3, 1))
    assert month_of_birth("1990-05-17", today=day) == date(1990, 5, 1)
    for text in ("", "05-17", "1890-05-17", "2090-05-17"):
        assert month_of_birth(text, today=day) is None

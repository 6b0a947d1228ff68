"""The chance of a purchase within some days, and the date of the next one."""

from datetime import date, timedelta

import numpy as np
import pytest

from huitou.core.value import soon
from huitou.core.value.clv import NoForecast, Refusal
from huitou.core.value.clv.ledger import bought_between, every_nth, in_parts, ledger, seen_by
from huitou.core.value.soon.chance import area_under_curve
from huitou.core.value.soon.cycle import NoDate
from huitou.core.value.soon.features import features

AS_OF = date(2026, 6, 30)


def chain(seed=8, persons=5000, days=210, ahead=14):
    """Gamma rates; customers come and go all the time."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.8, 0.06, persons)
    comes = rng.integers(-200, days + ahead, persons)
    leaves = comes + rng.exponential(150, persons)
    day, person = np.nonzero(rng.random((days + ahead, persons)) < rate)
    stays = (day >= comes[person]) & (day < leaves[person])
    person, day = person[stays], day[stays]
    return {
        "person_id": person,
        "business_date": np.datetime64(AS_OF) - (days - 1) + day,
        "amount_fen": rng.integers(500, 9000, day.size),
    }


@pytest.fixture(scope="module")
def transactions():
    return chain()


@pytest.fixture(scope="module")
def found(transactions):
    return soon.chance(transactions, AS_OF, 14)


@pytest.mark.accept("S73")
def test_chances_order_customers_and_mean_what_they_say(transactions, found):
    book = ledger(transactions, AS_OF + timedelta(14))
    seen = seen_by(book, (AS_OF - date(1970, 1, 1)).days - book.epoch)
    assert (book.persons[seen.rows] == found.person_ids).all()
    bought = (bought_between(book, seen, 14) > 0).astype(float)
    assert found.refusal is None
    assert area_under_curve(found.chances, bought) > 0.75
    assert found.chances.mean() == pytest.approx(bought.mean(), abs=0.03)
    for part in np.array_split(np.argsort(found.chances), 4):
        assert found.chances[part].mean() == pytest.approx(bought[part].mean(), abs=0.05)


def test_the_test_of_chances_stands_before_what_it_is_compared_with(transactions, found):
    assert found.test.cutoff == AS_OF - timedelta(14)
    assert found.test.log_loss < found.test.base_log_loss
    assert sum(group.customers for group in found.test.groups) == found.test.customers
    later = {
        **transactions,
        "amount_fen": np.where(transactions["business_date"] > np.datetime64(AS_OF), 1, transactions["amount_fen"]),
    }
    assert (soon.chance(later, AS_OF, 14).chances == found.chances).all()


def test_chances_worse_than_the_base_rate_are_not_published():
    rng = np.random.default_rng(1)
    day, person = np.nonzero(rng.random((90, 300)) < 0.05)  # everybody alike: the past tells nothing about who comes
    alike = {"person_id": person, "business_date": np.datetime64(AS_OF) - 89 + day, "amount_fen": np.full(day.size, 100)}
    assert soon.chance(alike, AS_OF, 14).refusal is Refusal.NAIVE


@pytest.mark.parametrize(
    ("case", "persons", "days", "refusal"),
    [
        ("nobody", [], [], Refusal.NOBODY),
        ("short", [1, 2], [0, 50], Refusal.SHORT),
        ("quiet", range(200), range(200), Refusal.QUIET),
    ],
)
def test_a_past_without_an_answer_is_refused(case, persons, days, refusal):
    table = {
        "person_id": np.array(persons, dtype=int),
        "business_date": np.datetime64(AS_OF) - np.array(days, dtype=int),
        "amount_fen": np.ones(len(persons)),
    }
    with pytest.raises(NoForecast) as told:
        soon.chance(table, AS_OF, 14)
    assert told.value.refusal is refusal, case


def test_parts_of_a_ledger_say_the_same_as_the_whole(transactions):
    book = ledger(transactions, AS_OF)
    whole = features(book, seen_by(book, 200))
    parts = [features(part, seen_by(part, 200)) for part in in_parts(book, 700)]
    assert np.allclose(np.vstack(parts), whole)
    few = every_nth(book, 500)
    assert few.persons.tolist() == book.persons[:: -(-book.persons.size // 500)].tolist()
    assert np.allclose(features(few, seen_by(few, 209)), features(book, seen_by(book, 209))[:: -(-book.persons.size // 500)])


def planted_rhythm(seed, keys=400, spread=0.2):
    """Purchases with log-normal gaps around a rhythm per key; returns rows until day 300, and the first day after it."""
    rng = np.random.default_rng(seed)
    rhythm = np.exp(rng.normal(np.log(25), 0.4, keys))
    gaps = np.exp(np.log(rhythm)[:, None] + spread * rng.normal(size=(keys, 120)))
    days = np.ceil(rng.uniform(0, 20, keys)[:, None] + np.cumsum(gaps, axis=1)).astype(int)
    key = np.repeat(np.arange(keys), 120).reshape(days.shape)
    next_day = np.where(days > 300, days, 10**6).min(axis=1)
    return key[days <= 300], days[days <= 300], rhythm, next_day


@pytest.mark.accept("S74")
def test_planted_rhythms_and_next_dates_return():
    key, day, rhythm, next_day = planted_rhythm(4)
    found = soon.cycles(key, np.zeros_like(key), day, 300)
    assert np.median(np.abs(found.cycle_days / rhythm - 1)) < 0.06
    told = found.reason == ""
    assert told.mean() > 0.9
    error = np.abs(found.days_left - (next_day - 300))[told] / found.cycle_days[told]
    assert np.median(error) <= 0.25
    inside = ((next_day - 300 >= np.floor(found.low)) & (next_day - 300 <= np.ceil(found.high)))[told]
    assert 0.74 < inside.mean() < 0.92


@pytest.mark.parametrize(
    ("case", "days", "reason"),
    [("bought once", [290], NoDate.ONCE), ("long gone", [0, 10, 20, 30], NoDate.SILENT), ("on the way", [270, 280, 290], "")],
)
def test_a_date_or_the_reason_why_not(case, days, reason):
    found = soon.cycles(np.full(len(days), 5), np.zeros(len(days), dtype=int), np.array(days), 300)
    assert found.reason.tolist() == [reason], case
    assert np.isnan(found.days_left[0]) == (reason != "")


def test_a_key_with_one_purchase_takes_the_rhythm_of_its_category():
    key, day, _, _ = planted_rhythm(9, keys=60)
    found = soon.cycles(np.append(key, 99), np.zeros(key.size + 1, dtype=int), np.append(day, 295), 300)
    assert (found.keys[-1], found.gaps[-1], found.reason[-1]) == (99, 0, "")
    assert 20 < found.cycle_days[-1] < 31


def test_nobody_has_no_cycles_and_two_groups_of_a_key_are_refused():
    none = np.array([], dtype=int)
    assert soon.cycles(none, none, none, 5).keys.size == 0
    with pytest.raises(ValueError, match="one group"):
        soon.cycles(np.array([1, 1]), np.array([1, 2]), np.array([1, 2]), 5)

"""Forecasts: the ledger, the measures, the pieces, and the whole on simulated chains and on CDNOW."""

import importlib.util
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitou.core.value import clv
from huitou.core.value.clv.intervals import Spread
from huitou.core.value.clv.ledger import FOREVER, bought_between, credible_spend, faded, ledger, mean_spend, seen_by
from huitou.core.value.clv.recent import RecentRate, _likelihood
from huitou.core.value.clv.regression import Kind, Regression
from huitou.core.value.clv.scores import groups, rank_correlation, scored, top_share

AS_OF = date(2026, 6, 30)
DAYS = 270


def transactions(rows, *, as_of=AS_OF):
    """rows: (person, days before as_of, fen)."""
    person, ago, fen = (np.array(column) for column in zip(*rows, strict=True))
    return {"person_id": person, "business_date": np.datetime64(as_of) - ago, "amount_fen": fen}


def drifting_chain(seed=3, persons=1500, until=DAYS):
    """A grocery-like chain: gamma rates that change every 60 days; `until` days of it, the first 270 up to AS_OF."""
    rng = np.random.default_rng(seed)
    base = rng.gamma(1.0, 0.05, persons)
    who, when = [], []
    for start in range(0, until, 60):
        rate = base * rng.gamma(2.0, 0.5, persons)
        for day in range(start, min(start + 60, until)):
            bought = np.flatnonzero(rng.random(persons) < 1 - np.exp(-rate))
            who.append(bought)
            when.append(np.full(bought.size, day))
    person, day = np.concatenate(who), np.concatenate(when)
    fen = np.round(rng.gamma(4.0, 500 + 100 * (person % 30))).astype(np.int64) + 1
    return {"person_id": person, "business_date": np.datetime64(AS_OF) - (DAYS - 1) + day, "amount_fen": fen}


@pytest.fixture(scope="module")
def chain():
    return drifting_chain(until=DAYS + 60)


@pytest.fixture(scope="module")
def found(chain):
    return clv.forecast(chain, AS_OF, 60)


def test_a_day_is_one_purchase_and_a_day_of_returns_is_none():
    book = ledger(
        transactions([(7, 10, 500), (7, 10, 300), (7, 5, 900), (7, 5, -900), (3, 2, 100), (3, -1, 100), (9, 4, -50)]), AS_OF
    )
    assert book.persons.tolist() == [3, 7]
    assert book.net_fen.tolist() == [100, 800]
    assert (book.left_out, book.days) == (1, 9)


def test_history_at_a_day_knows_nothing_later():
    book = ledger(transactions([(1, 100, 10), (1, 90, 30), (1, 50, 50), (2, 40, 10)]), AS_OF)
    seen = seen_by(book, 20)
    assert [seen.rows.tolist(), seen.frequency.tolist(), seen.recency.tolist(), seen.age.tolist()] == [[0], [1], [10], [20]]
    assert bought_between(book, seen, 30).tolist() == [1]
    assert mean_spend(book, seen_by(book, 100)).tolist() == [40, 0]
    counts, exposure = faded(book, seen, 10.0)
    assert counts == pytest.approx([0.5])
    assert exposure == pytest.approx([(1 - 0.25) * 10 / np.log(2)])
    counts, exposure = faded(book, seen, FOREVER)
    assert [counts[0], exposure[0]] == pytest.approx([1, 20], rel=1e-6)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"person_id": [1], "business_date": ["2026-01-01"]}, "missing: amount_fen"),
        ({"person_id": [1, 2], "business_date": ["2026-01-01"], "amount_fen": [1]}, "one person, date and amount"),
        ({"person_id": [1], "business_date": ["2026-01-01"], "amount_fen": [np.nan]}, "finite"),
    ],
)
def test_broken_transactions_are_refused(broken, told):
    with pytest.raises(ValueError, match=told):
        clv.forecast(broken, AS_OF, 30)


@pytest.mark.parametrize(
    ("case", "rows", "horizon", "refusal"),
    [
        ("nobody", [(1, 3, -100)], 30, clv.Refusal.NOBODY),
        ("only the future", [(1, -3, 100)], 30, clv.Refusal.NOBODY),
        ("zero revenue", [(1, 3, 0), (2, 90, 0)], 30, clv.Refusal.NOBODY),
        ("too little history", [(1, 3, 100), (2, 40, 100)], 30, clv.Refusal.SHORT),
        ("too far ahead", [(1, 3, 100), (2, 89, 100)], 100, clv.Refusal.FAR),
        ("all one-time buyers", [(person, person % 200, 100) for person in range(400)], 30, clv.Refusal.QUIET),
    ],
)
def test_a_past_that_tells_nothing_is_refused_with_the_reason(case, rows, horizon, refusal):
    with pytest.raises(clv.NoForecast) as told:
        clv.forecast(transactions(rows), AS_OF, horizon)
    assert told.value.refusal is refusal, case


def test_scores_of_a_small_table():
    score = scored(np.array([1.0, 2.0, 0.5]), np.array([2.0, 2.0, 0.0]))
    assert (score.mae, score.rmse, score.bias) == pytest.approx((0.5, np.sqrt(1.25 / 3), -0.125))
    assert score.deviance == pytest.approx(2 * ((2 * np.log(2) - 1) + 0 + 0.5) / 3)
    assert score.rank == pytest.approx(0.8660254)
    assert rank_correlation(np.ones(3), np.arange(3.0)) is None
    assert scored(np.ones(2), np.zeros(2)).bias is None
    assert top_share(np.array([5.0, 1.0, 1.0, 1.0, 1.0]), np.array([3.0, 1, 0, 0, 0])) == pytest.approx(0.75)
    assert top_share(np.ones(4), np.arange(4.0)) == pytest.approx(0.2)
    assert [(group.customers, group.forecast) for group in groups(np.array([1.0, 3, 2]), np.zeros(3), 2)] == [(2, 2.5), (1, 1.0)]


def test_a_regression_returns_its_coefficients():
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(40_000, 2)) * [1.0, 3.0]
    linear = -0.5 + rows @ [0.4, -0.2]
    poisson = Regression.fit(Kind.POISSON, rows, rng.poisson(np.exp(linear)).astype(float), ridge=0)
    logistic = Regression.fit(Kind.LOGISTIC, rows, (rng.random(40_000) < 1 / (1 + np.exp(-linear))).astype(float), ridge=0)
    for model in (poisson, logistic):
        assert model.weights[1:] / model.spreads == pytest.approx([0.4, -0.2], abs=0.03)
    with pytest.raises(ValueError, match="nothing to learn"):
        Regression.fit(Kind.LOGISTIC, rows, np.ones(40_000))


def test_the_prior_of_the_recent_rate_returns():
    rng = np.random.default_rng(6)
    rate, days = rng.gamma(0.8, 1 / 200, 20_000), 60
    person = np.repeat(np.arange(20_000), rng.poisson(rate * 180))
    day = rng.integers(1, 181, person.size)
    first = {
        "person_id": np.concatenate((np.arange(20_000), person)),
        "business_date": np.concatenate((np.zeros(20_000, int), day)),
    }
    book = ledger(
        {
            **first,
            "business_date": np.datetime64("2026-01-01") + first["business_date"],
            "amount_fen": np.ones(person.size + 20_000),
        },
        date(2026, 6, 30),
    )
    prior = RecentRate.fit(book, 180, days).priors[-1]
    assert prior.converged
    assert prior.values == pytest.approx([0.8, 200], rel=0.08)  # several purchases of a day are one, which bends them a little


def test_the_derivatives_of_the_recent_rate_are_those_of_its_likelihood():
    rng = np.random.default_rng(2)
    data = rng.gamma(1, 2, 200), rng.uniform(1, 90, 200), rng.poisson(2, 200).astype(float), 30
    at = np.array([0.7, 20.0])
    _, gradient, hessian = _likelihood(at, *data)
    for i in range(2):
        step = np.eye(2)[i] * at[i] * 1e-5
        up, down = _likelihood(at + step, *data), _likelihood(at - step, *data)
        assert (up[0] - down[0]) / (2 * step[i]) == pytest.approx(gradient[i], rel=1e-5, abs=1e-8)
        assert (up[1] - down[1]) / (2 * step[i]) == pytest.approx(hessian[i], rel=1e-4, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(mean=st.floats(0.05, 30), phi=st.floats(0.01, 2))
def test_intervals_hold_four_of_five(mean, phi):
    rng = np.random.default_rng(1)
    m = mean * rng.gamma(2, 0.5, 4000)
    draw = lambda: np.minimum(rng.poisson(rng.gamma(1 / phi, phi * m)), 90).astype(float)  # noqa: E731
    low, high = Spread.fit(m, draw(), 90).intervals(m, 90)
    y = draw()
    assert ((low >= 0) & (low <= high) & (high <= 90)).all()
    held = ((y >= low) & (y <= high)).mean()
    assert held >= 0.75
    assert held <= max(0.85, (y == 0).mean() + 0.02)  # [0, 0] may hold more than four of five by itself


@pytest.mark.accept("S73")
def test_a_forecast_of_a_drifting_chain_beats_what_anybody_could_work_out(chain, found):
    assert found.refusal is None
    assert found.left_out == (chain["business_date"] > np.datetime64(AS_OF)).sum() > 0
    later = (chain["business_date"] > np.datetime64(AS_OF)) & np.isin(chain["person_id"], found.person_ids)
    actual = np.bincount(np.searchsorted(found.person_ids, chain["person_id"][later]), minlength=found.person_ids.size).astype(
        float
    )
    score = scored(found.purchases, actual)
    assert abs(score.bias) < 0.06
    held = ((actual >= found.low) & (actual <= found.high)).mean()
    assert 0.76 <= held <= 0.86
    best = min(row.purchases.deviance for row in found.backtest.rows if row.model.startswith("naive"))
    assert found.backtest.row(clv.Model.BLEND).purchases.deviance < best
    assert (found.value_fen > 0).all()
    assert np.isfinite(found.value_fen).all()


def test_the_backtest_shows_every_model_and_what_happened(chain, found):
    past = chain["business_date"] <= np.datetime64(AS_OF)
    tested = past & (chain["business_date"] > np.datetime64(AS_OF - timedelta(60)))
    known = np.isin(chain["person_id"], chain["person_id"][past & ~tested])
    assert found.backtest.purchases == (tested & known).sum()
    assert found.backtest.spend_fen == chain["amount_fen"][tested & known].sum()
    assert [row.model for row in found.backtest.rows] == list(clv.Model)
    assert sum(group.customers for group in found.backtest.deciles) == found.backtest.customers
    assert max(row.spend.top for row in found.backtest.rows if row.spend) <= found.backtest.top_most < 1
    forecasts = [group.forecast for group in found.backtest.deciles]
    assert forecasts == sorted(forecasts, reverse=True)


def test_nothing_depends_on_the_order_of_transactions(chain, found):
    order = np.random.default_rng(1).permutation(chain["person_id"].size)
    other = clv.forecast({name: column[order] for name, column in chain.items()}, AS_OF, 60)
    assert other.models == found.models
    assert (other.purchases == found.purchases).all()


def test_where_customers_spend_alike_everybody_gets_the_mean(chain):
    few = {name: column[chain["person_id"] < 300] for name, column in chain.items()}
    same = clv.forecast({**few, "amount_fen": np.full(few["person_id"].size, 1500)}, AS_OF, 60)
    assert same.spend_fen == pytest.approx(1500)
    assert "same" in same.spend_reason


def test_credibility_weighs_the_own_mean_by_how_much_customers_differ():
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(4000), 6)
    own = rng.normal(5000, 400, 4000)
    fen = rng.normal(own[person], 1000)
    book = ledger(
        {"person_id": person, "business_date": np.datetime64(AS_OF) - np.tile(np.arange(6), 4000), "amount_fen": fen}, AS_OF
    )
    seen = seen_by(book, 5)
    mean = mean_spend(book, seen)
    weight = 5 * 400**2 / (5 * 400**2 + 1000**2)
    assert credible_spend(book, seen, mean) == pytest.approx(5000 + weight * (mean - 5000), rel=0.02)


@pytest.mark.accept("S73")
def test_a_chain_whose_naive_forecast_is_better_is_not_published():
    clockwork = [(person, ago, 100) for person in range(300) for ago in range(person % 5, 260, 5 + 3 * (person % 20))]
    found = clv.forecast(transactions(clockwork), AS_OF, 85)
    assert found.refusal is clv.Refusal.NAIVE


def test_models_that_fit_nothing_are_refused():
    clockwork = [(person, ago, 100) for person in range(60) for ago in range(person % 7, 210, 7 + person % 3)]
    with pytest.raises(clv.NoForecast, match="edge") as told:
        clv.forecast(transactions(clockwork), AS_OF, 63)
    assert told.value.refusal is clv.Refusal.UNFIT


def test_cdnow_is_forecast_better_than_by_its_dropout_model():
    package = importlib.util.find_spec("lifetimes")
    if package is None:
        pytest.skip("the package lifetimes, which holds the CDNOW table, is not installed")
    lines = (Path(package.origin).parent / "datasets" / "CDNOW_sample.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line.strip()]
    table = {
        "person_id": np.array([int(row[0]) for row in rows]),
        "business_date": np.array([f"{row[2][:4]}-{row[2][4:6]}-{row[2][6:]}" for row in rows], dtype="datetime64[D]"),
        "amount_fen": np.array([round(float(row[4]) * 100) for row in rows]),
    }
    as_of = date(1997, 9, 30)
    forecast = clv.forecast(table, as_of, 273)
    full = ledger(table, as_of + timedelta(273))
    actual = bought_between(full, seen_by(full, (as_of - date(1997, 1, 1)).days), 273)
    score = scored(forecast.purchases, actual)
    assert score.deviance <= 1.53
    assert abs(score.bias) <= 0.05
    assert score.rmse < 1.608  # of BG/NBD
    assert 0.77 <= ((actual >= forecast.low) & (actual <= forecast.high)).mean() <= 0.83

"""BG/NBD, MBG/NBD and Gamma-Gamma: published figures, recovery, derivatives, and input that tells nothing."""

import csv
import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitou.core.value.clv import BGNBD, MBGNBD, GammaGamma
from huitou.core.value.clv.histories import grouped, histories, sample
from huitou.core.value.clv.spend import _likelihood as spend_likelihood
from huitou.core.value.clv.spend import spending
from huitou.core.value.rfm import Purchases


@pytest.fixture(scope="module")
def cdnow():
    found = importlib.util.find_spec("lifetimes")
    if found is None:
        pytest.skip("the package lifetimes, which holds the CDNOW table, is not installed")
    path = Path(found.origin).parent / "datasets" / "cdnow_customers_summary_with_transactions.csv"
    with path.open() as rows:
        table = list(csv.DictReader(rows))
    return {name: np.array([float(row[name]) for row in table]) for name in ("x", "t_x", "T", "zbar")}


def simulate(seed, n=20_000, *, r=0.6, alpha=20.0, a=0.9, b=2.5, at_first=False):
    """Return (frequency, recency, T) of n customers who live by the model itself."""
    rng = np.random.default_rng(seed)
    age = rng.integers(100, 400, n).astype(float)
    rate, drop = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, last = np.zeros(n), np.zeros(n)
    alive = rng.random(n) >= drop if at_first else np.ones(n, bool)
    while alive.any():
        due = last + rng.exponential(1 / np.maximum(rate, 1e-12))
        alive &= due <= age
        x, last = x + alive, np.where(alive, due, last)
        alive &= rng.random(n) >= drop
    return x, last, age


def test_cdnow_gives_the_published_parameters(cdnow):
    model = BGNBD.fit(cdnow["x"], cdnow["t_x"], cdnow["T"])
    assert model.fitted.converged
    assert model.fitted.values == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert (model.fitted.errors > 0).all()


def test_cdnow_gives_the_published_spend(cdnow):
    model = GammaGamma.fit(cdnow["x"], cdnow["zbar"])
    assert model.fitted.values == pytest.approx([6.25, 3.74, 15.44], abs=1e-2)


@pytest.mark.parametrize(("kind", "at_first"), [(BGNBD, False), (MBGNBD, True)])
def test_a_simulated_population_gives_its_parameters_back(kind, at_first):
    model = kind.fit(*simulate(7, at_first=at_first))
    assert model.fitted.converged
    assert (np.abs(model.fitted.values - [0.6, 20.0, 0.9, 2.5]) < 4 * model.fitted.errors).all()


def test_simulated_spend_gives_its_parameters_back():
    rng = np.random.default_rng(8)
    count = rng.integers(1, 9, 20_000)
    mean = rng.gamma(6.0 * count, 1 / (count * rng.gamma(4.0, 1 / 15.0, count.size)))
    fitted = GammaGamma.fit(count, mean).fitted
    assert fitted.converged
    assert (np.abs(fitted.values - [6.0, 4.0, 15.0]) < 4 * fitted.errors).all()
    assert fitted.values == pytest.approx([6.0, 4.0, 15.0], rel=0.1)


def test_random_populations_all_converge():
    rng = np.random.default_rng(11)
    for seed in range(20):
        r, a, b = rng.uniform(0.2, 2), rng.uniform(0.3, 2), rng.uniform(1, 5)
        fitted = BGNBD.fit(*simulate(seed, 3000, r=r, alpha=rng.uniform(5, 60), a=a, b=b)).fitted
        assert fitted.converged, fitted.reason


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD])
def test_the_derivatives_are_those_of_the_likelihood(kind):
    data = grouped(histories(*simulate(3, 500)))
    assert_derivatives(lambda values: kind._likelihood(values, data), np.array([0.7, 15.0, 0.8, 2.0]))


def test_the_derivatives_of_spend_are_those_of_its_likelihood():
    rng = np.random.default_rng(2)
    data = spending(rng.integers(1, 9, 300).astype(np.int32), rng.gamma(3, 10, 300))
    assert_derivatives(lambda values: spend_likelihood(values, data), np.array([4.0, 3.0, 20.0]))


def assert_derivatives(likelihood, at):
    _, gradient, hessian = likelihood(at)
    for i in range(at.size):
        step = np.zeros(at.size)
        step[i] = 1e-5 * at[i]
        up, down = likelihood(at + step), likelihood(at - step)
        assert (up[0] - down[0]) / (2 * step[i]) == pytest.approx(gradient[i], rel=1e-5, abs=1e-8)
        assert (up[1] - down[1]) / (2 * step[i]) == pytest.approx(hessian[i], rel=1e-4, abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(5, 7)), min_size=1, max_size=60),
    unit=st.sampled_from([1.0, 1 / 7]),
)
def test_groups_hold_every_customer_once(rows, unit):
    rows = [*rows, (0, 0, 6)]
    x, last, age = (np.array(column, float) for column in zip(*rows, strict=True))
    groups = grouped(histories(x, last * unit, age * unit))
    found = {
        (int(k), round(groups.times[t] / unit), round(groups.times[T] / unit)): int(n)
        for k, t, T, n in zip(groups.frequency, groups.recency, groups.age, groups.counts, strict=True)
    }
    assert found == {row: rows.count(row) for row in rows}
    assert groups.frequency[: groups.first_repeat].tolist() == [0]
    assert groups.purchases_by_age.sum() == x.sum()
    assert sample(groups, 10).counts.sum() == pytest.approx(min(10, len(rows)), abs=1)


def test_the_sampled_start_leads_to_the_same_maximum():
    rng = np.random.default_rng(4)
    x, last, age = simulate(4, 70_000)
    few = rng.permutation(x.size)[:50_000]
    for part in (slice(None), few):
        model = BGNBD.fit(x[part], last[part], age[part])
        assert model.fitted.converged
        gradient = BGNBD._likelihood(model.fitted.values, grouped(histories(x[part], last[part], age[part])))[1]
        assert np.abs(gradient * model.fitted.values).max() < 1e-8


@pytest.fixture(scope="module")
def fitted_models():
    return [BGNBD.fit(*simulate(5)), MBGNBD.fit(*simulate(5, at_first=True))]


@settings(max_examples=60, deadline=None)
@given(x=st.integers(0, 500), share=st.floats(0.01, 1), age=st.floats(1, 2000), horizon=st.floats(0, 1000))
def test_forecasts_stay_within_what_can_be(fitted_models, x, share, age, horizon):
    recency = share * age if x else 0.0
    for model in fitted_models:
        alive = model.alive([x], [recency], [age])[0]
        near, far = (model.expected_purchases(days, [x], [recency], [age])[0] for days in (horizon, horizon + 10))
        assert 0 <= alive <= 1
        assert 0 <= near <= far < np.inf


def test_the_order_of_customers_changes_nothing():
    x, last, age = simulate(9, 2000)
    order = np.random.default_rng(1).permutation(x.size)
    model, other = BGNBD.fit(x, last, age), BGNBD.fit(x[order], last[order], age[order])
    assert (model.fitted.values == other.fitted.values).all()
    assert (model.alive(x, last, age)[order] == other.alive(x[order], last[order], age[order])).all()


def test_one_time_buyers_alone_tell_no_model():
    model = BGNBD.fit([0, 0], [0, 0], [30, 60])
    assert (model.fitted.converged, model.fitted.reason) == (False, "nobody bought twice")
    with pytest.raises(ValueError, match="nobody bought twice"):
        model.alive([0], [0], [30])


@pytest.mark.parametrize(
    ("frequency", "mean", "reason"),
    [
        ([0, 0], [0, 0], "fewer than two"),
        ([1, 2], [0, 0], "fewer than two"),
        ([1, 2, 3], [50, 50, 50], "same"),
    ],
)
def test_spend_without_news_is_refused_with_the_reason(frequency, mean, reason):
    model = GammaGamma.fit(frequency, mean)
    assert not model.fitted.converged
    assert reason in model.fitted.reason
    with pytest.raises(ValueError, match=reason):
        model.expected_value(frequency, mean)


@pytest.mark.parametrize(
    ("history", "told"),
    [
        (([], [], []), "one at least"),
        (([1], [5], [4]), "after the day"),
        (([1.5], [2], [4]), "whole number"),
        (([1], [0], [4]), "exactly where"),
        (([1], [float("nan")], [4]), "finite"),
        (([1, 2], [1], [4]), "as many"),
    ],
)
def test_bad_histories_are_refused(history, told):
    with pytest.raises(ValueError, match=told):
        BGNBD.fit(*history)


def test_importing_the_models_brings_no_scipy():
    heavy = "('scipy', 'numba', 'pyarrow', 'duckdb')"
    code = f"import sys, huitou.core, huitou.core.value.clv; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_published_interface_is_there():
    from huitou.core import value

    assert value.rfm(Purchases(*np.ones((4, 1), dtype=np.int64)), as_of=date(2026, 1, 1)).total.tolist() == [9]
    assert value.clv.BGNBD is BGNBD

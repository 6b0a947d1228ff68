"""Pasts that tell little or nothing: every part gives a finite value or says why not, and warns of nothing on the way."""

from datetime import date

import numpy as np
import pytest

from huitou.core.value import clv, soon
from huitou.core.value.scoring import Facts, Rules, RunCuts, cuts_drawn, scored
from huitou.core.value.templates import SHIPPED

pytestmark = pytest.mark.filterwarnings("error")
AS_OF = date(2026, 6, 30)
TODAY = (AS_OF - date(1970, 1, 1)).days
DRAWN = np.random.default_rng(0)
WHO, AGO = DRAWN.integers(0, 400, 6_000), DRAWN.integers(0, 300, 6_000)
PASTS = {
    "nothing": (np.zeros(0, dtype=int),) * 3,
    "too little history": (np.arange(500), np.zeros(500, dtype=int), np.full(500, 100)),
    "all one-time buyers": (np.arange(600), np.arange(600) % 290, np.full(600, 100)),
    "constant spend": (WHO, AGO, np.full(6_000, 500)),
    "huge spend": (WHO, AGO, np.full(6_000, 9 * 10**14)),
    "zero revenue": (WHO, AGO, np.where(np.arange(6_000) % 2, 0, -500)),
    "returns above the sales": (np.tile(WHO, 2), np.tile(AGO, 2), np.repeat([500, -900], 6_000)),
    "only the future": (WHO, -AGO - 1, np.full(6_000, 500)),
    "one customer": (np.zeros(100, dtype=int), np.arange(100) * 3, np.full(100, 700)),
    "everybody every day": (np.repeat(np.arange(60), 300), np.tile(np.arange(300), 60), np.full(18_000, 100)),
    "twice on the first two days": (np.repeat(np.arange(300), 2), np.tile([299, 298], 300), np.full(600, 100)),
}


def past(name):
    person, ago, fen = PASTS[name]
    return {"person_id": person, "business_date": np.datetime64(AS_OF) - ago, "amount_fen": fen}


def told(call, *given):
    """Return the answer, or the refusal instead of raising it."""
    try:
        return call(*given)
    except clv.NoForecast as refused:
        return refused


@pytest.mark.parametrize("name", PASTS)
@pytest.mark.parametrize("days", [30, 90])
def test_a_forecast_is_finite_or_refused_with_its_reason(name, days):
    found = told(clv.forecast, past(name), AS_OF, days)
    if isinstance(found, clv.NoForecast):
        assert found.refusal in clv.Refusal
        assert str(found)
        return
    assert np.isfinite(found.purchases).all()
    assert (found.purchases >= 0).all()
    assert found.value_fen is None or (np.isfinite(found.value_fen).all() and (found.value_fen >= 0).all())


@pytest.mark.parametrize("name", PASTS)
def test_a_chance_is_a_share_or_refused_with_its_reason(name):
    found = told(soon.chance, past(name), AS_OF, 30)
    if isinstance(found, clv.NoForecast):
        assert found.refusal in clv.Refusal
        return
    assert ((found.chances >= 0) & (found.chances <= 1)).all()


@pytest.mark.parametrize("name", PASTS)
def test_a_next_date_is_there_or_its_reason_is(name):
    person, ago, _ = PASTS[name]
    found = soon.cycles(person, np.zeros_like(person), TODAY - ago, TODAY)
    assert (np.isnan(found.days_left) == (found.reason != "")).all()
    assert (found.days_left[found.reason == ""] >= 1).all()


def everybody(size=300, **other):
    """Customers who bought once for 5 yuan, 15 days ago, but for what is said otherwise."""
    usual = {
        "first_day": TODAY - 15, "last_day": TODAY - 15, "orders_count": 1, "orders_365d": 1, "order_days": 1, "net_fen": 500,
        "net_365d_fen": 500, "net_90d_fen": 500, "clv_12m_fen": 500, "lines_count": 1, "discounted_lines": 0,
        "top_category_fen": 500, "items_milli": 1_000, "online_orders": 0,
    }  # fmt: skip
    return Facts(np.arange(1, size + 1), {name: np.full(size, float(value)) for name, value in (usual | other).items()})


CROWDS = {
    "nobody": everybody(0),
    "nobody bought": Facts(np.arange(1, 301), {}),
    "all the same": everybody(),
    "zero revenue": everybody(net_fen=0, net_365d_fen=0, net_90d_fen=0, top_category_fen=0, clv_12m_fen=np.nan),
    "returned for more": everybody(net_fen=-5, net_365d_fen=-5, net_90d_fen=-50, top_category_fen=-5, clv_12m_fen=np.nan),
    "last bought tomorrow": everybody(last_day=TODAY + 1),
    "first bought tomorrow": everybody(first_day=TODAY + 1, last_day=TODAY + 1),
}


@pytest.mark.parametrize("name", CROWDS)
def test_every_tag_and_tier_of_a_strange_crowd_is_a_number_or_no_answer(name):
    rules = Rules(tuple(SHIPPED.values()))
    cuts = RunCuts.from_json(cuts_drawn(CROWDS[name], rules, as_of=AS_OF, month="2026-07", hours=[0] * 24).to_json())
    columns, places = scored(CROWDS[name], rules, cuts)
    assert all(np.isfinite(values[~np.isnan(values)]).all() for values in columns.values())
    assert all(((one >= -1) & (one < len(SHIPPED[code].tiers))).all() for code, one in places.items())
    if name in ("nobody bought", "zero revenue", "returned for more"):
        assert np.isnan(columns["rfm_total"]).all()
        assert np.isnan(columns["average_ticket_fen"]).all()
        assert (places["pyramid"] == -1).all()

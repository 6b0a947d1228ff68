"""Edges over everybody and places by them: exact shares, ties, margins, the grid, mood, and every limit of the templates."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.value.test_scheme import NAN, codes, people

from huitou.core.value.placing import People
from huitou.core.value.templates import SHIPPED

PYRAMID, GRID, RFMS = SHIPPED["pyramid"], SHIPPED["six_classes"], SHIPPED["rfms"]
A, B = (replace(PYRAMID.tiers[0], code=code, share=0.5) for code in "AB")
HALVES = replace(PYRAMID, tiers=(A, B))


@pytest.mark.accept("S56")
@pytest.mark.parametrize("value", [range(10_000), [5] * 10_000], ids=["all differ", "all tie"])
def test_the_pyramid_cuts_ten_thousand_exactly(value):
    found = codes(PYRAMID, people(10_000, clv_12m_fen=value))
    assert [found.count(code) for code in PYRAMID.codes] == [200, 1_800, 3_000, 5_000]
    best = range(200) if value[0] else range(9_800, 10_000)  # equal value and revenue: the lower id is better
    assert {found[place] for place in best} == {"DIAMOND"}


def test_the_best_tier_of_very_few_is_empty():
    assert codes(PYRAMID, people(20, clv_12m_fen=range(20, 0, -1))).index("CORE") == 0
    assert codes(PYRAMID, people(25, clv_12m_fen=range(25, 0, -1)))[:2] == ["DIAMOND", "CORE"]  # half a person is one


def test_ties_go_by_revenue_then_by_the_lower_id():
    four = people(4, clv_12m_fen=[7, 7, 7, 7])
    assert codes(HALVES, People(four.person_ids, np.array([1, 1, 1, 9]), four.inputs)) == ["A", "B", "B", "A"]


@given(st.lists(st.integers(0, 5), max_size=80))
def test_everybody_stands_in_one_tier_and_nobody_better_stands_below(values):
    found = codes(PYRAMID, people(len(values), clv_12m_fen=values))
    order = sorted(range(len(values)), key=lambda place: (-values[place], place))
    told = [PYRAMID.codes.index(found[place]) for place in order]
    assert told == sorted(told)


@pytest.mark.parametrize(("margin", "last"), [(0.0, 50), (0.05, 55), (0.1, 60)])
def test_hysteresis_keeps_who_fell_just_below_the_edge_and_nobody_further(margin, last):
    """Of a hundred who all were in the better half, ranked by value."""
    crowd = people(100, clv_12m_fen=range(100, 0, -1))
    for held, stay in ((0, last), (-1, 50)):  # who was in no tier is not kept
        found = codes(replace(HALVES, keep_margin=margin), crowd, before=np.full(100, held, dtype=np.int8))
        assert found == ["A"] * stay + ["B"] * (100 - stay), held


@pytest.mark.accept("S51")
def test_the_grid_puts_everybody_into_one_of_six_classes():
    """Ten people: the two with the highest predicted value are the top 20 %; totals at 12/11 and 8/7."""
    ten = people(10, clv_12m_fen=[100, 90, *[1] * 8], rfm_total=[12, 11, 12, 11, 8, 7, 15, 3, 8, 7])
    assert codes(GRID, ten) == [
        "HIGH_ACTIVE", "PROMISING", "STEADY", "LOW_VALUE", "LOW_VALUE", "WIN_BACK", "STEADY", "WIN_BACK", "LOW_VALUE", "WIN_BACK",
    ]  # fmt: skip
    high = people(10, clv_12m_fen=[100, 90, *[1] * 8], rfm_total=[8, 7, *[9] * 8])
    assert codes(GRID, high)[:2] == ["PROMISING", "HIGH_AT_RISK"]


@pytest.mark.accept("S51")
@pytest.mark.parametrize("value", [range(1_000), [7] * 1_000], ids=["all differ", "all tie"])
def test_of_a_thousand_exactly_200_are_high_and_everybody_is_in_one_class(value):
    found = codes(GRID, people(1_000, clv_12m_fen=value, rfm_total=np.arange(1_000) % 13 + 3))
    counts = [found.count(code) for code in GRID.codes]
    assert (sum(counts), sum(counts[:3])) == (1_000, 200)
    assert min(counts) > 0
    best = range(200) if value[0] else range(800, 1_000)
    assert {found[place] for place in best} == set(GRID.codes[:3])


@pytest.mark.accept("S55")
def test_a_mood_at_the_limit_costs_nothing_and_one_below_it_a_grade():
    crowd = people(10, rfm_total=[15, 14, *[9] * 8], mood=[-0.2, -0.2001, *[NAN] * 8])
    assert codes(RFMS, crowd)[:2] == ["A", "B"]


LIMITS = [
    ("lifecycle", "NEW", {"orders_count": 1}, {"days_since_first": 30}),
    ("lifecycle", "ACTIVE", {"orders_count": 1}, {"days_since_purchase": 89}),
    ("lifecycle", "DORMANT", {"orders_count": 1}, {}),
    ("finance", "VIP", {"assets_fen": 500_000_000, "trades": 24, "services": 12}, {}),
    ("finance", "PLATINUM", {"assets_fen": 100_000_000, "trades": 12, "services": 6}, {}),
    ("finance", "GOLD", {"assets_fen": 30_000_000, "trades": 6, "services": 3}, {}),
    ("finance", "SILVER", {"assets_fen": 5_000_000, "trades": 2, "services": 1}, {}),
    ("automotive", "HIGH", {"vehicles": 2, "model_level": 2, "maintenances": 2}, {}),
    ("automotive", "MID", {"vehicles": 1, "maintenances": 1}, {}),
    ("hotel", "LOYAL", {"stays": 12, "stay_spend_fen": 1_500_000}, {}),
    ("hotel", "REGULAR", {"stays": 3}, {}),
    ("hotel", "NEW", {"stays": 1}, {}),
    ("ecommerce", "CORE", {"orders_365d": 6, "net_365d_fen": 200_000}, {"days_since_purchase": 89}),
    ("ecommerce", "ACTIVE", {"orders_count": 1}, {"days_since_purchase": 89}),
    ("ecommerce", "PROSPECT", {"interaction_power": 1}, {"orders_count": 0}),
    ("education", "COMMITTED", {"courses": 2, "lessons": 20, "progress": 60}, {}),
    ("education", "LEARNING", {"courses": 1, "lessons": 5}, {}),
    ("education", "STARTING", {"lessons": 1}, {}),
]


@pytest.mark.accept("S52", "S60", "S61", "S62", "S63", "S64")
@pytest.mark.parametrize(("scheme", "tier", "least", "most"), LIMITS)
def test_a_tier_of_a_template_is_reached_at_its_limits_and_missed_by_one_at_each(scheme, tier, least, most):
    one, at = SHIPPED[scheme], {**least, **most}
    beside = [at | {name: at[name] + (-1 if name in least else 1)} for name in at]
    crowd = people(1 + len(at), **{name: [row[name] for row in (at, *beside)] for name in at})
    reached, *missed = (one.codes.index(code) for code in codes(one, crowd))
    assert one.codes[reached] == tier
    assert min(missed) > reached


def test_every_limit_of_the_templates_is_among_them():
    told = {(scheme, tier): (least, most) for scheme, tier, least, most in LIMITS}
    for scheme in {code for code, *_ in LIMITS}:
        for tier in SHIPPED[scheme].tiers[:-1]:
            assert told[scheme, tier.code] == (tier.at_least, tier.at_most)

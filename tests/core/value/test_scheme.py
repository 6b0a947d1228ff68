"""Schemes as tables: refused with a reason when they cannot sort people, exact at their edges, the same for few and for all."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.value.inputs import INPUTS
from huitou.core.value.placing import Edges, People, edges_cut, places
from huitou.core.value.scheme import check_scheme, scheme_json, scheme_read
from huitou.core.value.scoring import Facts, Rules, RunCuts, cuts_drawn, hour_of, people_of, scored
from huitou.core.value.templates import ACTIVE_FROM_START, SHIPPED, schemes_read
from huitou.core.value.tiers import SchemeInvalid
from huitou.core.value.traits import INTERACTION_WEIGHTS, interaction_power
from huitou.core.value.upgrade import gap_up

VALUE_PYRAMID, THREE_POWERS, RFMS, FINANCE_SCHEME, AUTOMOTIVE, HOTEL, ECOMMERCE, EDUCATION = (
    SHIPPED[code] for code in ("pyramid", "three_powers", "rfms", "finance", "automotive", "hotel", "ecommerce", "education")
)
NAN = np.nan


def people(size, **columns):
    inputs = {name: np.full(size, NAN) for name in INPUTS} | {"rfm_total": np.full(size, 9.0)}
    inputs |= {name: np.array(values, dtype=float) for name, values in columns.items()}
    return People(np.arange(1, size + 1), np.nan_to_num(inputs["clv_12m_fen"]).astype(np.int64), inputs)


def codes(scheme, crowd, **options):
    found = places(scheme, crowd, edges_cut(scheme, crowd), **options)
    return ["" if place < 0 else scheme.codes[place] for place in found]


@pytest.mark.parametrize("scheme", SHIPPED.values(), ids=lambda scheme: scheme.code)
def test_every_shipped_scheme_is_sound_and_survives_its_stored_form(scheme):
    check_scheme(scheme)
    assert scheme_read(json.loads(json.dumps(scheme_json(scheme)))) == scheme
    assert all(tier.goal.zh and tier.service.zh and tier.upgrade.zh for tier in scheme.tiers)


ROW = {"scheme": "x", "label_zh": "甲", "label_en": "X", "kind": "shares", "recut": "nightly", "weights": "rfm_total=1",
       "drop_at_most": "", "mood_below": "", "from_start": ""}  # fmt: skip
TIER = {"scheme": "x", "tier": "ALL", "cost_yuan": "", "share": "1", "at_least": "", "at_most": ""} | {
    f"{name}_{language}": "." for name in ("label", "goal", "service", "upgrade") for language in ("zh", "en")
}


def test_five_schemes_are_in_force_from_the_start_and_the_industries_wait():
    assert [scheme.code for scheme in ACTIVE_FROM_START] == list(SHIPPED)[:5]
    assert schemes_read([ROW | {"from_start": "yes"}], [TIER])[1] == {"x"}


@pytest.mark.parametrize(
    ("case", "schemes", "tiers", "reason"),
    [
        ("a scheme twice", [ROW, ROW], [TIER], "code_twice"),
        ("a tier of no scheme", [ROW], [TIER, TIER | {"scheme": "y"}], "no_scheme"),
        ("a share in words", [ROW], [TIER | {"share": "half"}], "unreadable"),
        ("an unknown kind", [ROW | {"kind": "guess"}], [TIER], "unreadable"),
        ("a word in one language", [ROW | {"label_en": ""}], [TIER], "unreadable"),
        ("shares that make no whole", [ROW], [TIER | {"share": "0.9"}], "shares_not_whole"),
    ],
)
def test_a_table_of_schemes_that_cannot_be_read_is_refused(case, schemes, tiers, reason):
    with pytest.raises(SchemeInvalid) as refused:
        schemes_read(schemes, tiers)
    assert refused.value.reason == reason, case


def changed(scheme, place, **values):
    tiers = list(scheme.tiers)
    tiers[place] = replace(tiers[place], **values)
    return scheme_json(replace(scheme, tiers=tuple(tiers)))


@pytest.mark.parametrize(("table", "reason"), [
    (changed(VALUE_PYRAMID, 0, share=0.03), "shares_not_whole"),
    (changed(VALUE_PYRAMID, 0, share=0.0), "share_out_of_range"),
    (changed(VALUE_PYRAMID, 0, code="diamond"), "bad_code"),
    (changed(VALUE_PYRAMID, 0, code="CORE"), "code_twice"),
    (changed(VALUE_PYRAMID, 0, cost_fen=-1), "negative_cost"),
    (scheme_json(replace(VALUE_PYRAMID, weights={"shoe_size": 1.0})), "input_missing"),
    (scheme_json(replace(VALUE_PYRAMID, weights={"attribute_": 1.0})), "input_missing"),
    (scheme_json(replace(VALUE_PYRAMID, weights={"event_Shoe": 1.0})), "input_missing"),
    (changed(FINANCE_SCHEME, 0, at_least={"attribute.shoe": 1}), "input_missing"),
    (scheme_json(replace(THREE_POWERS, weights={"spending_power": 0.5, "attribute_shoe": 0.5})), "weight_not_mixable"),
    (scheme_json(replace(VALUE_PYRAMID, weights={})), "no_inputs"),
    (scheme_json(replace(THREE_POWERS, weights={"spending_power": 0.5, "mood": 0.5})), "weight_not_mixable"),
    (scheme_json(replace(THREE_POWERS, weights={"spending_power": 0.5, "potential_power": 0.4})), "weights_not_whole"),
    (changed(FINANCE_SCHEME, 4, at_least={"trades": 1}), "last_tier_asks"),
    (changed(FINANCE_SCHEME, 1, at_least={"assets_fen": 9e9, "trades": 30, "services": 20}), "tier_unreachable"),
    (changed(ECOMMERCE, 1, at_least={"orders_count": 3}, at_most={"orders_count": 2}), "tier_unreachable"),
    ({"code": "X"}, "unreadable"),
])  # fmt: skip
def test_a_table_that_cannot_sort_people_is_refused_with_its_reason(table, reason):
    with pytest.raises(SchemeInvalid) as refused:
        scheme_read(table)
    assert refused.value.reason == reason


def test_what_a_chain_defined_itself_sorts_people_by_thresholds_and_by_shares():
    scheme = scheme_read(changed(FINANCE_SCHEME, 0, at_least={"attribute_shoe": 44}))
    assert scheme.custom_inputs == {"attribute_shoe"}
    facts = Facts(np.arange(1, 4), {"attribute_shoe": np.array([43.9, 44.0, NAN])})
    for columns, expected in ((facts, ["", "VIP", ""]), (Facts(facts.person_ids, {}), [""] * 3)):
        crowd = people_of(columns, Rules([scheme]), RunCuts(date(2026, 11, 21), None, {}, "2026-11"))
        assert [code if code == "VIP" else "" for code in codes(scheme, crowd)] == expected
    ranked = scheme_read(scheme_json(replace(VALUE_PYRAMID, weights={"event_visit": 1.0}, mood_below=None)))
    crowd = people(50, event_visit=range(50))
    assert codes(ranked, crowd)[-1] == "DIAMOND"


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.data())
def test_placing_a_few_by_the_edges_of_all_gives_what_placing_all_gives(values, data):
    crowd = people(len(values), clv_12m_fen=values, mood=[0.0] * len(values), rfm_total=[3 + value for value in values])
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    for scheme in (VALUE_PYRAMID, RFMS, SHIPPED["six_classes"]):
        edges = Edges.from_json(json.loads(json.dumps(edges_cut(scheme, crowd).to_json())))
        whole = places(scheme, crowd, edges)
        few = places(scheme, crowd.only(chosen, list(INPUTS)), edges)
        assert few.tolist() == whole[chosen].tolist()


def test_who_would_fall_stays_within_the_margin_and_no_further():
    scheme = replace(VALUE_PYRAMID, keep_margin=0.05)
    crowd = people(100, clv_12m_fen=range(100, 0, -1))
    before = np.full(100, -1, dtype=np.int8)
    before[[24, 25]] = 1  # CORE before; ranks 25 and 26, the edge is 20, the margin 5
    found = codes(scheme, crowd, before=before)
    assert (found[24], found[25], found[23]) == ("CORE", "POTENTIAL", "POTENTIAL")


@pytest.mark.accept("S55")
def test_low_mood_costs_one_grade_and_nobody_falls_two_in_a_run():
    crowd = people(10, rfm_total=[15, 14, 13, 12, 11, 10, 9, 8, 7, 6], mood=[-0.9, 0.9, *[NAN] * 8])
    found = codes(RFMS, crowd)
    assert found[:3] == ["B", "A", "B"]
    before = np.zeros(10, dtype=np.int8)  # all of them were A
    assert codes(RFMS, crowd, before=before)[-1] == "B"  # by its rank it would be C


@pytest.mark.accept("S60")
def test_one_customer_falls_into_each_tier_of_finance():
    crowd = people(
        6,
        assets_fen=[6e8, 2e8, 4e7, 6e6, 100, NAN],
        trades=[30, 12, 6, 2, 0, NAN],
        services=[12, 6, 3, 1, 0, NAN],
    )
    assert codes(FINANCE_SCHEME, crowd) == ["VIP", "PLATINUM", "GOLD", "SILVER", "STANDARD", ""]


@pytest.mark.accept("S61", "S62")
@pytest.mark.parametrize(("scheme", "columns", "wanted"), [
    (AUTOMOTIVE, {"vehicles": [2, 1, 0], "model_level": [3, 1, 1], "maintenances": [2, 1, 0]}, ["HIGH", "MID", "LOW"]),
    (HOTEL, {"stays": [12, 11, 1, 0], "stay_spend_fen": [1_500_000, 9_999_999, 0, 0]}, ["LOYAL", "REGULAR", "NEW", "PROSPECT"]),
    (EDUCATION, {"lessons": [20, 5, 1, 0], "courses": [2, 1, 1, 1], "progress": [60, 10, 0, 0]},
     ["COMMITTED", "LEARNING", "STARTING", "WATCHING"]),
])  # fmt: skip
def test_the_industry_templates_at_their_edges(scheme, columns, wanted):
    assert codes(scheme, people(len(wanted), **columns)) == wanted


@pytest.mark.accept("S63")
def test_of_an_online_shop_who_only_looked_or_reviewed_is_a_prospect_and_a_lapsed_buyer_is_lapsed():
    did = {name: np.full(7, NAN) for name in INTERACTION_WEIGHTS}
    did["purchase"][:] = [89, 89, NAN, NAN, 90, 90, NAN]
    did["view"][2], did["review"][3], did["view"][4], did["view"][6] = 3, 60, 1, 300
    crowd = people(
        7,
        orders_count=[9, 1, 0, 0, 5, 1, 0],
        orders_365d=[9, 1, 0, 0, 5, 1, 0],
        net_365d_fen=[3e5, 1, 0, 0, 3e5, 1, 0],
        days_since_purchase=did["purchase"],
        interaction_power=interaction_power(did, INTERACTION_WEIGHTS),
    )
    wanted = ["CORE", "ACTIVE", "PROSPECT", "PROSPECT", "LAPSED", "LAPSED", "LAPSED"]
    assert codes(ECOMMERCE, crowd) == wanted


@pytest.mark.accept("S33")
def test_spending_power_frequency_and_product_preference_are_inputs_of_any_kind_of_scheme():
    wanted = ("spending_power", "orders_365d", "cycle_days", "top_category_share")
    limits = {"spending_power": 50, "orders_365d": 6, "top_category_share": 40}
    table = scheme_json(HOTEL)
    table["tiers"] = [table["tiers"][0] | {"at_least": limits, "at_most": {"cycle_days": 14}}, table["tiers"][-1]]
    scheme = scheme_read(table)
    assert set(scheme.inputs) == set(wanted)
    at = {**limits, "cycle_days": 14}
    below = [at | {name: at[name] + (1 if name == "cycle_days" else -0.01)} for name in wanted]
    crowd = people(5, **{name: [at[name], *(one[name] for one in below)] for name in wanted})
    assert codes(scheme, crowd) == ["LOYAL", *["PROSPECT"] * 4]
    for name in wanted:
        ranked = scheme_read(scheme_json(replace(VALUE_PYRAMID, weights={name: 1.0})))
        assert codes(ranked, people(50, **{name: range(50)}))[-1] == "DIAMOND", name


def test_growth_potential_alone_ranks_a_fifth_as_high():
    crowd = people(100, potential_power=range(100))
    found = codes(SHIPPED["growth"], crowd)
    assert [found.count(code) for code in ("RISING", "STEADY", "FLAT")] == [20, 30, 50]
    assert (found[79], found[80]) == ("STEADY", "RISING")


def test_a_monthly_scheme_is_cut_again_with_the_month_and_a_nightly_one_every_night():
    """R5: within a month the edges stand still, whatever people spend; who crosses one moves, so the shares drift until then."""
    crowd = np.arange(1, 1_001)
    rules, same = Rules((VALUE_PYRAMID, RFMS)), np.ones(1_000)

    def facts(clv):
        columns = {"clv_12m_fen": clv, "orders_365d": same, "net_365d_fen": clv + 1, "last_day": 20_000 * same}
        return Facts(crowd, {**columns, "first_day": 20_000 * same})

    def diamonds(cuts, clv):
        return int((scored(facts(clv), rules, cuts)[1]["pyramid"] == 0).sum())

    first, second = np.arange(1_000.0), np.arange(1_000.0) * 2
    november = cuts_drawn(facts(first), rules, as_of=date(2026, 10, 31), month="2026-11")
    later = cuts_drawn(facts(second), rules, as_of=date(2026, 11, 20), month="2026-11", before=november)
    december = cuts_drawn(facts(second), rules, as_of=date(2026, 11, 30), month="2026-12", before=later)
    assert later.edges["pyramid"] == november.edges["pyramid"] != december.edges["pyramid"]
    assert later.edges["rfms"] != november.edges["rfms"]
    assert [diamonds(cuts, clv) for cuts, clv in ((november, first), (later, second), (december, second))] == [20, 510, 20]


def test_a_diamond_has_a_team_and_a_manager_and_core_a_manager_alone():
    """R16."""
    service = {tier.code: tier.service for tier in VALUE_PYRAMID.tiers}
    assert ("团队" in service["DIAMOND"].zh, "经理" in service["DIAMOND"].zh) == (True, True)
    assert ("团队" in service["CORE"].zh, "经理" in service["CORE"].zh) == (False, True)
    assert ("team" in service["DIAMOND"].en, "team" in service["CORE"].en) == (True, False)


@pytest.mark.accept("S61")
def test_the_tiers_of_a_car_dealer_hold_their_services():
    packs = {tier.code: tier.service.zh for tier in AUTOMOTIVE.tiers}
    assert list(packs) == ["HIGH", "MID", "LOW"]
    for word in ("试驾", "专属", "维修"):
        assert word in packs["HIGH"]
    assert "保养" in packs["MID"]


@pytest.mark.accept("S59")
def test_the_gap_to_the_next_tier_is_what_would_lift_the_person():
    values = [1000, 1000, *[900] * 18, *[500] * 30, *[100] * 50]
    crowd = people(100, clv_12m_fen=values)
    edges = edges_cut(VALUE_PYRAMID, crowd)
    one = crowd.only(np.arange(100) == 30, list(INPUTS))
    assert gap_up(VALUE_PYRAMID, one, 2, edges).lacks == {"clv_12m_fen": 400}
    lifted = People(one.person_ids, one.revenue_fen + 401, {**one.inputs, "clv_12m_fen": np.array([901.0])})
    assert places(VALUE_PYRAMID, lifted, edges).tolist() == [1]
    assert gap_up(VALUE_PYRAMID, one, 0, edges) is None
    trader = people(1, assets_fen=[2.8e7], trades=[9], services=[3])
    gap = gap_up(FINANCE_SCHEME, trader, 3, edges_cut(FINANCE_SCHEME, trader))
    assert (gap.code, dict(gap.lacks)) == ("GOLD", {"assets_fen": 2_000_000})


@pytest.mark.accept("S45")
def test_the_best_hour_is_the_persons_own_or_else_the_chains():
    weights = [0] * 9 + [100_000] * 11 + [3_900_000] + [0] * 3  # the chain shops at 20 o'clock

    def packed(hour, purchases):
        return (purchases * 1_000_000 + weights[hour]) * 100 + 23 - hour

    best = np.array([packed(10, 3), packed(10, 4), NAN, packed(20, 1)])
    found = hour_of(best, weights)
    assert found.tolist() == [20, 10, 20, 20]  # three of 10 o'clock are not enough against the chain, four are; none is not
    night = [0] * 3 + [900_000] + [0] * 6 + [100_000] + [0] * 13  # the chain shops at night: nobody is contacted then
    assert hour_of(np.array([NAN]), night).tolist() == [10]
    assert np.isnan(hour_of(np.array([NAN]), ())).all()
    for first, last, hour in ((2, 1, 9), (1, 2, 20)):  # the first and the last hour that are not quiet
        edges = [0] * 8 + [900_000, first] + [0] * 10 + [last, 900_000, 0, 0]
        assert hour_of(np.array([NAN]), edges).tolist() == [hour]

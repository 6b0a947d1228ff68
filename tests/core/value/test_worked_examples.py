"""The worked examples of docs/algorithms: what the code computes is what the page says, to the last place that it gives."""

import ast
import importlib.util
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.core.value.test_placing import HALVES
from tests.core.value.test_scheme import codes, people

from huitou.core.consent import CHANNELS
from huitou.core.value import recommend
from huitou.core.value.anomaly import card_limit, store_days
from huitou.core.value.associations import Thresholds, rules_of
from huitou.core.value.churn import pareto, reasons_of
from huitou.core.value.clusters import silhouette
from huitou.core.value.clv import BGNBD, GammaGamma
from huitou.core.value.clv.ledger import faded, ledger, seen_by
from huitou.core.value.clv.newton import Fitted
from huitou.core.value.clv.recent import RecentRate
from huitou.core.value.contacts import smoothed
from huitou.core.value.demographics import age_on
from huitou.core.value.holdout import change_uplift
from huitou.core.value.inferred import infer
from huitou.core.value.look_alike import area_under_curve
from huitou.core.value.paths import Step, steps_of
from huitou.core.value.placing import People, edges_cut, places
from huitou.core.value.recommend.trial import row
from huitou.core.value.rfm import Purchases, rfm
from huitou.core.value.scheme import scheme_json, scheme_read
from huitou.core.value.soon.cycle import days_left, outlasted_share
from huitou.core.value.templates import SHIPPED
from huitou.core.value.text.words import word_scores
from huitou.core.value.tiers import gaps_up
from huitou.core.value.traits import INTERACTION_WEIGHTS, interaction_power, mood

TESTS = Path(__file__).parents[2]
PAGES = TESTS.parent / "docs" / "algorithms"
AS_OF = date(2026, 6, 30)
NAN = np.nan

# page: the tests that compute its example; those of this file are the last part of the name alone
SHOWN_BY = {
    "anomaly": ("test_a_closed_store_a_holiday_and_a_card",),
    "associations": ("test_bread_and_milk",),
    "churn": ("test_five_reasons",),
    "clusters": ("test_three_points",),
    "clv": ("test_one_customer_by_the_published_parameters", "test_the_parameters_of_cdnow"),
    "forecast": ("test_two_half_lives",),
    "identity": ("core/identity/test_resolve.py::test_the_worked_example_of_the_documentation",),
    "inferred": ("test_clerks_and_farmers",),
    "look-alike": ("test_four_pairs",),
    "paths": ("test_two_views_and_a_cart",),
    "recommend": ("test_lifts_and_a_list",),
    "relations": ("apps/relations/test_household.py::test_a_merge_carries_the_tie_to_whoever_stays",),
    "rfm": ("test_twenty_customers",),
    "segments": ("test_ten_yuan_more", "apps/segments/test_counting.py::test_the_worked_example_of_the_documentation"),
    "sentiment": ("test_words_and_a_rating",),
    "soon": ("test_three_silences",),
    "tags": ("test_scores_channels_and_ages",),
    "tiers": ("test_ranks_thresholds_and_the_grid",),
}


def example(page: str) -> str:
    """Return the page from its first worked example on, white space as single blanks."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(r"worked examples?\b", text, re.IGNORECASE)
    assert found, f"{page} has no worked example"
    return " ".join(text[found.start() :].split())


def page_says(page: str, *said: str) -> None:
    told = example(page)
    for one in said:
        assert one in told, f"{page}: {one}"


def test_every_page_has_an_example_and_the_tests_that_compute_it():
    assert {path.stem for path in PAGES.glob("*.md")} - {"README"} == set(SHOWN_BY)
    for page, names in SHOWN_BY.items():
        assert example(page)
        for name in names:
            path, _, function = name.rpartition("::")
            tree = ast.parse((TESTS / path if path else Path(__file__)).read_text(encoding="utf-8"))
            assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, name


ROWS = {"S26", *(f"S{number}" for number in range(29, 78)), "S162", "S163", "S164"}
ROWS |= {f"R{number}" for number in (*range(1, 9), *range(12, 19))}


def test_every_rule_asked_of_value_has_its_line_and_its_tests_are_there():
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\b[SR]\d+\b", text)) == ROWS
    named = re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", text)
    assert len(named) > len(ROWS) - 20
    for path, function in named:
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, f"{path}::{function}"


def test_twenty_customers():
    days = np.arange(1, 21)
    orders = np.array([11] * 10 + list(range(10, 0, -1)))
    found = rfm(Purchases(days, days, orders, 100 * days), as_of=AS_OF)
    assert found is not None
    assert found.f.tolist() == [4] * 10 + [3, 3, 2, 2, 2, 2, 1, 1, 1, 1]
    cuts = found.cuts
    told = [
        ", ".join("none" if cut is None else str(cut) for cut in one) for one in (cuts.recency_days, cuts.orders, cuts.net_fen)
    ]
    page_says("rfm", *told, "floor((10 + 20) * 5 / 40) + 1 = 4")


def test_one_customer_by_the_published_parameters():
    fitted = Fitted(np.array([0.243, 4.414, 0.793, 2.426]), np.full(4, NAN), converged=True, reason="", steps=0)
    expected, alive = BGNBD(fitted).forecast(39, [2], [30.43], [38.86])
    spend = Fitted(np.array([6.25, 3.74, 15.44]), np.full(3, NAN), converged=True, reason="", steps=0)
    value = GammaGamma(spend).expected_value([2], [22.35])
    page_says(
        "clv", f"= {1 / alive[0] - 1:.3f}`", f"= {alive[0]:.3f}`", f"{expected[0]:.3f} purchases", f"= {value[0]:.2f}` dollars"
    )


def test_the_parameters_of_cdnow():
    found = importlib.util.find_spec("lifetimes")
    if found is None or found.origin is None:
        pytest.skip("the package lifetimes, which holds the CDNOW table, is not installed")
    path = Path(found.origin).parent / "datasets" / "cdnow_customers_summary_with_transactions.csv"
    table = np.genfromtxt(path, delimiter=",", names=True)
    model = BGNBD.fit(table["x"], table["t_x"], table["T"]).fitted
    places_ = (4, 3, 3, 3)
    told = ", ".join(
        f"{value:.{places}f} ± {error:.{max(places, 3)}f}"
        for value, error, places in zip(model.values, model.errors, places_, strict=True)
    )
    page_says("clv", told, f"in {model.steps} steps", f"{table.size:,} customers")


def test_two_half_lives():
    ago = np.array([100, 65, 20, 5])
    book = ledger(
        {"person_id": np.ones(4, dtype=int), "business_date": np.datetime64(AS_OF) - ago, "amount_fen": np.full(4, 100)}, AS_OF
    )
    seen = seen_by(book, int(np.datetime64(AS_OF).astype(int)) - book.epoch)
    prior = Fitted(np.array([0.5, 30.0]), np.zeros(2), converged=True, reason="", steps=0)
    model = RecentRate((prior,) * 3)
    short, long, _ = (float(one[0]) for one in model.each(book, seen, 60))
    told = []
    for half_life in model.half_lives(60)[:2]:
        counts, exposure = faded(book, seen, half_life)
        told += [f"{counts[0]:.3f}", f"{exposure[0]:.2f}"]
    assert model.half_lives(60)[:2] == (15, 40)
    page_says("forecast", *told, f"= {short:.2f} purchases", f"{long:.2f} purchases")


def test_three_silences():
    silences = np.array([0.0, 8.0, 25.0])
    rhythm = np.full(3, np.log(10)), np.full(3, 0.5)
    waited, left = outlasted_share(silences, *rhythm), days_left(silences, *rhythm, 0.5)
    assert left[0] == pytest.approx(10)
    page_says("soon", "due in 10 days", f"= {waited[1]:.3f}`", f"= {left[1]:.1f}` days", f"`w = {waited[2]:.3f}`, so `silent`")


def test_five_reasons():
    told = reasons_of({1: "price"}, {1: "complaint", 2: "return", 3: "enquiry", 4: "delivery"}, {3, 4, 5})
    found = pareto(Counter(told.values()))
    assert {line.reason.code: line.persons for line in found.lines} == {"quality": 3, "delivery": 1, "price": 1}
    assert found.experience_share == 0
    page_says(
        "churn", "Quality 3 of 5", "running " + ", ".join(f"{line.running:.1f}" for line in found.lines), "experience 0 of 1"
    )


def test_three_points():
    found = silhouette(np.array([[0.0], [1.0], [10.0]]), np.array([0, 0, 1]))
    page_says("clusters", f"= {found:.3f}.")


def test_a_closed_store_a_holiday_and_a_card():
    usual = np.full((71, 6), 400.0)
    shut, festive = usual.copy(), usual.copy()
    shut[-1, 0] = 0
    festive[-1] = 800
    found, holiday = store_days(shut), store_days(festive)
    away, low, high = found.away[-1, 0], found.low[-1, 0], found.high[-1, 0]
    assert found.is_odd[-1].tolist() == [True] + [False] * 5
    assert not holiday.is_odd.any()
    page_says(
        "anomaly",
        f"ln(1 / 401) = {np.log(1 / 401):.2f}",
        f"{-away:.0f} spreads below",
        f"{low:.0f} to {high:.0f}",
        f"{holiday.low[-1, 0]:.0f} to {holiday.high[-1, 0]:.0f}",
    )
    cards = np.repeat([1, 2, 3, 4, 5], [18_000, 1_800, 180, 18, 2])
    page_says("anomaly", f"{cards.size:,} cards", f"ln 0.1) = {card_limit(cards)}`")


def test_bread_and_milk():
    bread, milk = 1, 2
    baskets, items = np.append(np.arange(250), np.arange(200)), np.repeat([bread, milk], [250, 200])
    baskets, items = np.append(baskets, np.arange(250, 1_000)), np.append(items, np.full(750, 3))
    found = rules_of(baskets, items, Thresholds(0.02, 0.1, 1.0))
    by_left = {int(left): place for place, left in enumerate(found.left[:, 0])}
    first, other = by_left[milk], by_left[bread]
    page_says(
        "associations",
        f"support 200 / 1,000 = {found.support[first]:.1f}",
        f"confidence 200 / 200 = {found.confidence[first]:.0f}",
        f"= {found.lift[first]:.0f}. Bread",
        f"confidence 200 / 250 = {found.confidence[other]:.1f}",
        f"(200 / 1,000) = {found.lift[other]:.0f}.",
    )


def test_lifts_and_a_list():
    baskets = np.concatenate([np.arange(200), np.arange(100), np.arange(2_000)])
    items = np.repeat([1, 2, 3], [200, 100, 2_000])
    pair = np.array([0]), np.array([1])
    rare = np.arange(100)
    two = recommend.affinity(np.append(rare, [0, 0]), np.append(np.full(100, 3), [1, 2]), least=1)
    lift = recommend.affinity(baskets, items).lift(*pair)[0]
    page_says("recommend", f"= {lift:.2f}`", f"= {two.lift(*pair)[0]:.2f}`, not 100")
    judged = row(np.array([10, 11, 12]), np.array([1, 2, 3]), np.array([11, 12, 20, 21]), 100)
    assert (judged.recall, judged.hit) == (2 / 4, 1)
    page_says("recommend", "recall 2/4, hit 1")


def test_words_and_a_rating():
    good, bad, complaint = word_scores(["贵，但是很新鲜很好吃", "不是很满意", "不新鲜，有异味，很失望"])
    page_says("sentiment", f"= {good:.1f}.", f"= {bad:.1f}.", f"= {complaint:.2f})")
    felt = mood(np.array([5.0]), np.array([180.0]), np.array([complaint]), np.array([0.0]))[0]
    assert -0.2 < felt < 0  # below 0, and no reason for a lower grade
    page_says("sentiment", f"= {felt:.2f}, times 1")


def test_scores_channels_and_ages():
    never = {name: np.array([NAN]) for name in INTERACTION_WEIGHTS}
    score = interaction_power(never | {"purchase": np.array([30.0]), "view": np.array([0.0])}, INTERACTION_WEIGHTS)[0]
    page_says("tags", f"100 × (0.20 × 0.5 + 0.15) = {score:.0f}.")
    text, wecom = CHANNELS.index("sms"), CHANNELS.index("wecom")
    touches, answers, rates = np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)
    touches[0, [text, wecom]], answers[0, [text, wecom]], rates[[text, wecom]] = (5, 4), (3, 1), (0.2, 0.25)
    by_hand = smoothed(touches, answers, rates)[0]
    page_says("tags", f"÷ (5 + 5) = {by_hand[text]:.2f};", f"÷ (4 + 5) = {by_hand[wecom]:.2f}.")
    born = date(1990, 5, 1)
    april, may = age_on(born, date(2026, 4, 30)), age_on(born, date(2026, 5, 1))
    assert f"Born in May 1990: {april} in April 2026, {may} in May." in (PAGES / "tags.md").read_text(encoding="utf-8")


def test_ranks_thresholds_and_the_grid():
    text = " ".join((PAGES / "tiers.md").read_text(encoding="utf-8").split())
    found = codes(SHIPPED["pyramid"], people(10_000, clv_12m_fen=[0] * 10_000))
    assert " / ".join(f"{found.count(code):,}" for code in SHIPPED["pyramid"].codes) in text
    assert "DIAMOND" not in codes(SHIPPED["pyramid"], people(20, clv_12m_fen=[0] * 20))  # 2 % of 20 people are nobody
    crowd, best = people(100, clv_12m_fen=range(100, 0, -1)), np.zeros(100, dtype=np.int8)
    for margin, last in ((0.1, 60), (0.05, 55)):
        assert codes(replace(HALVES, keep_margin=margin), crowd, before=best).count("A") == last
        assert f"(ranks up to {last})" in text or f"(up to {last})" in text
    lacks = gaps_up({"assets_fen": 28_000_000, "trades": 9}, SHIPPED["finance"].threshold_tiers(), 3)
    assert lacks == {"assets_fen": 2_000_000, "services": 3}
    assert "lacks ¥20,000 and 3 services for gold" in text
    totals = [12, 11, 7, *[12, 8, 3] * 4]  # the first three of fifteen are the top 20 % by predicted value
    grid = codes(SHIPPED["six_classes"], people(15, clv_12m_fen=[9, 8, 7, *[0] * 12], rfm_total=totals))
    for code, name in zip(grid, ("高价值活跃", "潜力新客", "高价值流失预警", "稳定普通", "低频低值", "沉睡挽回"), strict=False):
        assert f"{code} {name}" in text
    ten = np.arange(10)
    table = scheme_json(SHIPPED["finance"])
    table["tiers"][0]["at_least"] = {"attribute_mileage": 0.29}
    scheme = scheme_read(table)
    crowd = People(ten[:2], np.zeros(2, dtype=np.int64), dict.fromkeys(scheme.inputs, np.full(2, NAN)) | {
        "attribute_mileage": np.array([0.28, 0.29])})  # fmt: skip
    assert [scheme.codes[place] == "VIP" for place in places(scheme, crowd, edges_cut(scheme, crowd))] == [False, True]


def test_ten_yuan_more():
    found = change_uplift(np.repeat([10.0, 30.0], 50), np.repeat([0.0, 20.0], 25))
    page_says("segments", f"= {found.difference:.0f} yuan", f"so {found.low:.1f} to {found.high:.1f}.")


def test_clerks_and_farmers():
    rng = np.random.default_rng(1)
    kind = np.arange(400) % 2
    tickets = np.where(kind == 0, 1_000, 1_900) + rng.normal(0, 200, 400)
    found = infer(tickets[:, None], kind, np.array([[1_000.0]]))
    assert (found.learnt, found.tested) == (400, 80)
    assert found.accuracy > 0.9
    assert found.baseline == pytest.approx(0.5, abs=0.01)
    assert found.values.tolist() == [0]
    page_says("inferred", "Of the 80 held back", "over 90 %", "guessing hits half", f"about {found.confidence[0]:.1f}:")


def test_four_pairs():
    found = area_under_curve(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False]))
    page_says("look-alike", f"= {found:.3f}.")


def test_two_views_and_a_cart():
    first = date(2026, 6, 10)
    touches = [(first - timedelta(2), "view"), (first - timedelta(1), "view"), (first, "cart"), (first + timedelta(1), "view")]
    found = steps_of([kind for day, kind in touches if day <= first])
    assert found == (Step("view", 2), Step("cart", 1))
    page_says("paths", "`view ×2 › cart`")

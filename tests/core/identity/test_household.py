"""Who is tied over one value, and which addresses are one home."""

import pytest

from huitou.core.identity.household import home_key, tied


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ([], []),
        ([1], []),
        ([2, 1, 2], [(1, 2), (2, 1)]),
        ([1, 2, 3], [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)]),
        ([1, 2, 3, 4], []),  # more than `most`: a workplace, a shop
    ],
)
def test_ties_over_one_value(holders, expected):
    assert list(tied(holders, most=3)) == expected


HOME = home_key("杭州市城西区景和路12号3幢502室")


@pytest.mark.parametrize(
    "text",
    [
        "浙江省杭州市城西区景和路12号3幢502室",
        "杭州市 城西区 景和路１２号３幢５０２",
        "杭州市城西区景和路12-3-502",
        "杭州市城西区景和路12号03幢0502室",
    ],
)
def test_spellings_of_one_home(text):
    assert HOME is not None
    assert home_key(text) == HOME


@pytest.mark.parametrize(
    "text",
    [
        "杭州市城西区景和路12号3幢503室",
        "杭州市城西区景和路12号4幢502室",
        "杭州市城东区景和路12号3幢502室",
        "宁波市城西区景和路12号3幢502室",
        "杭州市城西区景和路12号31幢502室",
    ],
)
def test_other_homes(text):
    assert home_key(text) not in (None, HOME)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "无", "杭州市城西区景和路", "杭州市城西区景和路128号", "杭州市城西区景和路12号3幢", "景和路12号3幢502室",
        "杭州市城西区景和路12弄345号", "杭州市城西区景和路12号3楼", "杭州市城西区景和路12号3幢5**室", "杭州市302室",
    ],
)  # fmt: skip
def test_an_address_that_names_no_one_home(text):
    assert home_key(text) is None

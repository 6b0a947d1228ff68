"""Yuan in text become whole fen and back, or are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.money import fen_from_yuan, yuan_text


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12.50", 1250), ("0", 0), ("-3", -300), ("¥1,204.5", 120450), (" 0.01 ", 1), ("1e2", 10000), ("12.500", 1250)],
)
def test_amounts_of_yuan_are_read_exactly(text, fen):
    assert fen_from_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "abc", "1.234", "NaN", "inf", "12.5.0", "--1"])
def test_what_is_no_whole_number_of_fen_is_refused_by_name(text):
    with pytest.raises(ValueError, match="fen|yuan"):
        fen_from_yuan(text)


@pytest.mark.parametrize(
    ("fen", "decimals", "text"),
    [(123456, 2, "1,234.56"), (-5, 2, "−0.05"), (150, 0, "2"), (149, 0, "1"), (0, 0, "0"), (-150, 0, "−2")],
)
def test_fen_are_written_as_yuan(fen, decimals, text):
    assert yuan_text(fen, decimals=decimals) == text


@given(st.integers(-(10**15), 10**15))
def test_writing_and_reading_is_exact(fen):
    assert fen_from_yuan(yuan_text(fen).replace("−", "-")) == fen

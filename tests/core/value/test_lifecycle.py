"""Stages at the edges of day 30, 89 and 90, for one person and for arrays."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.value.lifecycle import Stage, stage, stages

AS_OF = date(2026, 11, 21)


def ago(days):
    return None if days is None else AS_OF - timedelta(days=days)


@pytest.mark.parametrize(
    ("first_ago", "last_ago", "expected"),
    [
        (None, None, Stage.NEW),
        (0, 0, Stage.NEW),
        (30, 30, Stage.NEW),
        (31, 31, Stage.ACTIVE),
        (400, 0, Stage.ACTIVE),
        (400, 89, Stage.ACTIVE),
        (400, 90, Stage.DORMANT),
        (90, 90, Stage.DORMANT),
        (-1, -1, Stage.NEW),
    ],
)
def test_the_stage_turns_on_days_30_and_90(first_ago, last_ago, expected):
    assert stage(ago(first_ago), ago(last_ago), as_of=AS_OF) is expected


PAIRS = st.none() | st.tuples(st.integers(-3, 200), st.integers(0, 200)).map(lambda pair: (sum(pair), pair[0]))


@given(st.lists(PAIRS, max_size=30))
def test_arrays_agree_with_one_by_one(pairs):
    dates = [(None, None) if pair is None else (ago(pair[0]), ago(pair[1])) for pair in pairs]
    first = np.array([one for one, _ in dates], dtype="datetime64[D]")
    last = np.array([one for _, one in dates], dtype="datetime64[D]")
    assert stages(first, last, as_of=AS_OF).tolist() == [stage(*pair, as_of=AS_OF) for pair in dates]


@pytest.mark.parametrize(("first_ago", "last_ago"), [(1, None), (None, 1), (1, 2)])
def test_dates_that_cannot_be_are_refused(first_ago, last_ago):
    with pytest.raises(ValueError, match="purchase"):
        stage(ago(first_ago), ago(last_ago), as_of=AS_OF)
    with pytest.raises(ValueError, match="purchase"):
        stages(np.array([ago(first_ago)], "datetime64[D]"), np.array([ago(last_ago)], "datetime64[D]"), as_of=AS_OF)

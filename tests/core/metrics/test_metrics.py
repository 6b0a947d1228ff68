"""Every number has one complete definition; formulas match their hand counts."""

from dataclasses import replace

import pytest

from huitou.core.labels import Label
from huitou.core.metrics.registry import METRICS, check_metrics, metric
from huitou.core.metrics.shares import Share, apportioned, dormancy_rate, surplus_of_groups, surplus_share


def test_the_registry_is_complete_and_its_keys_are_unique():
    check_metrics(METRICS)
    assert {one.key for one in METRICS} >= {
        "duplicate_rate_before", "duplicate_rate_after", "completeness_share", "dormancy_rate", "identified_revenue_share",
        "multi_source_share", "net_revenue", "lag", "quarantine_share",
    }  # fmt: skip
    assert len({one.label.zh for one in METRICS}) == len({one.label.en for one in METRICS}) == len(METRICS)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ((METRICS[0], METRICS[0]), "twice"),
        ((replace(METRICS[0], owner=""),), "lacks owner"),
        ((replace(METRICS[0], denominator=Label("—", "—")),), "without a denominator"),
    ],
)
def test_an_incomplete_registry_is_refused(broken, told):
    with pytest.raises(ValueError, match=told):
        check_metrics(broken)


def test_an_unknown_metric_names_the_known_ones():
    with pytest.raises(KeyError, match="dormancy_rate"):
        metric("churn")


def test_three_of_ten_records_too_many_are_a_duplicate_rate_of_30_percent():
    share = surplus_share(rows=10_000, distinct=7_000)
    assert (share.numerator, share.denominator, share.value) == (3_000, 10_000, 0.3)


def test_dormant_members_of_members_with_an_order():
    assert dormancy_rate(dormant=450, buyers=1_000).value == 0.45


def test_nothing_to_divide_by_is_no_answer():
    assert surplus_share(0, 0).value is None


@pytest.mark.parametrize(("numerator", "denominator"), [(2, 1), (-1, 1), (0, -1)])
def test_a_part_larger_than_its_whole_is_refused(numerator, denominator):
    with pytest.raises(ValueError, match="not a share"):
        Share(numerator, denominator)


@pytest.mark.parametrize(
    ("groups", "surplus"),
    [([], 0), ([(1,)], 0), ([(1, 2)], 1), ([(1, 2), (2, 3)], 2), ([(1, 2), (2, 1), (5, 6, 7)], 3), ([(1, 2), (3, 4), (2, 3)], 3)],
)
def test_overlapping_groups_are_one(groups, surplus):
    assert surplus_of_groups(groups) == surplus


@pytest.mark.parametrize(
    ("case", "whole", "parts", "expected"),
    [
        ("shares that come out even", 100, {"a": 1, "b": 3}, {"a": 25, "b": 75}),
        ("the largest remainders are raised", 10, {"a": 1, "b": 2, "c": 4}, {"a": 1, "b": 3, "c": 6}),
        ("of equals the first", 4, {"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 1, "c": 1}),
        ("a part of nothing stays nothing", 7, {"a": 0, "b": 2}, {"a": 0, "b": 7}),
        ("nothing says no proportion", 7, {"a": 0}, {}),
    ],
)
def test_parts_in_proportion_add_up_to_the_whole(case, whole, parts, expected):
    assert apportioned(whole, parts) == expected, case

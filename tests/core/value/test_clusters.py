"""Clusters and look-alike: planted groups come back, the order of rows changes nothing, numbers stay, what is refused."""

import numpy as np
import pytest

from huitou.core.value.clusters import FEATURES, ClustersRefused, clusters, silhouette
from huitou.core.value.look_alike import LookAlikeRefused, area_under_curve, look_alike

NAN = np.nan
CENTRES = np.array([
    [5, 5, 800_000, 9_000, 0.1, 0.1, 0.3, 70],
    [2, 2, 60_000, 8_000, 0.7, 0.0, 0.6, 10],
    [4, 3, 250_000, 20_000, 0.2, 0.8, 0.5, 50],
    [1, 1, 15_000, 3_000, 0.3, 0.1, 0.9, 0],
])  # fmt: skip


def planted(each: int = 150, seed: int = 2, centres=CENTRES):
    """Rows around four centres, with 5 % of the values missing."""
    rng = np.random.default_rng(seed)
    truth = np.arange(each * len(centres)) % len(centres)
    values = centres[truth] * (1 + rng.normal(0, 0.08, (truth.size, len(FEATURES))))
    values[rng.random(values.shape) < 0.05] = NAN
    return np.arange(truth.size) * 7 + 3, values, truth


def agreement(one, other):
    """Share of persons whose group's commonest planted one is theirs."""
    return sum(np.bincount(other[one == number]).max() for number in np.unique(one)) / one.size


@pytest.mark.accept("S70")
def test_planted_groups_come_back_with_names_of_what_sets_them_apart():
    ids, values, truth = planted()
    found = clusters(ids, values)
    assert found.k == 4
    assert found.silhouette == max(found.silhouettes.values()) > 0.5
    assert agreement(found.numbers, truth) > 0.98
    assert [one.number for one in found.clusters] == [1, 2, 3, 4]  # by spend at first
    assert sum(one.size for one in found.clusters) == ids.size
    assert found.clusters[0].means["net_365d_fen"] == pytest.approx(800_000, rel=0.05)
    assert {one.name().zh for one in found.clusters}.isdisjoint({"接近平均"})
    assert "多在线上" in found.clusters[1].name().zh


@pytest.mark.accept("S70")
def test_the_order_of_rows_and_a_second_run_change_nothing():
    ids, values, _ = planted()
    found = clusters(ids, values)
    order = np.random.default_rng(4).permutation(ids.size)
    again = clusters(ids[order], values[order])
    np.testing.assert_array_equal(again.numbers, found.numbers[order])
    assert again.silhouettes == found.silhouettes
    assert [one.centre for one in again.clusters] == [one.centre for one in found.clusters]


def test_a_group_keeps_its_number_when_others_come_and_go():
    ids, values, _ = planted()
    before = clusters(ids, values)
    moved = CENTRES[1:] * 1.03  # the first is gone, the others a little elsewhere
    other = np.vstack((moved, [[5, 4, 30_000, 1_000, 0.95, 0.95, 0.1, 95]]))
    after = clusters(*planted(seed=9, centres=other)[:2], before=before.clusters)
    numbers = {one.number: one for one in after.clusters}
    assert set(numbers) == {2, 3, 4, 5}
    for number in (2, 3, 4):
        was = next(one for one in before.clusters if one.number == number)
        assert numbers[number].means["net_365d_fen"] == pytest.approx(was.means["net_365d_fen"], rel=0.15)


@pytest.mark.parametrize(("reason", "change"), [
    ("few", lambda ids, values: (ids[:299], values[:299])),
    ("same", lambda ids, values: (ids, np.ones_like(values))),
    ("same", lambda ids, values: (ids, np.full_like(values, NAN))),
])  # fmt: skip
def test_clusters_are_refused_by_name(reason, change):
    ids, values, _ = planted()
    with pytest.raises(ClustersRefused) as refused:
        clusters(*change(ids, values))
    assert refused.value.reason == reason


def test_silhouette_of_a_worked_example():
    rows = np.array([[0.0], [1.0], [10.0]])
    assert silhouette(rows, np.array([0, 0, 1])) == pytest.approx((9 / 10 + 8 / 9 + 0) / 3)
    assert silhouette(rows, np.array([2, 2, 2])) == 0.0


def test_who_is_like_the_seeds_is_found_and_the_order_of_rows_changes_nothing():
    ids, values, truth = planted(each=400)
    rng = np.random.default_rng(1)
    is_seed = (truth == 2) & (rng.random(truth.size) < 0.4)
    found = look_alike(ids, values, is_seed)
    assert found.auc > 0.75  # a seed and a person like one cannot be told apart, and should not be
    assert found.lowest_auc <= found.auc
    assert found.seeds == is_seed.sum()
    hidden = set(ids[(truth == 2) & ~is_seed].tolist())
    assert len(hidden & set(found.person_ids[: len(hidden)].tolist())) / len(hidden) > 0.95
    assert (np.diff(found.scores) <= 0).all()
    order = rng.permutation(ids.size)
    again = look_alike(ids[order], values[order], is_seed[order])
    np.testing.assert_array_equal(again.person_ids, found.person_ids)
    assert again.auc == found.auc


@pytest.mark.parametrize(("reason", "seeds"), [
    ("few", lambda n: np.arange(n) < 49),
    ("others", lambda n: np.arange(n) >= 49),
    ("naive", lambda n: np.random.default_rng(3).random(n) < 0.3),
])  # fmt: skip
def test_look_alike_is_refused_by_name(reason, seeds):
    ids, values, _ = planted()
    with pytest.raises(LookAlikeRefused) as refused:
        look_alike(ids, values, seeds(ids.size))
    assert refused.value.reason == reason
    assert (refused.value.auc is not None) == (reason == "naive")


def test_area_under_curve_counts_ties_half():
    assert area_under_curve(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])) == pytest.approx(0.875)
    assert area_under_curve(np.array([0.9]), np.array([True])) == 0.5

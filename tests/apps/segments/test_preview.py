"""What a rule comes to before it is saved, and why one person is in it or not."""

import pytest
from tests.apps.segments.world import BUYS_TWICE, COMPLAINED, LAPSED, MANAGER, MARKETER, NOW, STRANGER

from huitou.apps.segments.counting import counting
from huitou.apps.segments.explain import explained
from huitou.apps.segments.preview import preview
from huitou.apps.segments.services import segment_create, segments_refresh
from huitou.core.filters.json_form import parse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chain")]
RULE = {"all": [{"any": [BUYS_TWICE, LAPSED]}, {"not": COMPLAINED}, {"field": "net", "op": "gte", "value": 500}]}


def made(rule, viewer=MARKETER, seed=1, without=None):
    with counting(viewer, now=NOW) as desk:
        return preview(desk, viewer, parse(rule, desk.catalogue), seed=seed, language="zh-hans", without=without)


def test_a_preview_counts_every_condition_alone_and_what_is_left_step_by_step():
    found = made(RULE)
    assert (found.count.persons, found.count.everybody) == (3, 8)
    assert found.alone == (2, 3, 1, 5)
    assert found.running == (5, 4, 3)
    assert sorted(found.sample) == [103, 104, 106]
    assert (found.net_365d_fen, found.stores) == (91_700, 2)
    stages = next(one for one in found.breakdowns if one.field.name == "stage")
    assert sum(part.persons for part in stages.parts) == 3


def test_the_sample_is_the_same_for_the_same_seed():
    everybody = {"field": "sources", "op": "gte", "value": 0}
    assert made(everybody, seed=4).sample == made(everybody, seed=4).sample
    assert len({made(everybody, seed=seed).sample for seed in range(6)}) > 1


def test_overlap_is_counted_with_other_segments_within_reach():
    lapsed = segment_create(viewer=MARKETER, name="久未购", rule=LAPSED, now=NOW)
    twice = segment_create(viewer=MARKETER, name="两单", rule=BUYS_TWICE, now=NOW)
    segments_refresh(now=NOW)
    assert [(one.name, one.shared) for one in made(RULE).overlaps] == [("久未购", 3), ("两单", 0)]
    assert [(one.name, one.shared) for one in made(RULE, without=lapsed.pk).overlaps] == [("两单", 0)]
    assert [(one.name, one.shared) for one in made(BUYS_TWICE, MANAGER).overlaps] == [("两单", 1), ("久未购", 0)]
    assert twice.pk != lapsed.pk


def test_a_stranger_previews_nobody():
    found = made(RULE, STRANGER)
    assert (found.count.persons, found.count.everybody, found.sample, found.net_365d_fen) == (0, 0, (), 0)


def why(person_id, rule=RULE, viewer=MARKETER):
    with counting(viewer, now=NOW) as desk:
        return explained(desk, viewer, parse(rule, desk.catalogue), person_id)


def test_why_tells_each_condition_with_the_persons_own_value():
    found = why(101)
    assert not found.holds
    either, excluded, spent = found.parts
    assert (either.holds, either.counts) == (True, True)
    assert [(one.holds, one.value) for one in either.parts] == [(True, 3), (False, either.parts[1].value)]
    assert str(either.parts[1].value) == "2026-06-25"
    assert (excluded.holds, excluded.counts) == (False, False)
    assert (excluded.parts[0].holds, excluded.parts[0].counts, excluded.parts[0].value) == (True, False, 1)
    assert (spent.holds, spent.value) == (True, 900)
    assert why(104).holds
    assert why(107).parts[0].parts[0].value == 0


def test_why_tells_derived_values_and_windows_in_the_rules_unit():
    rule = {"all": [{"field": "stage", "op": "eq", "value": "dormant"},
                    {"event": "purchase", "measure": "items", "op": "lt", "value": 5}]}  # fmt: skip
    found = why(104, rule)
    assert [(one.holds, one.value) for one in found.parts] == [(True, "dormant"), (True, 1)]


def test_why_is_told_within_reach_only():
    assert why(101, viewer=MANAGER) is not None
    assert why(103, viewer=MANAGER) is None
    assert why(101, viewer=STRANGER) is None
    assert why(999) is None

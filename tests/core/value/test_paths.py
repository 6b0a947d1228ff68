"""Paths of touches before the first purchase: runs as steps, the last five, counted by hand."""

import pytest

from huitou.core.value.paths import LONGEST, PathLine, Step, steps_of, top_paths


@pytest.mark.parametrize(
    ("case", "kinds", "steps"),
    [
        ("nothing", [], ()),
        ("a run is one step", ["view", "view", "search"], (Step("view", 2), Step("search", 1))),
        ("coming back is a step of its own", ["view", "search", "view"], (Step("view", 1), Step("search", 1), Step("view", 1))),
    ],
)
def test_touches_in_a_row_are_one_step(case, kinds, steps):
    assert steps_of(kinds) == steps, case


def test_only_the_last_steps_make_the_path():
    kinds = ["enquiry"] + ["view", "search"] * LONGEST
    assert [step.kind for step in steps_of(kinds)] == kinds[-LONGEST:]


@pytest.mark.accept("S40")
def test_paths_are_counted_by_persons_and_the_rest_is_named():
    touches = {1: ["view", "view", "add_to_cart"], 2: ["view", "add_to_cart"], 3: ["search"], 4: ["enquiry"]}
    found = top_paths(touches, buyers=8, most=2)
    assert found.lines == (PathLine(("view", "add_to_cart"), 2, 0.25), PathLine(("enquiry",), 1, 0.125))
    assert (found.untouched, found.others) == (4, 1)
    assert found.untouched + found.others + sum(line.persons for line in found.lines) == found.buyers


def test_nobody_bought_and_too_few_buyers():
    assert top_paths({}, buyers=0, most=3).lines == ()
    with pytest.raises(ValueError, match="among 1 buyers"):
        top_paths({1: ["view"], 2: ["view"]}, buyers=1, most=3)

"""What is read before it is asked for: the purchases of saved rules, once per version, and after a switch those asked before."""

import pytest
from tests.apps.segments.world import BUYS_TWICE, LAPSED, MARKETER, NOW, fold_world

from huitou.apps.segments.counting import counting
from huitou.apps.segments.services import segment_create
from huitou.apps.segments.warming import warm_up
from huitou.core.filters.json_form import parse
from huitou.core.filters.plan import leaves
from huitou.warehouse.population import Populations

pytestmark = [pytest.mark.django_db]
IN_ONE = {**BUYS_TWICE, "where": {"category": [13]}}


def warmed() -> set[object]:
    """Warm up and return what the streams are narrowed to."""
    thread = warm_up()
    assert thread is not None
    thread.join()
    with counting(MARKETER, now=NOW) as desk:
        return {leaf.among for leaf in desk.population.base.asked}


def test_the_purchases_of_saved_rules_are_read_once_per_version(chain):
    segment_create(viewer=MARKETER, name="一类", rule={"all": [IN_ONE, LAPSED]}, now=NOW)
    assert warmed() == {(("category", (13,)),)}
    assert warm_up() is None
    fold_world(chain, 2, {102: (1, (0,), 1, 500)})
    assert warmed() == {(("category", (13,)),)}
    with counting(MARKETER, now=NOW) as desk:
        assert desk.population.tail is not None
        assert [leaf.among for leaf in desk.population.tail.asked] == [(("category", (13,)),)]


def test_a_rule_that_names_what_is_gone_is_left_out(chain):
    segment_create(viewer=MARKETER, name="一类", rule=IN_ONE, now=NOW)
    segment_create(viewer=MARKETER, name="久未购", rule=LAPSED, now=NOW).versions.update(
        rule={"field": "gone", "op": "eq", "value": 1}
    )
    assert warmed() == {(("category", (13,)),)}


def test_before_the_first_build_nothing_is_begun(layout):
    assert warm_up() is None


def test_a_new_base_knows_what_was_asked_on_the_one_before(chain):
    populations = Populations()
    with counting(MARKETER, now=NOW) as desk:
        (leaf,) = leaves(desk.step(parse(IN_ONE, desk.catalogue)))
        populations.at(desk.reading).load(desk.reading.cursor, leaf)
        assert populations.former == ()
        populations._base = (0, populations.at(desk.reading).base)  # as if it were of the night before
        populations._newest = None
        assert populations.at(desk.reading).base.asked == ()
        assert populations.former == (leaf,)

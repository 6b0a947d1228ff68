"""Tags: the dictionary is sound, computed ones equal the hand count, given ones keep author, reach and undo."""

import numpy as np
import pytest
from tests.apps.builds.conftest import NOW
from tests.web.conftest import Chain, chain

from huitou.apps.base import fields
from huitou.apps.base.hooks import IdentityChange, PersonCopy, RecordMove
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import PersonFacts
from huitou.apps.products.models import Category
from huitou.apps.value import handlers
from huitou.apps.value.models import FormulaVersion, PersonTag, PersonValue, RunKind
from huitou.apps.value.queries import tag_dictionary
from huitou.apps.value.rules_in_force import formula_publish
from huitou.apps.value.scenarios import ScenarioRefused, scenario_save
from huitou.apps.value.services import TagRefused, interest_note, tag_define, tag_give, tag_remove, value_run
from huitou.core.value.tags import TAGS, TagInvalid, check_tags
from huitou.core.value.traits import WeightsInvalid

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

WHOLE = Viewer(user_id=7, role_code="marketer", store_ids=None)
NOBODY = Viewer(user_id=8, role_code="store_manager", store_ids=frozenset())


@pytest.mark.accept("S29")
def test_every_tag_says_what_it_is_and_stands_on_a_field_that_lists_know(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    names = {entry.field.name for entry in fields.fields_of(fields.Noun.CUSTOMER, WHOLE)}
    check_tags(TAGS, fields=names)
    with pytest.raises(TagInvalid, match="field_missing"):
        check_tags(TAGS, fields=names - {"cycle_days"})
    lines = tag_dictionary()
    for line in lines:
        assert line.label.zh
        assert line.definition.en
        assert line.owner.zh
        assert line.refresh.zh
        if line.condition:
            assert line.condition.split(".")[0] in names
    covered = {line.code: line.covered for line in lines}
    assert covered["rfm_total"] == PersonValue.objects.exclude(rfm_total=None).count() > 0
    assert covered["top_category"] == PersonFacts.objects.exclude(top_category_id=None).count()
    assert covered["interest"] == 0


@pytest.mark.accept("S33", "S36")
def test_computed_tags_equal_the_facts_they_come_from(tills):
    tills.bring(0, 1, 2, 3)
    cycle_run(now=NOW)
    rows = PersonValue.objects.select_related("person__facts").exclude(rfm_total=None)
    assert rows
    for row in rows:
        facts = row.person.facts
        assert row.average_ticket_fen == int(np.floor(facts.net_fen / facts.orders_count + 0.5))
        days = (facts.last_date - facts.first_date).days
        wanted = None if facts.order_days < 3 else int(days / (facts.order_days - 1) + 0.5)
        assert row.cycle_days == wanted
        assert row.spending_power == int((row.f + row.m - 2) / 8 * 100 + 0.5)
        assert 9 <= row.preferred_hour <= 20
        assert row.discount_share == pytest.approx(facts.discounted_lines / facts.lines_count, abs=1e-4)
        assert row.online_share == pytest.approx(facts.online_orders / facts.orders_count, abs=1e-4)
        assert row.basket_milli == int(facts.items_milli / facts.orders_count + 0.5)


@pytest.mark.accept("S42")
def test_new_weights_are_a_version_and_score_everybody_again(tills):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    before = dict(PersonValue.objects.exclude(rfm_total=None).values_list("pk", "interaction_power"))
    weights = {"purchase": 1.0, "view": 0, "search": 0, "cart": 0, "pay": 0, "review": 0, "community": 0}
    with pytest.raises(WeightsInvalid):
        formula_publish(code="interaction", weights={**weights, "view": 0.5}, author_id=7, now=NOW)
    formula_publish(code="interaction", weights=weights, author_id=7, now=NOW)
    run = value_run(now=NOW)
    assert (run.kind_code, run.rules["formulas"]) == (RunKind.FULL, {"interaction": 1})
    after = dict(PersonValue.objects.exclude(rfm_total=None).values_list("pk", "interaction_power"))
    assert all(abs(after[person] - 5 * before[person]) <= 3 for person in after)  # 0.2 became 1; whole points
    assert FormulaVersion.objects.get().number == 1


@pytest.mark.accept("S39")
def test_a_basket_of_the_scenario_gives_its_tag(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    with pytest.raises(ScenarioRefused, match="no_category"):
        scenario_save(code="pets", name="宠物", paths=["恐龙"], hours=None, orders=1, days=30, author_id=7, now=NOW)
    category = PersonFacts.objects.exclude(top_category_id=None).first().top_category_id
    path = Category.objects.get(pk=category).path
    scenario_save(code="pet", name="宠物", paths=[path], hours=None, orders=1, days=30, author_id=7, now=NOW)
    value_run(now=NOW)
    bought = set(PersonFacts.objects.filter(top_category_id=category).values_list("pk", flat=True))
    tagged = set(PersonValue.objects.filter(scenario_3=True).values_list("pk", flat=True))
    assert bought
    assert bought <= tagged


@pytest.mark.accept("S41")
def test_an_interest_is_linked_to_its_category_with_author_and_time(chain: Chain):
    fresh = Category.objects.create(path="生鲜/蔬菜", name="蔬菜", level=2)
    organic = Category.objects.create(path="生鲜/蔬菜/有机蔬菜", name="有机蔬菜", level=3)
    tag = interest_note(viewer=WHOLE, person_id=chain.person_id, text="对有机蔬菜感兴趣", now=NOW)
    assert (tag.category_id, tag.author_id, tag.given_at) == (organic.pk, 7, NOW)
    assert interest_note(viewer=WHOLE, person_id=chain.person_id, text="爱吃蔬菜", now=NOW).category_id == fresh.pk
    assert interest_note(viewer=WHOLE, person_id=chain.person_id, text="喜欢散步", now=NOW).category_id is None
    assert b"\xe6\x9c\x89\xe6\x9c\xba" not in bytes(PersonTag.objects.get(pk=tag.pk).note)
    assert handlers.tags_copied(PersonCopy(chain.person_id, ()))["tags"][0]["note"] == "对有机蔬菜感兴趣"
    for call in (
        lambda: interest_note(viewer=NOBODY, person_id=chain.person_id, text="x", now=NOW),
        lambda: tag_remove(viewer=NOBODY, person_id=chain.person_id, tag_id=tag.pk),
        lambda: tag_remove(viewer=WHOLE, person_id=chain.outsider_id, tag_id=tag.pk),
    ):
        with pytest.raises(TagRefused, match="not_found"):
            call()


def test_a_given_tag_goes_with_a_merge_and_comes_back_with_its_undo(chain: Chain):
    one, other = chain.person_id, chain.outsider_id
    tag_define(code="vip_guest", name="贵宾", dimension="value", definition="店长认定", owner_id=7, now=NOW)
    with pytest.raises(TagInvalid, match="code_twice"):
        tag_define(code="vip_guest", name="贵宾", dimension="value", definition="店长认定", owner_id=7, now=NOW)
    first = tag_give(viewer=WHOLE, person_id=other, code="vip_guest", now=NOW)
    assert tag_give(viewer=WHOLE, person_id=other, code="vip_guest", now=NOW).pk == first.pk
    moves = (RecordMove(1, other, one),)
    handlers.tags_follow(IdentityChange(1, moves, (), (other,), NOW))
    assert PersonTag.objects.get().person_id == one
    handlers.tags_follow(IdentityChange(2, (RecordMove(1, one, other),), (other,), (), NOW))
    assert PersonTag.objects.get().person_id == other

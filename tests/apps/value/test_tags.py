"""Tags: the dictionary is sound, computed ones equal the hand count, given ones keep author, reach and undo."""

from datetime import timedelta

import numpy as np
import pytest
from tests.apps.builds.conftest import NOW
from tests.web.conftest import Chain, chain

from huitou.apps.attributes.services import attribute_save
from huitou.apps.attributes.services.define import Told
from huitou.apps.base import fields
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased, RecordMove
from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.queries.listing import person_page, person_sorts
from huitou.apps.products.models import Category
from huitou.apps.value import handlers
from huitou.apps.value.models import FormulaVersion, PersonTag, PersonValue, RunKind, ScenarioRule, TagMove, ValueRun
from huitou.apps.value.queries import given_tags, person_value, tag_dictionary
from huitou.apps.value.rules_in_force import formula_publish
from huitou.apps.value.scenarios import ScenarioRefused, scenario_off, scenario_save
from huitou.apps.value.services import (
    TagRefused,
    interest_note,
    tag_define,
    tag_give,
    tag_remove,
    tag_restore,
    tags_expire,
    tags_give,
    tags_take,
    tags_undo,
    value_run,
)
from huitou.core.attributes import AttributeType
from huitou.core.filters.json_form import parse
from huitou.core.value.rfm import rank_scores
from huitou.core.value.tags import TAGS, Dimension, Kind, TagInvalid, check_tags
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
    lines = tag_dictionary(now=NOW, names={})
    for line in lines:
        assert line.label.zh
        assert line.definition.en
        assert line.owner.zh
        assert line.refresh.zh
        assert line.dimension in Dimension
        assert line.kind in Kind
        assert line.accuracy is None or 0 <= line.accuracy <= 1
        if line.condition:
            assert line.condition.split(".")[0] in names
    covered = {line.code: line.covered for line in lines}
    assert covered["rfm_total"] == PersonValue.objects.exclude(rfm_total=None).count() > 0
    assert covered["top_category"] == PersonFacts.objects.exclude(top_category_id=None).count()
    assert covered["interest"] == 0


@pytest.mark.accept("S32")
def test_the_rfm_tag_equals_the_scores_of_its_day_and_says_which_day(tills):
    tills.bring(0, 1, 2, 3)
    cycle_run(now=NOW)
    run = ValueRun.objects.get()
    facts = PersonFacts.objects.filter(orders_365d__gt=0, net_365d_fen__gt=0).order_by("pk")
    rows = list(facts.values_list("pk", "last_date", "orders_365d", "net_365d_fen"))
    ago = np.array([(run.as_of - last).days for _, last, _, _ in rows], dtype=float)
    often, spent = (np.array([row[place] for row in rows], dtype=float) for place in (2, 3))
    totals = rank_scores(ago, high_is_good=False) + rank_scores(often) + rank_scores(spent)
    stored = PersonValue.objects.exclude(rfm_total=None).order_by("pk").values_list("pk", "rfm_total")
    assert list(stored) == [(row[0], int(total)) for row, total in zip(rows, totals, strict=True)]
    line = next(line for line in tag_dictionary(now=NOW, names={}) if line.code == "rfm_total")
    assert (line.as_of, line.covered) == (run.as_of, len(rows))
    assert person_value(WHOLE, rows[0][0]).run.as_of == run.as_of


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
    with warehouse().read() as reading:
        bought = reading.cursor.execute(
            "select person_id, count(distinct net_order_id) from order_category join map using (record_id)"
            " where category_id = ? and net_fen > 0 group by 1",
            [category],
        ).fetchall()
    most = max(orders for _, orders in bought)
    scenario_save(code="pet", name="宠物", paths=[path], hours=None, orders=most, days=30, author_id=7, now=NOW)
    value_run(now=NOW)
    tagged = set(PersonValue.objects.filter(scenario_3=True).values_list("pk", flat=True))
    assert tagged == {person for person, orders in bought if orders >= most}
    assert 0 < len(tagged) < len(bought)
    ScenarioRule.objects.filter(code="pet").update(paths=["恐龙"])  # as when the category was renamed since
    scenario_save(code="same", name="同上", paths=[path], hours=None, orders=1, days=30, author_id=7, now=NOW)
    value_run(now=NOW)
    assert set(PersonValue.objects.values_list("scenario_3", flat=True)) == {None}  # no answer, and no 0
    line = next(one for one in tag_dictionary(now=NOW, names={}) if one.code == "scenario_pet")
    assert (line.covered, "没有品类含这些词" in line.definition.zh) == (None, True)
    scenario_off(code="pet", author_id=7, now=NOW)
    value_run(now=NOW)
    assert not PersonValue.objects.filter(scenario_3=True).exists()


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
        lambda: tag_remove(viewer=NOBODY, person_id=chain.person_id, tag_id=tag.pk, now=NOW),
        lambda: tag_remove(viewer=WHOLE, person_id=chain.outsider_id, tag_id=tag.pk, now=NOW),
    ):
        with pytest.raises(TagRefused, match="not_found"):
            call()


@pytest.fixture
def guest(chain: Chain) -> Chain:
    """The chain with one tag that people give."""
    tag_define(code="vip_guest", name="贵宾", dimension="value", definition="店长认定", owner_id=7, now=NOW)
    return chain


def has_tag(person_id: int) -> bool:
    """Ask as a list does."""
    catalogue = fields.catalogue_of(fields.Noun.CUSTOMER, WHOLE)
    node = parse({"field": "tag", "op": "eq", "value": "vip_guest"}, catalogue)
    sort = sort_read("id", person_sorts())
    return person_id in {row.row_id for row in person_page(WHOLE, Asked(catalogue, sort, NOW.date(), node)).rows}


@pytest.mark.accept("S29")
def test_a_tag_is_given_taken_away_and_brought_back_with_a_trace_of_each(guest: Chain):
    person = guest.person_id
    with pytest.raises(TagInvalid, match="code_twice"):
        tag_define(code="vip_guest", name="贵宾", dimension="value", definition="店长认定", owner_id=7, now=NOW)
    tag = tag_give(viewer=WHOLE, person_id=person, code="vip_guest", now=NOW, expires_on=NOW.date())
    assert tag_give(viewer=WHOLE, person_id=person, code="vip_guest", now=NOW).pk == tag.pk
    assert has_tag(person)
    tag_remove(viewer=WHOLE, person_id=person, tag_id=tag.pk, now=NOW)
    assert not has_tag(person)
    assert given_tags(WHOLE, person) == []
    tag_restore(viewer=WHOLE, person_id=person, tag_id=tag.pk, now=NOW)
    assert has_tag(person)
    assert [one.code for one in given_tags(WHOLE, person)] == ["vip_guest"]
    assert given_tags(NOBODY, person) == []
    assert tags_expire(now=NOW) == 0  # its last day is today
    assert tags_expire(now=NOW + timedelta(days=1)) == 1
    assert not has_tag(person)
    traces = AuditEvent.objects.filter(action_code__startswith="tag.").order_by("pk").values_list("action_code", flat=True)
    assert list(traces) == ["tag.defined", "tag.given", "tag.taken", "tag.restored"]
    cashier = Viewer(user_id=9, role_code="cashier", store_ids=None)
    for viewer, code, day, reason in (
        (cashier, "vip_guest", None, "role"),
        (NOBODY, "vip_guest", None, "not_found"),
        (WHOLE, "nonsense", None, "unknown"),
        (WHOLE, "vip_guest", NOW.date() - timedelta(days=1), "past"),
    ):
        with pytest.raises(TagRefused, match=reason):
            tag_give(viewer=viewer, person_id=person, code=code, now=NOW, expires_on=day)


def test_a_tag_of_many_is_cut_to_the_reach_and_undone_whole(guest: Chain):
    both = [guest.person_id, guest.outsider_id]
    manager = Viewer(user_id=3, role_code="store_manager", store_ids=frozenset({guest.store_id}))
    given = tags_give(viewer=manager, person_ids=[*both, 10**9], code="vip_guest", now=NOW)
    assert (given.asked, given.changed, given.refused) == (3, 1, 2)  # the outsider is none of the store's
    rest = tags_give(viewer=WHOLE, person_ids=both, code="vip_guest", now=NOW)
    assert (rest.asked, rest.changed, rest.had) == (2, 1, 1)
    taken = tags_take(viewer=WHOLE, person_ids=both, code="vip_guest", now=NOW)
    assert taken.changed == 2
    tags_undo(viewer=WHOLE, change_id=taken.pk, now=NOW)
    assert has_tag(guest.person_id)
    assert has_tag(guest.outsider_id)
    tags_undo(viewer=WHOLE, change_id=rest.pk, now=NOW)
    assert (has_tag(guest.person_id), has_tag(guest.outsider_id)) == (True, False)  # what others gave stays
    guide = Viewer(user_id=4, role_code="guide", store_ids=frozenset({guest.store_id}))
    for call, reason in (
        (lambda: tags_undo(viewer=WHOLE, change_id=rest.pk, now=NOW), "undone"),
        (lambda: tags_undo(viewer=WHOLE, change_id=given.pk, now=NOW), "not_found"),
        (lambda: tags_give(viewer=guide, person_ids=both, code="vip_guest", now=NOW), "role"),
        (lambda: tags_give(viewer=NOBODY, person_ids=both, code="vip_guest", now=NOW), "nobody"),
        (lambda: tags_give(viewer=WHOLE, person_ids=range(100_001), code="vip_guest", now=NOW), "too_many"),
    ):
        with pytest.raises(TagRefused, match=reason):
            call()


def test_an_attribute_that_files_bring_is_a_tag_of_its_owner(chain: Chain):
    attribute_save(told=Told("occupation", "职业"), type=AttributeType.TEXT, by=7, now=NOW)
    attribute_save(told=Told("bought_list", "名单", is_third_party=True), type=AttributeType.FLAG, by=7, now=NOW)
    lines = {line.code: line for line in tag_dictionary(now=NOW, names={7: "林"})}
    line = lines["attribute_occupation"]
    assert (line.kind, line.owner.zh, line.covered, line.condition) == ("imported", "林", 0, "attribute_occupation.present")
    assert "attribute_bought_list" not in lines  # nobody said on what basis it may be used


def test_a_given_tag_goes_with_a_merge_and_comes_back_with_its_undo(guest: Chain):
    one, other = guest.person_id, guest.outsider_id
    tag_give(viewer=WHOLE, person_id=other, code="vip_guest", now=NOW)
    moves = (RecordMove(1, other, one),)
    handlers.tags_follow(IdentityChange(1, moves, (), (other,), NOW))
    assert PersonTag.objects.get().person_id == one
    handlers.tags_follow(IdentityChange(2, (RecordMove(1, one, other),), (other,), (), NOW))
    assert PersonTag.objects.get().person_id == other
    handlers.person_erased(PersonErased(other, (), NOW))
    assert not PersonTag.objects.exists()
    assert not TagMove.objects.exists()


def test_undoing_a_chain_of_merges_gives_back_also_what_the_person_in_the_middle_had(guest: Chain):
    first, middle, last = guest.person_id, guest.outsider_id, guest.person_id + 10
    for person_id in (first, middle, last):
        PersonTag.objects.create(person_id=person_id, tag_code=f"of_{person_id}", given_at=NOW)

    def holders() -> dict[str, int]:
        return dict(PersonTag.objects.values_list("tag_code", "person_id"))

    apart = holders()
    into_middle = IdentityChange(1, (RecordMove(1, first, middle),), (), (first,), NOW)
    into_last = IdentityChange(2, (RecordMove(1, middle, last), RecordMove(2, middle, last)), (), (middle,), NOW)
    handlers.tags_follow(into_middle)
    PersonTag.objects.create(person_id=middle, tag_code="of_both", given_at=NOW)
    once = holders()
    for _ in range(2):  # told again, it changes nothing
        handlers.tags_follow(into_last)
        assert set(holders().values()) == {last}
    handlers.tags_follow(IdentityChange(3, (RecordMove(1, last, middle), RecordMove(2, last, middle)), (middle,), (), NOW))
    assert holders() == once
    handlers.tags_follow(IdentityChange(4, (RecordMove(1, middle, first),), (first,), (), NOW))
    assert holders() == apart | {"of_both": middle}

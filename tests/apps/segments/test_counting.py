"""What a viewer counts: rules over both databases, within reach, through a tail."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.apps.segments.world import (
    AS_OF,
    BUYS_TWICE,
    COMPLAINED,
    LAPSED,
    MANAGER,
    MARKETER,
    NOW,
    STRANGER,
    fold_world,
)

from huitou.apps.customers.models import Person
from huitou.apps.segments.catalogue import segment_catalogue
from huitou.apps.segments.counting import counting
from huitou.apps.segments.explain import explained
from huitou.apps.value.models import PersonDemographic
from huitou.core.filters.json_form import FilterError, parse
from huitou.core.periods import business_date

pytestmark = pytest.mark.django_db


def matching(rule, viewer=MARKETER, now=NOW):
    with counting(viewer, now=now) as desk:
        node = parse(rule, desk.catalogue)
        found = desk.matching(desk.step(node)).ids().tolist()
        assert desk.count(node).persons == len(found)
        assert desk.count(node).persons == len(found)  # from memory
        return found


CASES = [
    ("bought twice in 60 days", BUYS_TWICE, [101, 105]),
    ("never", {"event": "purchase", "measure": "times", "op": "eq", "value": 0}, [107, 108]),
    ("at most once in 60 days", {**BUYS_TWICE, "op": "lte", "value": 1}, [102, 103, 104, 106, 107, 108]),
    ("lapsed", LAPSED, [103, 104, 106]),
    ("not lapsed, those without a purchase too", {"not": LAPSED}, [101, 102, 105, 107, 108]),
    ("in a category above", {**BUYS_TWICE, "days": 400, "where": {"category": [10]}}, [101, 103, 105]),
    ("in one category", {**BUYS_TWICE, "value": 1, "days": 400, "where": {"category": [13]}}, [104]),
    ("in a store", {**BUYS_TWICE, "value": 1, "days": 400, "where": {"store": [2]}}, [103, 104]),
    ("between two days",
     {"event": "purchase", "measure": "net", "op": "gte", "value": 500, "from": "2026-03-22", "to": "2026-04-30"}, [103, 106]),
    ("complained", COMPLAINED, [101]),
    ("looked", {"event": "view", "measure": "times", "op": "gte", "value": 1, "days": 7}, [107]),
    ("contacted twice", {"event": "touch", "measure": "times", "op": "gte", "value": 2, "days": 7}, [102]),
    ("contacted twice by text message",
     {"event": "touch", "measure": "times", "op": "gte", "value": 2, "days": 7, "where": {"channel": ["sms"]}}, []),
    ("contacted by text message or phone, once",
     {"event": "touch", "measure": "times", "op": "eq", "value": 1, "days": 7, "where": {"channel": ["sms", "phone"]}}, [102]),
    ("answered", {"event": "response", "measure": "times", "op": "gte", "value": 1, "days": 7}, [103]),
    ("members", {"field": "is_member", "op": "eq", "value": True}, [102, 104, 106, 108]),
    ("mixed", {"all": [{"any": [BUYS_TWICE, LAPSED]}, {"not": COMPLAINED}, {"field": "net", "op": "gte", "value": 200}]},
     [103, 104, 105, 106]),
    ("everybody", {"all": []}, [101, 102, 103, 104, 105, 106, 107, 108]),
]  # fmt: skip


@pytest.mark.db_both
@pytest.mark.usefixtures("chain")
def test_rules_over_both_databases_find_the_right_persons():
    for case, rule, wanted in CASES:
        assert matching(rule) == wanted, case


@pytest.mark.db_both
@pytest.mark.usefixtures("chain")
def test_who_lives_no_more_is_not_counted_though_the_tables_still_hold_the_rows():
    PersonDemographic.objects.bulk_create(PersonDemographic(pk=pk, gender_code="F", read_at=NOW) for pk in (101, 102))
    women = {"field": "gender", "op": "eq", "value": "F"}
    assert (matching(women), matching(COMPLAINED)) == ([101, 102], [101])
    Person.objects.filter(pk=101).update(is_live=False)
    later = NOW + timedelta(minutes=1)
    assert (matching(women, now=later), matching(COMPLAINED, now=later)) == ([102], [])


@pytest.mark.usefixtures("chain")
def test_the_worked_example_of_the_documentation():
    """docs/algorithms/segments.md: who bought twice in 60 days without a complaint in 90, and the number of each person."""
    rule = {"all": [BUYS_TWICE, {"not": COMPLAINED}]}
    assert matching(rule) == [105]
    with counting(MARKETER, now=NOW) as desk:
        told = {person: explained(desk, MARKETER, parse(rule, desk.catalogue), person) for person in (101, 102, 105, 107)}
    assert {person: one.parts[0].value for person, one in told.items()} == {101: 3, 102: 1, 105: 2, 107: 0}
    assert {person: one.holds for person, one in told.items()} == {101: False, 102: False, 105: True, 107: False}
    page = (Path(__file__).parents[3] / "docs/algorithms/segments.md").read_text(encoding="utf-8")
    assert f"so from {AS_OF - timedelta(days=59)} on" in page
    for person, days in ((101, (5, 20, 40)), (102, (5,)), (105, (3, 4))):
        bought = ", ".join(f"{AS_OF - timedelta(days=ago):%m-%d}" for ago in days)
        assert f"| {person} | {bought} | {told[person].parts[0].value} |" in page
    assert f"| {business_date(NOW - timedelta(days=10)):%m-%d} | no: excluded |" in page


@pytest.mark.accept("S37")
@pytest.mark.usefixtures("chain")
def test_within_some_kilometres_of_a_store_finds_exactly_those_at_home_there():
    near = {"field": "home_store", "op": "near", "value": [1, 2_000]}
    assert matching(near) == [101, 102, 103, 104, 107]
    assert matching({**near, "value": [1, 500]}) == [101, 102, 107]
    with pytest.raises(FilterError, match="coordinates"):
        parse({**near, "value": [4, 500]}, segment_catalogue(MARKETER))


@pytest.mark.usefixtures("chain")
def test_a_count_ends_where_the_viewer_ends():
    assert matching(LAPSED, MANAGER) == []
    assert matching({"not": LAPSED}, MANAGER) == [101, 102, 107]
    assert matching({"all": []}, STRANGER) == []
    with counting(MANAGER, now=NOW) as desk:
        assert desk.count(parse({"all": []}, desk.catalogue)).everybody == 3


def test_todays_purchases_count_through_the_tail(chain):
    assert matching(BUYS_TWICE) == [101, 105]
    fold_world(chain, 2, {102: (1, (0,), 1, 500), 107: (1, (1, 2), 2, 100)})
    assert matching(BUYS_TWICE) == [101, 102, 105, 107]
    assert matching({"not": BUYS_TWICE}) == [103, 104, 106, 108]


@pytest.mark.accept("S69")
@pytest.mark.usefixtures("chain")
def test_profile_place_frequency_and_amount_meet_in_one_nested_rule():
    rule = {
        "all": [
            {"field": "is_member", "op": "eq", "value": False},
            {"field": "home_store", "op": "near", "value": [1, 2_000]},
            {"any": [BUYS_TWICE, {"field": "net", "op": "gte", "value": 1_000}]},
            {"not": {"event": "purchase", "measure": "net", "op": "gt", "value": 10_000}},
        ]
    }
    assert matching(rule) == [101, 103]
    PersonDemographic.objects.create(person_id=101, born_month=date(1990, 5, 1), gender_code="M", read_at=NOW)
    PersonDemographic.objects.create(person_id=103, born_month=date(1990, 5, 1), gender_code="F", read_at=NOW)
    women = {"field": "gender", "op": "eq", "value": "F"}
    assert matching({"all": [women, rule]}) == [103]
    assert matching({"all": [{"not": women}, rule]}) == [101]
    assert matching({"all": [{"field": "age_band", "op": "eq", "value": "unknown"}, rule]}) == []

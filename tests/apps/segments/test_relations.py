"""Rules about relations: the segment and the list of customers find the same persons, and say why."""

import pytest
from tests.apps.segments.world import AS_OF, BUYS_TWICE, MANAGER, MARKETER, NOW, STRANGER

from huitou.apps.base.filters import filter_q
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.relations.facts import facts_refresh
from huitou.apps.relations.models import CustomerGroup, GroupStep, HouseholdTie, Referral
from huitou.apps.segments.catalogue import segment_catalogue
from huitou.apps.segments.counting import counting
from huitou.apps.segments.explain import explained
from huitou.apps.value.models import PersonValue
from huitou.apps.value.schemes import in_force, shipped_ensure
from huitou.core.filters.json_form import FilterError, parse
from huitou.core.value.templates import ACTIVE_FROM_START

pytestmark = [pytest.mark.django_db, pytest.mark.accept("S38")]
REFERRED = {102: 101, 103: 101, 104: 105, 107: 101}  # person: by whom
TIED = ((101, 102), (103, 104), (103, 106))


@pytest.fixture
def related(chain):
    """Three households, four referrals, a group; returns the scheme and its first and last tier."""
    for at, (person, other) in enumerate([*TIED, *(pair[::-1] for pair in TIED)]):
        HouseholdTie.objects.create(
            person_id=person, other_id=other, kind_code="phone", value_hash=at % len(TIED), valid_from=NOW
        )
    HouseholdTie.objects.create(person_id=105, other_id=101, kind_code="card", value_hash=9, valid_from=NOW, valid_to=NOW)
    for person, referrer in REFERRED.items():
        Referral.objects.create(source_code="files", pair_no=person, person_id=person, referrer_id=referrer, is_current=True)
    Referral.objects.create(source_code="mall", pair_no=1, person_id=106, referrer_id=101)  # another was said before
    group = CustomerGroup.objects.create(pk=5, source_code="files", code="G1", title="福利群")
    for at, (person, left_at) in enumerate([(101, None), (102, NOW), (107, None)]):
        GroupStep.objects.create(pk=at, group=group, record_id=at, person_id=person, is_join=True, at=NOW, left_at=left_at)
    facts_refresh(range(101, 109))
    shipped_ensure(now=NOW)
    scheme = in_force(ACTIVE_FROM_START[0].code)
    first, last = scheme.scheme.tiers[0].code, scheme.scheme.tiers[-1].code
    for person, tier in ((101, first), (105, last), (104, first)):
        PersonValue.objects.create(person_id=person, run_id=1, **{scheme.column: tier})
    return scheme.code, first, last


def cases(scheme, first, last):
    by_first = {"field": f"referrer_tier_{scheme}", "op": "eq", "value": first}
    return {
        "referred by a diamond": (by_first, [102, 103, 107]),
        "not so": ({"not": by_first}, [101, 104, 105, 106, 108]),
        "referred by another tier": ({**by_first, "op": "ne"}, [104]),
        "referred by a tier": ({"field": f"referrer_tier_{scheme}", "op": "present"}, [102, 103, 104, 107]),
        "a diamond in the household": ({"field": f"household_tier_{scheme}", "op": "in", "value": [first, last]}, [102, 103]),
        "household of three": ({"field": "household_size", "op": "gte", "value": 3}, [103]),
        "no household known": ({"field": "household_size", "op": "missing"}, [105, 107, 108]),
        "referred two and more": ({"field": "referred_count", "op": "gte", "value": 2}, [101]),
        "in the group": ({"field": "group", "op": "eq", "value": 5}, [101, 107]),
        "in no group": ({"field": "group", "op": "missing"}, [102, 103, 104, 105, 106, 108]),
        "nested": ({"any": [{"all": [by_first, {"field": "household_size", "op": "eq", "value": 2}]},
                            {"not": {"field": "is_member", "op": "eq", "value": True}}]}, [101, 102, 103, 105, 107]),
    }  # fmt: skip


@pytest.mark.db_both
def test_the_segment_and_the_list_find_the_same_persons(related):
    catalogue = customer_catalogue(MARKETER)
    for case, (rule, wanted) in cases(*related).items():
        with counting(MARKETER, now=NOW) as desk:
            found = desk.matching(desk.step(parse(rule, desk.catalogue))).ids().tolist()
        listed = persons_in_reach(MARKETER).filter(filter_q(parse(rule, catalogue), catalogue, as_of=AS_OF))
        assert (found, sorted(listed.values_list("pk", flat=True))) == (wanted, wanted), case


def test_relations_and_purchases_meet_in_one_rule(related):
    scheme, first, _last = related
    rule = {"all": [{"not": BUYS_TWICE}, {"field": f"referrer_tier_{scheme}", "op": "eq", "value": first}]}
    with counting(MARKETER, now=NOW) as desk:
        assert desk.matching(desk.step(parse(rule, desk.catalogue))).ids().tolist() == [102, 103, 107]


def test_why_somebody_is_in_or_out_names_what_the_referrer_is(related):
    scheme, first, last = related
    rule = {"field": f"referrer_tier_{scheme}", "op": "eq", "value": first}
    with counting(MARKETER, now=NOW) as desk:
        told = {person: explained(desk, MARKETER, parse(rule, desk.catalogue), person) for person in (102, 104, 101)}
    assert [(told[one].holds, told[one].value) for one in (102, 104, 101)] == [(True, first), (False, last), (False, None)]


@pytest.mark.parametrize("viewer", [MANAGER, STRANGER])
def test_whoever_sees_one_store_cannot_ask_what_others_are_like(related, viewer):
    scheme, first, _last = related
    for name in (f"referrer_tier_{scheme}", f"household_tier_{scheme}"):
        with pytest.raises(FilterError):
            parse({"field": name, "op": "eq", "value": first}, segment_catalogue(viewer))
    with counting(viewer, now=NOW) as desk:
        found = desk.matching(desk.step(parse({"field": "group", "op": "eq", "value": 5}, desk.catalogue))).ids().tolist()
    assert found == ([101, 107] if viewer is MANAGER else [])

"""Household: who shares a phone, a card or a home, without being merged; stored, and shown in the viewer's reach only."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps

from huitou.apps.base.hooks import FactsPublished, Hook, PersonCopy, PersonErased, run
from huitou.apps.base.scope import Viewer
from huitou.apps.identity import services
from huitou.apps.relations.handlers import facts_published
from huitou.apps.relations.household import every_value, ties_draw, ties_settle
from huitou.apps.relations.models import HouseholdMark, HouseholdTie, RelationFacts
from huitou.apps.relations.queries import relations_of

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S38")]

STEWARD = Viewer(user_id=7, role_code="agent", store_ids=None)
STRANGER = Viewer(user_id=8, role_code="agent", store_ids=frozenset())
HOME = "杭州市城西区景和路12号3幢502室"
PHONE = "13912345678"


def others(person, viewer=STEWARD, **moment):
    return [(one.person_id, one.kinds) for one in relations_of(viewer, person, **moment).household.neighbours]


def couple(chain):
    """Two of one phone whom the matcher keeps apart, and somebody else; settled. Returns record -> person."""
    chain.apply("mall", [{"record_id": 1, "phone": PHONE, "name": "周小芳", "gender": "女", "store_id": 5}])
    chain.apply("pos", [{"record_id": 2, "phone": PHONE, "name": "李雷", "gender": "男", "store_id": 6}])
    chain.apply("pos", [{"record_id": 3, "phone": "13888776655", "name": "赵敏"}])
    ties_settle(now=chain.now)
    return chain.persons()


def standing():
    return set(HouseholdTie.objects.filter(valid_to=None).values_list("person_id", "other_id", "value_hash", "since"))


def test_a_household_follows_merges_splits_and_undos(chain):
    persons = couple(chain)
    assert others(persons[1]) == [(persons[2], ("phone",))]
    assert others(persons[3]) == []
    before = standing()
    event = services.person_merge(person_id=persons[1], other_id=persons[2], by=7, reason="", now=chain.now)
    survivor = chain.persons()[1]
    assert others(survivor) == []
    assert not RelationFacts.objects.exists()
    services.identity_undo(event_id=event.pk, by=7, reason="", now=chain.now)
    assert others(persons[2]) == [(persons[1], ("phone",))]
    assert standing() == before
    assert RelationFacts.objects.get(pk=persons[1]).household_size == 2


def test_a_merge_carries_the_tie_to_whoever_stays(chain):
    persons = couple(chain)
    services.person_merge(person_id=persons[2], other_id=persons[3], by=7, reason="", now=chain.now)
    stays = chain.persons()[3]
    assert others(persons[1]) == [(stays, ("phone",))]
    assert others(stays) == [(persons[1], ("phone",))]


def test_a_stranger_sees_nothing_and_the_own_guide_a_count(chain):
    persons = couple(chain)
    assert relations_of(STRANGER, persons[1]).household.hidden == 0
    assert others(persons[1], STRANGER) == []
    guide = relations_of(Viewer(9, "guide", frozenset({5})), persons[1]).household
    assert (guide.neighbours, guide.hidden) == ((), 1)


def test_a_home_ties_persons_without_a_phone_in_common(chain):
    chain.apply("mall", [{"record_id": 1, "phone": PHONE, "name": "周小芳", "address": f"浙江省{HOME}"}])
    chain.apply("mall", [{"record_id": 2, "phone": "13888776655", "name": "李雷", "address": HOME}])
    chain.apply("mall", [{"record_id": 3, "phone": "13888776656", "name": "赵敏", "address": HOME[:-4]}])
    ties_settle(now=chain.now)
    persons = chain.persons()
    assert others(persons[1]) == [(persons[2], ("home",))]
    assert others(persons[3]) == []
    chain.apply("mall", [{"record_id": 2, "phone": "13888776655", "name": "李雷", "address": HOME.replace("502", "601")}])
    ties_settle(now=chain.now)
    assert others(persons[1]) == []


def test_a_home_of_too_many_is_a_workplace(chain):
    names = ("周小芳", "李雷", "赵敏", "钱多多", "孙尚香", "吴用", "郑和")
    rows = [{"record_id": at, "phone": f"1388877660{at}", "name": name, "address": HOME} for at, name in enumerate(names, 1)]
    chain.apply("mall", rows[:6])
    ties_settle(now=chain.now)
    assert len(others(chain.persons()[1])) == 5
    chain.apply("mall", rows[6:])
    ties_settle(now=chain.now)
    assert not HouseholdTie.objects.filter(valid_to=None).exists()
    leaver = chain.persons()[7]
    run(Hook.ERASE, PersonErased(leaver, (7,), chain.now))
    ties_settle(now=chain.now)
    assert len(others(chain.persons()[1])) == 5


def test_what_was_known_is_answered_by_date(chain):
    persons = couple(chain)
    then = chain.now
    later = then + timedelta(days=1)
    event = services.person_merge(person_id=persons[1], other_id=persons[3], by=7, reason="", now=later)
    services.identity_undo(event_id=event.pk, by=7, reason="", now=later + timedelta(days=1))
    assert others(persons[2], as_of=then) == [(persons[1], ("phone",))]
    assert others(persons[2], as_of=then - timedelta(days=1)) == []
    assert others(persons[2]) == [(persons[1], ("phone",))]


def test_whoever_was_merged_since_stands_in_the_household_of_that_day_as_who_they_are_now(chain):
    persons = couple(chain)
    then = chain.now
    chain.now += timedelta(days=2)
    services.person_merge(person_id=persons[3], other_id=persons[2], by=7, reason="", now=chain.now)
    stays = chain.persons()[2]
    assert others(persons[1], as_of=then) == [(stays, ("phone",))]
    assert relations_of(STEWARD, persons[1], as_of=then).household.hidden == 0
    services.person_merge(person_id=persons[1], other_id=stays, by=7, reason="", now=chain.now)
    assert relations_of(STEWARD, chain.persons()[1], as_of=then).household.count == 0


def test_an_erased_person_is_in_nobodys_household(chain):
    persons = couple(chain)
    run(Hook.ERASE, PersonErased(persons[2], (2,), chain.now))
    ties_settle(now=chain.now)
    assert others(persons[1]) == []
    assert not HouseholdTie.objects.filter(other_id=persons[2]).exists()
    assert not HouseholdTie.objects.filter(person_id=persons[2]).exists()
    assert not RelationFacts.objects.exists()


def test_the_copy_tells_of_a_household_and_names_nobody(chain):
    persons = couple(chain)
    copies = [part for part in run(Hook.PERSON_COPY, PersonCopy(persons[1], (1,))) if "household" in part]
    assert [one["shared"] for one in copies[0]["household"]] == ["phone"]
    assert "李雷" not in str(copies[0])
    assert set(copies[0]["household"][0]) == {"shared", "since", "from", "to"}


def test_drawing_what_changed_gives_what_drawing_everything_gives(chain):
    persons = couple(chain)
    chain.apply("mall", [{"record_id": 4, "phone": PHONE, "name": "周天", "gender": "男", "address": HOME}])
    chain.apply("pos", [{"record_id": 5, "phone": "13888776655", "name": "孙权", "gender": "男", "address": HOME}])
    chain.apply("pos", [{"record_id": 6, "phone": "13888770000", "name": "吴用", "address": HOME}])
    services.person_merge(person_id=chain.persons()[4], other_id=persons[2], by=7, reason="", now=chain.now)
    run(Hook.ERASE, PersonErased(chain.persons()[6], (6,), chain.now))
    chain.apply("mall", [{"record_id": 1, "phone": "13777000123", "name": "周小芳", "gender": "女", "store_id": 5}])
    ties_settle(now=chain.now)
    drawn, facts = standing(), set(RelationFacts.objects.values_list())
    assert drawn
    assert not HouseholdMark.objects.exists()
    ties_draw(every_value(), now=chain.now)
    assert (standing(), set(RelationFacts.objects.values_list())) == (drawn, facts)
    HouseholdTie.objects.all().delete()
    RelationFacts.objects.all().delete()
    ties_draw(every_value(), now=chain.now)
    assert (standing(), set(RelationFacts.objects.values_list())) == (drawn, facts)


def test_whoever_came_before_households_were_kept_is_tied_by_the_next_cycle(chain):
    persons = couple(chain)
    HouseholdTie.objects.all().delete()
    HouseholdMark.objects.all().delete()
    importlib.import_module("huitou.apps.relations.migrations.0003_first_draw").mark_everything(apps, None)
    facts_published(FactsPublished(version=1, as_of=chain.now.date(), now=chain.now))
    assert others(persons[1]) == [(persons[2], ("phone",))]

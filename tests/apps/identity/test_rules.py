"""Rules of survivorship that somebody set: files follow, the default comes back, unknown stored rules give way."""

import pytest

from huitou.apps.base.jobs.registry import JobContext
from huitou.apps.base.models import Job
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open
from huitou.apps.identity.models import SurvivorshipChoice
from huitou.apps.identity.services import rule_save
from huitou.apps.identity.services.files_rewrite import all_files_rewrite
from huitou.apps.identity.survivorship import rules_in_force
from huitou.core.identity.survivorship import DEFAULT_RULES, RuleWrong

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
PHONE = "13912345678"


@pytest.fixture
def two_addresses(chain):
    chain.apply("membership", [{"record_id": 1, "phone": PHONE, "name": "王小芳", "address": "人民路1号"}])
    chain.apply("mall", [{"record_id": 2, "phone": PHONE, "name": "王小芳", "address": "解放路2号"}])
    return chain


def address(chain) -> str:
    (person,) = set(chain.persons().values())
    return profile_open(keyring(), person, Person.objects.get(pk=person).profile)["address"]["value"]


def rewrite(chain) -> int:
    return all_files_rewrite(JobContext(Job.objects.latest("pk").pk, 1, chain.now), now=chain.now)


def test_files_follow_a_rule_and_go_back_with_the_default(two_addresses):
    assert address(two_addresses) == "人民路1号"
    rule_save(field="address", order=["recent"], sources=[], by=7, now=two_addresses.now)
    assert Job.objects.get().name == "identity.files_rewrite"
    assert rewrite(two_addresses) == 1
    assert address(two_addresses) == "解放路2号"
    default = DEFAULT_RULES["address"]
    rule_save(field="address", order=default.order, sources=default.sources, by=7, now=two_addresses.now)
    rewrite(two_addresses)
    assert address(two_addresses) == "人民路1号"
    assert rules_in_force() == DEFAULT_RULES
    assert SurvivorshipChoice.objects.count() == 2


def test_saving_what_is_in_force_changes_nothing_and_a_wrong_rule_is_refused(two_addresses):
    default = DEFAULT_RULES["phone"]
    rule_save(field="phone", order=default.order, sources=default.sources, by=7, now=two_addresses.now)
    with pytest.raises(RuleWrong, match="twice"):
        rule_save(field="phone", order=["recent", "recent"], sources=[], by=7, now=two_addresses.now)
    assert not SurvivorshipChoice.objects.exists()
    assert not Job.objects.exists()


def test_a_new_record_follows_the_rule_at_once(two_addresses):
    rule_save(field="address", order=["recent"], sources=[], by=7, now=two_addresses.now)
    two_addresses.apply("pos", [{"record_id": 3, "phone": PHONE, "name": "王小芳", "address": "中山路3号"}])
    assert address(two_addresses) == "中山路3号"


def test_a_stored_rule_that_this_release_does_not_know_gives_way_to_the_default(two_addresses):
    rules = {"address": {"order": ["by_moon"], "sources": []}, "phone": {"order": ["recent"]}}
    SurvivorshipChoice.objects.create(rules=rules, saved_at=two_addresses.now, by=7)
    assert rules_in_force() == DEFAULT_RULES

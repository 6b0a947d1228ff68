"""A steward puts a value right: it wins over every source, follows the person, is found, copied, taken back and erased."""

from datetime import timedelta

import pytest

from huitou.apps.base import hooks
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_file, persons_found
from huitou.apps.identity.models import Confirmation, Correction
from huitou.apps.identity.queries import corrections_open, records_of_person
from huitou.apps.identity.refresh import files_rewrite
from huitou.apps.identity.services import (
    CorrectionRefused,
    PersonNotLive,
    correction_retire,
    person_merge,
    person_split,
    value_confirm,
    value_correct,
)

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S236")]
AGENT = Viewer(2, "agent", None)
STRANGER = Viewer(3, "guide", frozenset({99}))
OLD, NEW = "13951764420", "13762915037"


def told(person_id, field="name"):
    one = person_file(AGENT, person_id).fields[field]
    return one.text, one.source_code


def correct(person_id, value, *, chain, field="name", viewer=AGENT, reason="asked"):
    return value_correct(viewer=viewer, person_id=person_id, field_code=field, value=value, reason_code=reason, now=chain.now)


def test_a_correction_wins_over_newer_and_verified_words_until_it_is_taken_back(chain):
    chain.apply("membership", [{"record_id": 1, "name": "王小方", "phone": OLD, "phone_verified": True}])
    person = chain.persons()[1]
    correct(person, "王小芳", chain=chain)
    correct(person, NEW, chain=chain, field="phone")
    chain.apply("membership", [{"record_id": 1, "name": "王小方", "phone": OLD, "phone_verified": True, "gender": "女"}])
    assert told(person) == ("王小芳", "correction")
    assert {found.person_id for found in persons_found(AGENT, NEW)} == {person}
    one = next(view for view in corrections_open(AGENT, person) if view.field_code == "name")
    with pytest.raises(PersonNotLive):
        correction_retire(viewer=STRANGER, correction_id=one.correction_id, now=chain.now)
    correction_retire(viewer=AGENT, correction_id=one.correction_id, now=chain.now)
    assert told(person) == ("王小方", "membership")
    assert "小芳" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_it_follows_its_record_through_merge_and_split_and_goes_with_the_erasure(chain):
    chain.apply("mall", [{"record_id": 1, "name": "王小方"}])
    chain.apply("pos", [{"record_id": 2, "name": "王小方"}])
    first, second = chain.persons()[1], chain.persons()[2]
    correct(second, "王小芳", chain=chain)
    person_merge(person_id=first, other_id=second, by=1, reason="t", now=chain.now)
    assert told(first) == ("王小芳", "correction")
    person_split(person_id=chain.persons()[1], record_ids=[2], by=1, reason="t", now=chain.now)
    assert told(chain.persons()[1]) == ("王小方", "mall")
    assert told(chain.persons()[2]) == ("王小芳", "correction")
    person = chain.persons()[2]
    records = tuple(records_of_person(person))
    copy = hooks.run(hooks.Hook.PERSON_COPY, hooks.PersonCopy(person, records))
    assert next(part["corrections"] for part in copy if "corrections" in part)[0]["value"] == "王小芳"
    hooks.run(hooks.Hook.ERASE, hooks.PersonErased(person, records, chain.now))
    assert not Correction.objects.exists()


def test_what_is_no_value_has_no_reason_or_is_out_of_reach_changes_nothing(chain):
    chain.apply("mall", [{"record_id": 1, "name": "王小方", "phone": OLD}])
    person = chain.persons()[1]
    for given in ({"field": "phone", "value": "12"}, {"reason": "?", "value": "王芳"}, {"field": "member_card", "value": "1"}):
        with pytest.raises(CorrectionRefused):
            correct(person, chain=chain, **given)
    with pytest.raises(PersonNotLive):
        correct(person, "王芳", chain=chain, viewer=STRANGER)
    assert not Correction.objects.exists()
    assert told(person)[1] == "mall"


def day_of(person_id, field="name"):
    return person_file(AGENT, person_id).fields[field].observed_at


@pytest.mark.accept("S15")
def test_a_confirmed_value_counts_as_told_again_while_it_stands_and_never_outranks_a_newer_one(chain):
    chain.apply("membership", [{"record_id": 1, "name": "王小方", "phone": OLD, "phone_verified": True}])
    person = chain.persons()[1]
    before = day_of(person), day_of(person, "phone")
    later = chain.now + timedelta(days=200)
    for viewer, field in ((STRANGER, "name"), (AGENT, "email"), (AGENT, "nothing")):
        with pytest.raises(PersonNotLive):
            value_confirm(viewer=viewer, person_id=person, field_code=field, now=later)
    value_confirm(viewer=AGENT, person_id=person, field_code="name", now=later)
    assert (day_of(person), day_of(person, "phone"), told(person)) == (later, before[1], ("王小方", "membership"))
    files_rewrite([person], now=later)  # after a rule changed
    assert day_of(person) == later
    chain.apply("membership", [{"record_id": 1, "name": "王晓芳", "phone": OLD, "phone_verified": True}])
    assert (told(person), day_of(person) < later) == (("王晓芳", "membership"), True)
    assert hooks.run(hooks.Hook.PERSON_COPY, hooks.PersonCopy(person, (1,))) is not None
    hooks.run(hooks.Hook.ERASE, hooks.PersonErased(person, (1,), later))
    assert not Confirmation.objects.exists()


def test_a_change_of_the_rules_leaves_corrections_standing(chain):
    chain.apply("membership", [{"record_id": 1, "name": "王小方", "phone": OLD, "phone_verified": True}])
    person = chain.persons()[1]
    correct(person, "王小芳", chain=chain)
    files_rewrite([person], now=chain.now)
    assert told(person) == ("王小芳", "correction")

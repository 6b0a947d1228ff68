"""From a landed batch to persons."""

import pytest

from huitou.apps.customers.models import Person
from huitou.apps.identity.models import IdentityEvent, Membership
from huitou.apps.identity.services import records_apply

pytestmark = pytest.mark.django_db


def test_four_records_under_four_keys_make_one_person(chain):
    chain.apply("mall", [{"record_id": 1, "phone": "+86 139 1234 5678", "name": "王小芳", "wx_openid": "oAbc1234567"}])
    chain.apply("membership", [{"record_id": 2, "phone": "13912345678", "member_card": "6601 2345 8842", "name": "王小芳"}])
    chain.apply("pos", [{"record_id": 3, "member_card": "660123458842"}])
    chain.apply("aftersales", [{"record_id": 4, "phone": "１３９１２３４５６７８"}])
    assert chain.groups() == {frozenset({1, 2, 3, 4})}
    person = Person.objects.get(is_live=True)
    assert (person.source_count, person.record_count, person.is_member) == (4, 4, True)


def test_the_same_batch_again_changes_nothing(chain):
    batch = chain.land("mall", [{"record_id": 1, "phone": "13912345678"}, {"record_id": 2, "phone": "13912345678"}])

    assert records_apply(batch) == 2
    before = list(Membership.objects.values()), list(IdentityEvent.objects.values()), list(Person.objects.values())
    assert records_apply(batch) == 0
    assert before == (list(Membership.objects.values()), list(IdentityEvent.objects.values()), list(Person.objects.values()))

"""Till and mall ask for the same customer by what each knows, and get one answer."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.web.conftest import NOW, PHONE

from huitou.apps.base.clock import utc_now
from huitou.apps.base.secrets import keyring
from huitou.apps.gateway.services import key_create
from huitou.apps.identity.models import PersonIdentifier
from huitou.apps.privacy.models import AccessEntry
from huitou.apps.value.models import PersonValue
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure

pytestmark = pytest.mark.django_db
HELD = {"phone": (PHONE, True), "card": ("66010000001", True), "openid": ("oAbc-1234567", False)}


@pytest.fixture
def person(chain):
    shipped_ensure(now=NOW)
    one = schemes_in_force()[0]
    PersonValue.objects.create(
        person_id=chain.person_id, run_id=1, **{one.column: one.scheme.tiers[0].code, f"{one.column}_since": NOW.date()}
    )
    hold(chain.person_id, HELD)
    return chain.person_id


def hold(person_id, values):
    PersonIdentifier.objects.bulk_create([
        PersonIdentifier(person_id=person_id, kind_code=kind, value_hash=keyring().hash(kind, value), verified=verified)
        for kind, (value, verified) in values.items()
    ])  # fmt: skip


def asker(chain, role, *, scopes=("standing:read",)):
    now = utc_now()
    owner = chain.users[role].pk
    key = key_create(owner_id=owner, title=role, scopes=list(scopes), expires_at=now + timedelta(days=1), by=None, now=now)[1]

    def ask(kind, value):
        return Client(headers={"Authorization": f"Bearer {key}"}).post(
            "/api/v1/customers/standing", {"kind": kind, "value": value}, content_type="application/json"
        )

    return ask


def test_till_and_mall_get_the_same_tier_and_points_at_the_same_time(chain, person):
    till, mall = asker(chain, "cashier"), asker(chain, "marketer")
    answers = [till("card", "6601-0000-001"), till("phone", f"+86 {PHONE}"), mall("openid", "oAbc-1234567")]
    assert {answer.status_code for answer in answers} == {200}
    first, *others = [answer.json() for answer in answers]
    assert others == [first, first]
    scheme = schemes_in_force()[0].scheme
    tier = {"scheme": scheme.code, "title": scheme.label.zh, "tier": scheme.tiers[0].code}
    assert first["tiers"][0].items() >= tier.items()
    assert (first["id"], first["points"]) == (person, 2_140)
    assert PHONE not in answers[0].content.decode()
    assert AccessEntry.objects.filter(user_id=chain.users["cashier"].pk).exists()
    PersonValue.objects.filter(pk=person).update(**{f"{schemes_in_force()[0].column}": scheme.tiers[-1].code})
    assert till("phone", PHONE).json() == mall("card", "66010000001").json() != first


def test_what_is_nobodys_alone_or_out_of_reach_or_not_granted_is_not_told(chain, person):
    till = asker(chain, "cashier")
    hold(chain.outsider_id, {"openid": (HELD["openid"][0], False), "card": ("66019999999", True)})
    for kind, value in (("openid", HELD["openid"][0]), ("card", "66019999999"), ("phone", "13000000009"), ("phone", "x")):
        assert till(kind, value).status_code == 404, kind
    PersonIdentifier.objects.filter(kind_code="phone").update(is_hub=True)
    assert till("phone", PHONE).status_code == 404
    assert till("name", "王").status_code == 422
    assert asker(chain, "marketer", scopes=("orders:read",))("card", "66010000001").status_code == 403
    assert asker(chain, "analyst")("card", "66010000001").status_code == 403

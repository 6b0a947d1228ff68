"""Till and mall ask for the same customer by what each knows, and get one answer; what one uses the other knows at once."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.web.conftest import NOW, PHONE

from huitou.apps.accounts.models import User
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.benefits.models import CouponEntry, CouponKind, Occasion
from huitou.apps.benefits.services import coupon_issue, kind_save
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.gateway.services import key_create
from huitou.apps.identity.models import PersonIdentifier
from huitou.apps.privacy.models import AccessEntry
from huitou.apps.value.models import PersonValue
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure
from huitou.core.benefits.coupons import Caps, Effect, Terms

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
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


def poster(chain, role, *, scopes=("standing:read", "coupons:redeem")):
    now = utc_now()
    owner = chain.users[role].pk
    key = key_create(owner_id=owner, title=role, scopes=list(scopes), expires_at=now + timedelta(days=1), by=None, now=now)[1]

    def post(address, body, **headers):
        client = Client(headers={"Authorization": f"Bearer {key}", **headers})
        return client.post(f"/api/v1/{address}", body, content_type="application/json")

    return post


def asker(chain, role, **options):
    post = poster(chain, role, **options)
    return lambda kind, value: post("customers/standing", {"kind": kind, "value": value})


@pytest.fixture
def coupon(person):
    terms = Terms(Effect.AMOUNT, off_fen=1_000, minimum_fen=3_000, usable_days=30)
    kind = kind_save(kind_id=None, code="ten", name="满 30 减 10", terms=terms, caps=Caps(), is_on=True, by=1, now=utc_now())
    return coupon_issue(
        viewer=Viewer(1, "marketer", None),
        person_id=person,
        kind_id=kind.pk,
        issue_key="k",
        occasion=Occasion.GIFT,
        now=utc_now(),
    )


def use(coupon, order="A1", *, kind="card", value="66010000001", **more):
    customer = {"kind": kind, "value": value}
    return {
        "customer": customer, "code": coupon.code, "order": order, "channel": "store", "store": "S1", "amount_fen": 5_000
    } | more  # fmt: skip


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


@pytest.mark.accept("S18")
def test_till_and_mall_are_told_the_same_coupons_and_a_use_in_one_is_seen_by_the_other_at_once(chain, coupon):
    till, mall = poster(chain, "cashier"), poster(chain, "marketer")

    def both():
        asked = [(till, "card", "66010000001"), (mall, "openid", HELD["openid"][0])]
        one, other = [ask("customers/standing", {"kind": kind, "value": value}).json() for ask, kind, value in asked]
        assert one == other
        assert (len(one["tiers"]) > 0, one["points"]) == (True, 2_140)
        return [held["code"] for held in one["coupons"]]

    assert both() == [coupon.code]
    used = mall("coupons/redeem", use(coupon, kind="openid", value=HELD["openid"][0], channel="online", store=""))
    assert (used.status_code, used.json()["off_fen"], used.json()["is_repeat"]) == (200, 1_000, False)
    assert both() == []
    refused = till("coupons/redeem", use(coupon, "A2"))
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert refused.json()["detail"] == "This coupon was used before and cannot be used again."
    assert refused.json()["errors"] == [{"place": "code", "problem": "used", "sentence": "这张券已经用过，不能再用。"}]
    assert till("coupons/return", {"code": coupon.code, "order": "A2"}).json()["errors"][0]["problem"] == "not_used"
    assert till("coupons/return", {"code": coupon.code, "order": "A1"}).status_code == 200
    assert both() == [coupon.code]


def test_the_mall_issues_a_pack_once_per_key_and_is_told_who_gets_no_marketing(chain, coupon):
    mall = poster(chain, "marketer", scopes=("coupons:issue", "standing:read"))
    CouponKind.objects.update(person_most=9)
    PersonFacts.objects.filter(pk=chain.person_id).update(top_category_id=11, second_category_id=12, third_category_id=13)
    asked = {"customer": {"kind": "card", "value": "66010000001"}, "kind": "ten", "occasion": "return_pack", "key": "p1"}
    first = mall("coupons/issue", asked)
    assert (first.status_code, [one["category_id"] for one in first.json()["coupons"]]) == (201, [11, 12, 13])
    assert len({one["expires_at"] for one in first.json()["coupons"]}) == 1
    assert mall("coupons/issue", asked).json() == first.json()
    unknown = mall("coupons/issue", asked | {"kind": "eleven"})
    assert (unknown.status_code, unknown.json()["errors"][0]["place"]) == (422, "kind")
    Person.objects.filter(pk=chain.person_id).update(of_age_on=utc_now().date() + timedelta(days=9))
    before = CouponEntry.objects.count()
    refused = mall("coupons/issue", asked | {"occasion": "gift", "key": "g1"})
    assert (refused.status_code, refused.json()["errors"][0]["problem"]) == (409, "kept_out")
    for role, scope in (("cashier", "coupons:issue"), ("marketer", "coupons:redeem")):
        assert poster(chain, role, scopes=(scope,))("coupons/issue", asked | {"key": "g1"}).status_code == 403
    assert CouponEntry.objects.count() == before
    assert mall("coupons/issue", asked | {"occasion": "asked", "key": "a1"}).status_code == 201


def test_a_use_is_written_once_per_key_and_once_per_order(chain, coupon):
    till = poster(chain, "cashier")
    first = till("coupons/redeem", use(coupon), **{"Idempotency-Key": "r1"})
    assert till("coupons/redeem", use(coupon), **{"Idempotency-Key": "r1"}).json() == first.json()
    assert till("coupons/redeem", use(coupon, "A2"), **{"Idempotency-Key": "r1"}).status_code == 422
    again = till("coupons/redeem", use(coupon), **{"Idempotency-Key": "r2"})  # the till lost its key
    assert again.json() == first.json() | {"is_repeat": True}
    for key in ("b1", "b1", "b2"):
        back = till("coupons/return", {"code": coupon.code, "order": "A1"}, **{"Idempotency-Key": key})
        assert back.status_code == 200
    assert list(CouponEntry.objects.order_by("number").values_list("kind_code", flat=True)) == ["issued", "redeemed", "returned"]


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"amount_fen": 2_999}, 409, "minimum"),
        ({"code": "NONE"}, 409, "not_yours"),
        ({"customer": {"kind": "card", "value": "66019999999"}}, 404, None),
        ({"store": "S2"}, 422, "unknown"),  # the cashier stands in the other store
        ({"channel": "phone"}, 422, None),
        ({"amount_fen": -1}, 422, None),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(chain, coupon, change, status, told):
    answer = poster(chain, "cashier")("coupons/redeem", use(coupon) | change)
    assert answer.status_code == status
    assert told is None or answer.json()["errors"][0]["problem"] == told
    assert CouponEntry.objects.count() == 1


def test_only_a_key_made_for_it_of_a_role_at_the_counter_uses_coupons_and_only_in_reach(chain, coupon):
    assert poster(chain, "cashier", scopes=("standing:read",))("coupons/redeem", use(coupon)).status_code == 403
    assert poster(chain, "guide")("coupons/redeem", use(coupon)).status_code == 403
    User.objects.filter(pk=chain.users["cashier"].pk).update(store_ids=[chain.other_store_id])
    till = poster(chain, "cashier")
    assert till("coupons/redeem", use(coupon, store="S2")).status_code == 404
    assert till("coupons/return", {"code": coupon.code, "order": "A1"}).json()["errors"][0]["problem"] == "not_yours"
    assert CouponEntry.objects.count() == 1

"""Coupons when files become one, part and become what they were: one per person stays one, and everything comes back."""

from datetime import timedelta

import pytest
from tests.apps.identity_chain import NOW, Chain

from huitou.apps.base import hooks
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, CouponEntry, EntryKind, Occasion
from huitou.apps.benefits.queries import balance, usable_coupons
from huitou.apps.benefits.services import IssueRefused, Sale, coupon_issue, coupon_redeem, coupon_return, kind_save
from huitou.apps.customers.models import Person
from huitou.apps.identity import services
from huitou.core.benefits.coupons import Basket, Caps, CouponRefused, Effect, Reason, Terms
from huitou.core.identity.changes import Move

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
CHAIN = Viewer(1, "marketer", None)
LATER = NOW + timedelta(hours=1)
TEN = Terms(Effect.AMOUNT, off_fen=1_000, usable_days=30)


@pytest.fixture
def chain(layout):
    """Three persons: of the records 1 and 4, of 2, and of 3."""
    made = Chain(layout)
    made.apply("mall", [
        {"record_id": number, "phone": f"1391234567{number}", "name": name, "phone_verified": True}
        for number, name in ((1, "王小芳"), (2, "李雷"), (3, "韩梅"))
    ])  # fmt: skip
    made.apply("pos", [{"record_id": 4, "phone": "13912345671"}])
    return made


@pytest.fixture
def kind(db):
    return kind_save(kind_id=None, code="one", name="每人一张", terms=TEN, caps=Caps(), is_on=True, by=1, now=NOW)


def issue(kind, person_id, *, now=NOW):
    return coupon_issue(
        viewer=CHAIN,
        person_id=person_id,
        kind_id=kind.pk,
        issue_key=f"{kind.pk}-{person_id}-{now}",
        occasion=Occasion.GIFT,
        now=now,
    )


def redeem(coupon, person_id, order_no="A1"):
    sale = Sale(order_no, "store", None, Basket(5_000))
    return coupon_redeem(viewer=CHAIN, person_id=person_id, code=coupon.code, sale=sale, now=LATER)


def merge(one, other):
    return services.person_merge(person_id=one, other_id=other, by=7, reason="", now=LATER).pk


def undo(event_id):
    return services.identity_undo(event_id=event_id, by=7, reason="", now=LATER).pk


def state():
    """Who holds what and may use it: what has to be the same after an undo."""
    return list(Coupon.objects.order_by("pk").values_list("pk", "person_id", "state_code", "slot"))


@pytest.mark.parametrize("days", [1, -1], ids=["the other's lasts longer", "the survivor's lasts longer"])
def test_of_two_coupons_limited_to_one_a_person_one_stays_and_an_undo_brings_both_back(chain, kind, days):
    person = chain.persons()
    mine = issue(kind, person[1], now=NOW)
    other = issue(kind, person[2], now=NOW + timedelta(days=days))
    before = state()
    event_id = merge(person[1], person[2])
    stays, aside = (other, mine) if days > 0 else (mine, other)
    assert [one.pk for one in usable_coupons(CHAIN, person[1], now=LATER + timedelta(days=2))] == [stays.pk]
    with pytest.raises(CouponRefused) as refused:
        redeem(aside, person[1])
    assert refused.value.reason is Reason.SET_ASIDE
    entry = CouponEntry.objects.get(coupon=aside, kind_code=EntryKind.SET_ASIDE)
    assert (entry.event_id, entry.person_id) == (event_id, person[1])
    with pytest.raises(IssueRefused, match="每人上限"):
        issue(kind, person[1], now=LATER)
    undoing = undo(event_id)
    assert state() == before
    assert CouponEntry.objects.get(coupon=aside, kind_code=EntryKind.RESTORED).event_id == undoing
    told = balance(kind.pk, now=LATER)
    assert (told.issued, told.usable, told.set_aside) == (2, 2, 0)


def test_a_use_stays_where_it_was_made_over_a_merge_and_its_undo(chain, kind):
    person = chain.persons()
    used, free = issue(kind, person[1]), issue(kind, person[2])
    redeem(used, person[1])
    event_id = merge(person[1], person[2])
    assert usable_coupons(CHAIN, person[1], now=LATER) == []  # the one per person is used
    undo(event_id)
    assert [one.pk for one in usable_coupons(CHAIN, person[2], now=LATER)] == [free.pk]
    again = merge(person[1], person[2])
    coupon_return(viewer=CHAIN, code=used.code, order_no="A1", now=LATER)
    assert [one.pk for one in usable_coupons(CHAIN, person[1], now=LATER)] == [used.pk]
    redeem(used, person[1], "A2")
    undo(again)
    uses = CouponEntry.objects.filter(kind_code=EntryKind.REDEEMED).order_by("number")
    assert list(uses.values_list("coupon_id", "person_id", "order_no")) == [
        (used.pk, person[1], "A1"), (used.pk, person[1], "A2")
    ]  # fmt: skip
    assert [one.pk for one in usable_coupons(CHAIN, person[2], now=LATER)] == [free.pk]


def test_two_used_coupons_both_stay_used_and_a_returned_one_is_set_aside(chain, kind):
    person = chain.persons()
    one, other = issue(kind, person[1]), issue(kind, person[2])
    redeem(one, person[1]), redeem(other, person[2], "B1")
    merge(person[1], person[2])
    assert balance(kind.pk, now=LATER).redeemed == 2
    coupon_return(viewer=CHAIN, code=one.code, order_no="A1", now=LATER)
    told = balance(kind.pk, now=LATER)
    assert (told.redeemed, told.set_aside, told.usable) == (1, 1, 0)


def test_what_nobody_limits_to_one_all_comes_along(chain):
    kind = kind_save(kind_id=None, code="two", name="每人两张", terms=TEN, caps=Caps(person_most=2), is_on=True, by=1, now=NOW)
    person = chain.persons()
    coupons = [issue(kind, person[1]), issue(kind, person[2])]
    merge(person[1], person[2])
    assert usable_coupons(CHAIN, person[1], now=LATER) == coupons
    assert usable_coupons(CHAIN, person[2], now=LATER) == []


def test_coupons_follow_a_chain_of_merges_back_step_by_step(chain, kind):
    person = chain.persons()
    for record in (1, 2, 3):
        issue(kind, person[record])
    states = [state()]
    first = merge(person[2], person[3])
    states.append(state())
    second = merge(person[1], min(person[2], person[3]))
    assert balance(kind.pk, now=LATER).usable == 1
    undo(second)
    assert state() == states[1]
    undo(first)
    assert state() == states[0]


def test_a_coupon_goes_along_when_the_records_it_came_with_are_split_off(chain, kind):
    person = chain.persons()
    issue(kind, person[1])
    came = issue(kind, person[2])
    merge(person[1], person[2])
    merged = state()
    split = services.person_split(person_id=person[1], record_ids=[2], by=7, reason="", now=LATER)
    fresh = chain.persons()[2]
    assert [one.pk for one in usable_coupons(CHAIN, fresh, now=LATER)] == [came.pk]
    undo(split.pk)
    assert [row[:3] for row in state()] == [row[:3] for row in merged]
    assert Person.objects.filter(pk=fresh, is_live=False).exists()


def test_the_hook_run_again_changes_nothing(chain, kind):
    person = chain.persons()
    issue(kind, person[1]), issue(kind, person[2])
    event_id = merge(person[1], person[2])
    before = state(), CouponEntry.objects.count()
    change = hooks.IdentityChange(event_id, (Move(2, person[2], person[1]),), (), (person[2],), LATER)
    hooks.run(hooks.Hook.MERGE, change)
    assert (state(), CouponEntry.objects.count()) == before


def test_an_erased_person_leaves_counts_without_a_name(chain, kind):
    person = chain.persons()
    redeem(issue(kind, person[1]), person[1])
    issue(kind, person[2])
    merge(person[1], person[2])
    copied = {
        name: part
        for told in hooks.run(hooks.Hook.PERSON_COPY, hooks.PersonCopy(person[1], (1, 2, 4)))
        for name, part in told.items()
    }
    assert [one["state"] for one in copied["coupons"]] == ["redeemed", "set_aside"]
    erased = hooks.PersonErased(person[1], (1, 2, 4), LATER)
    for _ in range(2):
        hooks.run(hooks.Hook.ERASE, erased)
        told = balance(kind.pk, now=LATER)
        assert (told.issued, told.redeemed, told.withdrawn, told.off_fen) == (2, 1, 1, 1_000)
        kind.refresh_from_db()
        assert kind.committed_fen == 1_000
        assert set(Coupon.objects.values_list("person_id", "issued_to_id", "code", "issue_key")) == {(None,) * 4}
        assert set(CouponEntry.objects.values_list("person_id", "order_no")) == {(None, "")}

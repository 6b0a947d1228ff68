"""The ledger of coupons: issued once, used once, given back, and always adding up."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apps.customers.people import person_make

from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, CouponEntry, CouponKind, EntryKind, IssueDay, Occasion
from huitou.apps.benefits.queries import balance, usable_coupons
from huitou.apps.benefits.services import (
    IssueRefused,
    Sale,
    coupon_issue,
    coupon_redeem,
    coupon_return,
    coupon_withdraw,
    coupons_give,
    kind_save,
    return_pack_issue,
)
from huitou.apps.customers.models import PersonFacts
from huitou.apps.privacy.models import Consent
from huitou.apps.privacy.outreach import MARKETING
from huitou.apps.products.models import Category
from huitou.core.benefits.coupons import Basket, Caps, CouponRefused, Effect, Line, Reason, Terms, TermsInvalid
from huitou.core.festivals import Festival, Season

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CHAIN = Viewer(1, "marketer", None)
STRANGER = Viewer(2, "cashier", frozenset({6}))
TEN = Terms(Effect.AMOUNT, off_fen=1_000, minimum_fen=3_000, usable_days=30)
AT_ONCE = 50


def kind_make(terms=TEN, caps=None, *, code="ten", kind_id=None, now=NOW):
    return kind_save(kind_id=kind_id, code=code, name="满 30 减 10", terms=terms, caps=caps or Caps(), is_on=True, by=1, now=now)


def issue(kind, person_id=1, key="k1", *, now=NOW, viewer=CHAIN):
    return coupon_issue(viewer=viewer, person_id=person_id, kind_id=kind.pk, issue_key=key, occasion=Occasion.GIFT, now=now)


def give(kind, person_id, occasion, *, now=NOW):
    key = f"{person_id}-{occasion}"
    return coupons_give(viewer=CHAIN, person_id=person_id, kind_id=kind.pk, issue_key=key, occasion=occasion, now=now)


def sale(order_no="A1", fen=5_000, lines=None):
    return Sale(order_no, "store", 5, Basket(fen, lines))


def redeem(coupon, order_no="A1", *, person_id=1, fen=5_000, now=NOW, viewer=CHAIN, lines=None):
    return coupon_redeem(viewer=viewer, person_id=person_id, code=coupon.code, sale=sale(order_no, fen, lines), now=now)


def give_back(coupon, order_no="A1", *, now=NOW, viewer=CHAIN):
    return coupon_return(viewer=viewer, code=coupon.code, order_no=order_no, now=now)


def reason_of(act):
    """Return why a coupon is refused, and check that nothing was written."""
    before = (CouponEntry.objects.count(), AuditEvent.objects.count(), list(Coupon.objects.order_by("pk").values()))
    with pytest.raises((CouponRefused, IssueRefused)) as refused:
        act()
    assert (CouponEntry.objects.count(), AuditEvent.objects.count(), list(Coupon.objects.order_by("pk").values())) == before
    assert "{" not in str(refused.value)
    return refused.value.reason


@pytest.fixture
def person():
    return person_make(1, store_id=5)


def test_issuing_twice_under_one_key_gives_one_coupon(person):
    kind = kind_make()
    first = issue(kind)
    assert issue(kind, now=NOW + timedelta(days=1)).pk == first.pk
    kind.refresh_from_db()
    assert (kind.issued_count, kind.committed_fen, AuditEvent.objects.filter(action_code="coupon.issued").count()) == (
        1,
        1_000,
        1,
    )
    person_make(2, store_id=5)
    assert reason_of(lambda: issue(kind, 2)) == "key"
    other = issue(kind, 2, "k2")
    assert len({first.code, other.code}) == 2
    assert len(other.code) == 16


def test_one_use_for_one_order_and_the_same_order_again_gets_the_same_answer(person):
    coupon = issue(kind_make())
    first = redeem(coupon)
    assert (first.off_fen, first.redemption_no, first.is_repeat) == (1_000, 1, False)
    assert redeem(coupon, now=NOW + timedelta(hours=1)) == replace(first, is_repeat=True)
    assert reason_of(lambda: redeem(coupon, "A2")) is Reason.USED
    assert reason_of(lambda: coupon_withdraw(viewer=CHAIN, coupon_id=coupon.pk, now=NOW)) == "used"


def test_a_sale_taken_back_gives_the_coupon_back_but_no_more_time(person):
    kind = kind_make()
    coupon = issue(kind)
    assert reason_of(lambda: give_back(coupon)) is Reason.NOT_USED
    redeem(coupon)
    assert reason_of(lambda: give_back(coupon, "A2")) is Reason.NOT_USED
    first = give_back(coupon)
    assert give_back(coupon) == replace(first, is_repeat=True)
    again = redeem(coupon, "A3")
    assert (again.redemption_no, balance(kind.pk, now=NOW).off_fen) == (2, 1_000)
    give_back(coupon, "A3")
    late = coupon.expires_at
    assert reason_of(lambda: redeem(coupon, "A4", now=late)) is Reason.EXPIRED
    assert (balance(kind.pk, now=late).expired, balance(kind.pk, now=late).off_fen) == (1, 0)


def test_who_does_not_reach_the_person_can_do_nothing_with_the_coupon(person):
    person_make(2, store_id=5)
    kind = kind_make()
    coupon = issue(kind)
    assert reason_of(lambda: redeem(coupon, viewer=STRANGER)) is Reason.NOT_YOURS
    assert reason_of(lambda: redeem(coupon, person_id=2)) is Reason.NOT_YOURS
    assert reason_of(lambda: issue(kind, key="k9", viewer=STRANGER)) == "not_found"
    assert reason_of(lambda: coupon_withdraw(viewer=STRANGER, coupon_id=coupon.pk, now=NOW)) == "not_found"
    redeem(coupon)
    assert reason_of(lambda: give_back(coupon, viewer=STRANGER)) is Reason.NOT_YOURS
    assert usable_coupons(STRANGER, 1, now=NOW) == []


@pytest.mark.accept("S81")
def test_a_first_order_coupon_is_for_the_first_paid_order_only(person):
    first = issue(kind_make(replace(TEN, first_order_only=True)))
    other = issue(kind_make(replace(TEN, first_order_only=True), code="other"), key="k2")
    assert usable_coupons(CHAIN, 1, now=NOW) == [first, other]
    redeem(first)
    assert reason_of(lambda: redeem(other, "A2")) is Reason.NOT_FIRST  # before any receipt has landed
    assert usable_coupons(CHAIN, 1, now=NOW) == []
    give_back(first)
    assert usable_coupons(CHAIN, 1, now=NOW) == [first, other]
    PersonFacts.objects.filter(pk=1).update(orders_count=1)
    assert usable_coupons(CHAIN, 1, now=NOW) == []
    assert reason_of(lambda: redeem(first, "A3")) is Reason.NOT_FIRST


def test_a_category_coupon_counts_what_lies_below_its_categories(person):
    food = Category.objects.create(path="生鲜", name="生鲜", level=1)
    fruit = Category.objects.create(path="生鲜/水果", name="水果", level=2, parent=food)
    coupon = issue(kind_make(replace(TEN, category_ids=frozenset({food.pk}))))
    assert reason_of(lambda: redeem(coupon)) is Reason.LINES
    assert reason_of(lambda: redeem(coupon, lines=(Line(None, 5_000),))) is Reason.CATEGORY
    assert reason_of(lambda: redeem(coupon, lines=(Line(fruit.pk, 2_999), Line(None, 2_001)))) is Reason.MINIMUM
    assert redeem(coupon, lines=(Line(fruit.pk, 3_000), Line(None, 2_000))).off_fen == 1_000


@pytest.mark.accept("S83")
def test_a_return_pack_is_three_coupons_of_three_preferred_categories_with_one_expiry(person):
    kind = kind_make(caps=Caps(person_most=3, budget_fen=3_000))

    def pack(key="p1"):
        return return_pack_issue(viewer=CHAIN, person_id=1, kind_id=kind.pk, issue_key=key, now=NOW)

    PersonFacts.objects.filter(pk=1).update(top_category_id=11, second_category_id=12)
    assert reason_of(pack) == "categories"
    PersonFacts.objects.filter(pk=1).update(third_category_id=13)
    issued = pack()
    assert [one.category_id for one in issued] == [11, 12, 13]
    assert len({one.expires_at for one in issued} | {one.batch_id for one in issued}) == 2
    PersonFacts.objects.filter(pk=1).update(top_category_id=None)
    assert pack() == issued
    assert reason_of(lambda: redeem(issued[0], lines=(Line(12, 5_000),))) is Reason.CATEGORY
    assert redeem(issued[0], lines=(Line(11, 5_000),)).off_fen == 1_000
    PersonFacts.objects.filter(pk=1).update(top_category_id=11)
    assert reason_of(lambda: pack("p2")) == "person_most"
    assert balance(kind.pk, now=NOW).issued == 3


@pytest.mark.accept("S67")
def test_a_seasonal_coupon_is_taken_around_its_festival_only_every_year(person):
    spring = replace(TEN, season=Season(Festival.SPRING, 7, 7), usable_days=700)
    coupon = issue(kind_make(spring))
    for day, is_in in (  # 春节: 2027-02-06 and 2028-01-26
        ("2027-01-29", False), ("2027-01-30", True), ("2027-02-13", True), ("2027-02-14", False), ("2028-01-19", True),
    ):  # fmt: skip
        now = datetime.fromisoformat(f"{day}T12:00:00+08:00")
        assert (usable_coupons(CHAIN, 1, now=now) == [coupon]) == is_in, day
        if is_in:
            redeem(coupon, day, now=now)
            give_back(coupon, day, now=now)
        else:
            assert reason_of(lambda at=now: redeem(coupon, now=at)) is Reason.SEASON


def test_terms_stay_once_a_coupon_is_out_and_caps_hold_for_later_ones(person):
    kind = kind_make(caps=Caps(person_most=2, budget_fen=3_000))
    issue(kind), issue(kind, key="k2")
    assert reason_of(lambda: issue(kind, key="k3")) == "person_most"
    for terms, code in ((replace(TEN, off_fen=500), "ten"), (TEN, "eleven")):
        with pytest.raises(TermsInvalid, match="issued"):
            kind_make(terms, code=code, kind_id=kind.pk)
    with pytest.raises(TermsInvalid, match="spent"):
        kind_make(caps=Caps(budget_fen=1_999), kind_id=kind.pk)
    with pytest.raises(TermsInvalid, match="twice"):
        kind_make()
    kind_make(caps=Caps(person_most=3, day_most=2, budget_fen=2_000), kind_id=kind.pk)
    assert reason_of(lambda: issue(kind, key="k3")) == "budget"
    kind_make(caps=Caps(person_most=3, day_most=1), kind_id=kind.pk)
    issue(kind, key="k4")
    person_make(2, store_id=5)
    assert reason_of(lambda: issue(kind, 2, key="k5")) == "day_most"
    issue(kind, 2, "k5", now=NOW + timedelta(days=1))


def test_a_withdrawn_coupon_gives_its_cost_and_its_place_back(person):
    kind = kind_make(caps=Caps(budget_fen=1_000))
    coupon_withdraw(viewer=CHAIN, coupon_id=issue(kind).pk, now=NOW)
    second = issue(kind, key="k2")
    assert [one.pk for one in usable_coupons(CHAIN, 1, now=NOW)] == [second.pk]
    assert balance(kind.pk, now=NOW).withdrawn == 1


def test_the_database_itself_refuses_a_second_place_a_second_use_and_more_than_the_budget(person):
    kind = kind_make(caps=Caps(budget_fen=1_000))
    coupon = issue(kind)
    redeem(coupon)
    entry = CouponEntry.objects.get(kind_code=EntryKind.REDEEMED)
    wrong = (
        lambda: CouponEntry.objects.create(
            coupon=coupon, number=9, kind_code=EntryKind.REDEEMED, to_code="redeemed", redemption_no=1, at=NOW
        ),
        lambda: CouponEntry.objects.create(coupon=coupon, number=entry.number, kind_code="issued", to_code="usable", at=NOW),
        lambda: Coupon.objects.filter(pk=coupon.pk).update(state_code="lost"),
        lambda: CouponKind.objects.filter(pk=kind.pk).update(committed_fen=1_001),
        lambda: IssueDay.objects.create(kind=kind, day=NOW.date(), issued_count=2, most=1),
    )  # fmt: skip
    for act in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_the_database_itself_takes_new_lines_of_the_ledger_only(person):
    coupon = issue(kind_make())
    redeem(coupon)
    table, entry = CouponEntry._meta.db_table, CouponEntry.objects.get(kind_code=EntryKind.REDEEMED)
    before = list(CouponEntry.objects.order_by("pk").values())
    changes = ("off_fen = 1", "person_id = 2", "order_no = 'A2'", "to_code = 'usable'", "number = 7", "by = null", "at = at + 1")
    if connection.vendor == "postgresql":
        changes = (*changes[:-1], "at = now()")
    wrong = [f"update {table} set {change} where id = {entry.pk}" for change in changes] + [f"delete from {table}"]
    if connection.vendor == "postgresql":
        wrong.append(f"set constraints all immediate; truncate {table}")
    for statement in wrong:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert list(CouponEntry.objects.order_by("pk").values()) == before
    CouponEntry.objects.update(person_id=None, order_no="")  # what an erasure leaves
    assert CouponEntry.objects.filter(person_id=None, order_no="").count() == 2


def test_marketing_reaches_nobody_who_is_kept_out_but_who_asks_gets_a_coupon(person):
    person_make(2, store_id=5, of_age_on=date(2026, 11, 23))
    kind = kind_make(caps=Caps(person_most=9))
    PersonFacts.objects.update(top_category_id=11, second_category_id=12, third_category_id=13)
    said = {"channel_code": "sms", "purpose_code": MARKETING, "source_code": "counter"}
    Consent.objects.create(person_id=1, answer_code="withdrawn", said_at=NOW, recorded_at=NOW, **said)
    for person_id in (1, 2):
        for occasion in (Occasion.GIFT, Occasion.RETURN_PACK):
            assert reason_of(lambda who=person_id, why=occasion: give(kind, who, why)) == "kept_out"
        (coupon,) = give(kind, person_id, Occasion.ASKED)
        assert coupon.batch.purpose_code == "asked"
    assert len(give(kind, 2, Occasion.RETURN_PACK, now=NOW + timedelta(days=1))) == 3  # 14 today


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("issue", "redeem", "return", "withdraw")), st.integers(0, 3), st.sampled_from("AB"), st.integers(0, 40)
    ),
    max_size=20,
)


@given(STEPS)
@settings(max_examples=12)
def test_whatever_happens_every_coupon_is_on_one_account_and_never_used_twice_at_a_time(steps):
    with transaction.atomic():
        person_make(1, store_id=5)
        kind = kind_make(caps=Caps(person_most=3, budget_fen=3_000))
        coupons, now = [], NOW
        for what, which, order_no, hours in steps:
            now += timedelta(hours=hours)
            coupon = coupons[which % len(coupons)] if coupons else None
            try:
                if what == "issue":
                    coupons.append(issue(kind, key=f"k{len(coupons)}", now=now))
                elif coupon is not None and what == "redeem":
                    redeem(coupon, order_no, now=now)
                elif coupon is not None and what == "return":
                    give_back(coupon, order_no, now=now)
                elif coupon is not None:
                    coupon_withdraw(viewer=CHAIN, coupon_id=coupon.pk, now=now)
            except (CouponRefused, IssueRefused):
                pass
            _adds_up(kind, coupons, now)
        transaction.set_rollback(True)


def _adds_up(kind, coupons, now):
    kind.refresh_from_db()
    told = balance(kind.pk, now=now)
    assert told.issued == kind.issued_count == len(coupons)
    assert kind.committed_fen == 1_000 * (told.issued - told.withdrawn)
    accounts = {"": told.issued}
    for entry in CouponEntry.objects.filter(coupon__kind=kind):  # double entry: what leaves one account is on another
        accounts[entry.from_code] = accounts.get(entry.from_code, 0) - 1
        accounts[entry.to_code] = accounts.get(entry.to_code, 0) + 1
    assert {code: count for code, count in accounts.items() if count} == {
        code: count
        for code, count in (
            ("usable", told.usable + told.expired), ("redeemed", told.redeemed), ("withdrawn", told.withdrawn),
            ("set_aside", told.set_aside),
        )
        if count
    }  # fmt: skip
    for coupon in coupons:
        uses = [entry.kind_code for entry in coupon.entries.order_by("number") if entry.redemption_no is not None]
        assert uses == (["redeemed", "returned"] * len(uses))[: len(uses)]


def at_once(act):
    """Call act(0) to act(49) at the same time; return what each gave or the reason why not."""

    def work(number):
        try:
            return act(number)
        except (CouponRefused, IssueRefused) as refused:
            return refused.reason
        finally:
            connection.close()

    # the shared in-memory SQLite of the tests has no waiting writers: there they take turns
    with ThreadPoolExecutor(AT_ONCE if connection.vendor == "postgresql" else 1) as workers:
        return list(workers.map(work, range(AT_ONCE)))


@pytest.mark.django_db(transaction=True)
def test_fifty_tills_at_the_same_time_use_a_coupon_once():
    person_make(1, store_id=5)
    kind = kind_make()
    coupon = issue(kind)
    told = at_once(lambda number: redeem(coupon, f"A{number}"))
    assert told.count(Reason.USED) == AT_ONCE - 1
    assert CouponEntry.objects.filter(kind_code=EntryKind.REDEEMED).count() == balance(kind.pk, now=NOW).redeemed == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.accept("S99")
@pytest.mark.parametrize(
    ("caps", "persons", "issued", "reason"),
    [
        (Caps(person_most=2), 1, 2, "person_most"),
        (Caps(day_most=7), AT_ONCE, 7, "day_most"),
        (Caps(budget_fen=9_999), AT_ONCE, 9, "budget"),
    ],
    ids=["person", "day", "budget"],
)
def test_fifty_at_the_same_time_stay_within_the_caps(caps, persons, issued, reason):
    for number in range(persons):
        person_make(number + 1, store_id=5, facts=False)
    kind = kind_make(caps=caps)
    told = at_once(lambda number: issue(kind, number % persons + 1, f"k{number}"))
    assert told.count(reason) == AT_ONCE - issued
    assert balance(kind.pk, now=NOW).issued == Coupon.objects.count() == issued

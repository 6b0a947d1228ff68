"""Coupons on the pages: head office sets up and issues, the counter uses, a store sees its own."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from tests.web.conftest import Chain

from huitou.apps.accounts.roles import Role
from huitou.apps.base import jobs
from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, CouponEntry, CouponKind, IssueRun, Occasion
from huitou.apps.benefits.services import coupon_issue, kind_save
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.privacy.models import AccessEntry
from huitou.apps.products.models import Category
from huitou.apps.segments.lists import packed
from huitou.apps.segments.models import Segment, SegmentList, SegmentRefresh
from huitou.core.benefits.coupons import Caps, Effect, Terms
from huitou.web.pages import coupon_runs

TEN = Terms(Effect.AMOUNT, off_fen=1_000, minimum_fen=3_000, usable_days=30)
ISSUERS = {"marketer", "admin"}
REDEEMERS = {"cashier", "store_manager", "marketer", "admin"}
FORM = {
    "name": "满 30 减 10", "code": "ten", "effect": "amount", "off_fen": "10", "minimum_fen": "30.00", "usable_days": "30",
    "person_most": "1", "is_on": "on", "season_before_days": "0", "season_after_days": "0",
}  # fmt: skip


@pytest.fixture
def kind(chain: Chain) -> CouponKind:
    return kind_save(kind_id=None, code="ten", name="满 30 减 10", terms=TEN, caps=Caps(), is_on=True, by=1, now=utc_now())


@pytest.fixture
def coupon(chain: Chain, kind: CouponKind) -> Coupon:
    return coupon_issue(
        viewer=Viewer(1, "marketer", None),
        person_id=chain.person_id,
        kind_id=kind.pk,
        issue_key="k",
        occasion=Occasion.GIFT,
        now=utc_now(),
    )


@pytest.fixture
def enter(client: Client, chain: Chain):
    def _enter(role: str, language: str = "") -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        if language:
            client.cookies["django_language"] = language
        return client

    return _enter


def told(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_kind_is_set_up_in_yuan_and_percent_and_kept_in_fen_and_shares(enter, chain):
    food = Category.objects.create(path="生鲜", name="生鲜", level=1)
    page = enter("marketer")
    assert page.post("/coupons/kinds/new", FORM).status_code == 302
    share = FORM | {
        "name": "八折", "code": "fifth", "effect": "percent", "off_fen": "", "off_share": "20", "most_off_fen": "15.5",
        "category_ids": [str(food.pk)], "first_order_only": "on", "day_most": "100", "budget_fen": "1000",
        "season_code": "spring", "season_before_days": "7", "season_after_days": "8",
    }  # fmt: skip
    assert page.post("/coupons/kinds/new", share).status_code == 302
    ten, fifth = CouponKind.objects.order_by("pk")
    assert (ten.off_fen, ten.minimum_fen, ten.usable_days, ten.person_most) == (1_000, 3_000, 30, 1)
    assert (str(fifth.off_share), fifth.most_off_fen, fifth.category_ids) == ("0.2000", 1_550, [food.pk])
    assert (fifth.day_most, fifth.budget_fen, fifth.first_order_only) == (100, 100_000, True)
    assert [line.head.text for line in page.get("/coupons/kinds").context["lines"]] == ["八折", "满 30 减 10"]
    shown = page.get(f"/coupons/kinds/{fifth.pk}")
    promised = "优惠 20 % · 最多 ¥15.50 · 满 ¥30 可用 · 生鲜 · 仅首单 · 春节前 7 天至后 8 天"
    assert shown.context["promise"].replace("\u00a0", " ") == promised
    form = shown.context["form"]
    assert (form["off_share"].value(), form["budget_fen"].value()) == (20, 1_000)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"off_fen": ""}, "off_fen"),
        ({"off_fen": "40"}, "minimum_fen"),
        ({"usable_days": ""}, "usable_days"),
        ({"effect": "percent", "off_fen": "", "off_share": "100"}, "off_share"),
        ({"effect": "percent", "off_fen": "", "off_share": "5", "budget_fen": "9"}, "most_off_fen"),
        ({"code": "Ten!"}, "code"),
        ({"person_most": "0"}, "person_most"),
        ({"off_fen": "1.001"}, "off_fen"),
    ],
)
def test_a_form_that_cannot_be_kept_says_at_which_field(enter, change, field):
    answer = enter("marketer").post("/coupons/kinds/new", FORM | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not CouponKind.objects.exists()


def test_terms_of_an_issued_kind_stay_whatever_is_posted_and_others_only_look(enter, chain, kind, coupon):
    page = enter("marketer")
    assert page.post(f"/coupons/kinds/{kind.pk}", FORM | {"off_fen": "99", "name": "新名", "day_most": "5"}).status_code == 302
    kind.refresh_from_db()
    assert (kind.off_fen, kind.name, kind.day_most) == (1_000, "新名", 5)
    look = enter("manager")
    assert "可用" in look.get(f"/coupons/kinds/{kind.pk}").content.decode()
    assert look.post(f"/coupons/kinds/{kind.pk}", FORM).status_code == 403
    assert enter("store_manager").get(f"/coupons/kinds/{kind.pk}").status_code == 403


def test_a_second_click_issues_nothing_and_the_cap_is_told(enter, chain, kind):
    page = enter("marketer")
    shown = page.get(f"/customers/{chain.person_id}")
    asked = {"kind": kind.pk, "key": shown.context["issue_key"], "occasion": "gift"}
    for _ in range(2):
        answer = page.post(f"/customers/{chain.person_id}/coupons", asked, follow=True)
        assert "券已发出" in told(answer)
    assert Coupon.objects.count() == AuditEvent.objects.filter(action_code="coupon.issued").count() == 1
    assert "每人上限" in told(page.post(f"/customers/{chain.person_id}/coupons", asked | {"key": "other"}, follow=True))
    assert "券已收回" in told(page.post(f"/customers/{chain.person_id}/coupons/{Coupon.objects.get().pk}/withdraw", follow=True))


def test_a_return_pack_comes_with_one_click_and_no_gift_for_who_refuses_marketing(enter, chain, kind):
    page, base = enter("marketer"), f"/customers/{chain.person_id}"
    CouponKind.objects.update(person_most=5)
    PersonFacts.objects.filter(pk=chain.person_id).update(top_category_id=11, second_category_id=12, third_category_id=None)
    asked = {"kind": kind.pk, "key": "p", "occasion": "return_pack"}
    assert "买过的品类不到 3 个" in told(page.post(f"{base}/coupons", asked, follow=True))
    PersonFacts.objects.filter(pk=chain.person_id).update(third_category_id=13)
    for _ in range(2):
        assert "礼包已发出" in told(page.post(f"{base}/coupons", asked, follow=True))
    assert list(Coupon.objects.order_by("pk").values_list("category_id", flat=True)) == [11, 12, 13]
    Person.objects.filter(pk=chain.person_id).update(of_age_on=utc_now().date() + timedelta(days=9))
    assert "不接受营销" in told(page.post(f"{base}/coupons", asked | {"key": "g", "occasion": "gift"}, follow=True))
    assert "请选择发券的缘由" in told(page.post(f"{base}/coupons", asked | {"key": "g", "occasion": "x"}, follow=True))
    assert Coupon.objects.count() == 3
    assert "券已发出" in told(page.post(f"{base}/coupons", asked | {"key": "a", "occasion": "asked"}, follow=True))


def test_the_counter_uses_a_coupon_on_the_page_and_gives_it_back(enter, chain, coupon):
    page, base = enter("cashier"), f"/customers/{chain.person_id}/coupons/{coupon.pk}"
    assert coupon.code in page.get(f"/customers/{chain.person_id}").content.decode()
    for wrong in ({"order_no": "", "amount": "50"}, {"order_no": "A1", "amount": "much"}, {"order_no": "A1", "amount": "-1"}):
        assert "请填写单号" in told(page.post(f"{base}/redeem", wrong, follow=True))
    assert "还没有达到" in told(page.post(f"{base}/redeem", {"order_no": "A1", "amount": "29.99"}, follow=True))
    assert "A1 减 ¥10.00" in told(page.post(f"{base}/redeem", {"order_no": "A1", "amount": "50"}, follow=True))
    assert "已经用过" in told(page.post(f"{base}/redeem", {"order_no": "A2", "amount": "50"}, follow=True))
    entry = CouponEntry.objects.get(kind_code="redeemed")
    assert (entry.store_id, entry.off_fen, entry.by) == (chain.store_id, 1_000, chain.users["cashier"].pk)
    assert "没有用在这一单" in told(page.post(f"{base}/return", {"order_no": "A2"}, follow=True))
    assert "可以再用" in told(page.post(f"{base}/return", {"order_no": "A1"}, follow=True))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_policy_says_and_a_refusal_changes_nothing(enter, chain, kind, coupon, role):
    page, base = enter(role.value), f"/customers/{chain.person_id}/coupons"
    asked = {
        f"{base}/{coupon.pk}/redeem": ({"order_no": "A1", "amount": "50"}, REDEEMERS),
        f"{base}/{coupon.pk}/return": ({"order_no": "A1"}, REDEEMERS),
        f"{base}/{coupon.pk}/withdraw": ({}, ISSUERS),
        base: ({"kind": kind.pk, "key": "x", "occasion": "gift"}, ISSUERS),
    }
    for address, (body, roles) in asked.items():
        before = CouponEntry.objects.count()
        answer = page.post(address, body)
        assert answer.status_code == (302 if role.value in roles else 403), address
        assert role.value in roles or CouponEntry.objects.count() == before


def test_a_store_sees_the_coupons_of_its_own_customers_only(enter, chain, kind, coupon):
    other = coupon_issue(
        viewer=Viewer(1, "marketer", None),
        person_id=chain.outsider_id,
        kind_id=kind.pk,
        issue_key="o",
        occasion=Occasion.GIFT,
        now=utc_now(),
    )
    listed = {role: [line.row_id for line in enter(role).get("/coupons").context["lines"]] for role in ("guide", "marketer")}
    assert listed == {"guide": [coupon.pk], "marketer": [other.pk, coupon.pk]}
    till = enter("cashier")
    for act in ("redeem", "return"):
        answer = till.post(f"/customers/{chain.outsider_id}/coupons/{other.pk}/{act}", {"order_no": "A1", "amount": "50"})
        assert answer.status_code == 404
        crossed = till.post(f"/customers/{chain.person_id}/coupons/{other.pk}/{act}", {"order_no": "A1", "amount": "50"})
        assert crossed.status_code == 404
    assert CouponEntry.objects.exclude(kind_code="issued").count() == 0


@pytest.mark.parametrize(("asked", "found"), [("state.eq.usable", 1), ("state.eq.redeemed", 0), ("last_day.lt.2020-01-01", 0)])
def test_coupons_are_filtered_and_an_expired_one_says_so(enter, coupon, asked, found):
    page = enter("marketer")
    assert len(page.get("/coupons", {"f": asked}).context["lines"]) == found
    Coupon.objects.update(usable_from=utc_now() - timedelta(days=9), expires_at=utc_now() - timedelta(days=1))
    assert "已过期" in page.get("/coupons").content.decode()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "减 ¥10 · 满 ¥30 可用"), ("en", "¥10 off · from ¥30 on")])
def test_the_card_says_in_both_languages_what_a_coupon_promises(enter, chain, coupon, language, words):
    chain.users["marketer"].language = language
    chain.users["marketer"].save(update_fields=["language"])
    assert words in enter("marketer", language).get(f"/customers/{chain.person_id}").content.decode()


def test_a_segment_is_estimated_given_coupons_watched_and_taken_back(enter, chain, kind):
    ids = np.array(sorted((chain.person_id, chain.outsider_id)))
    one = Segment.objects.create(name="老客", owner_id=1, created_at=utc_now(), updated_at=utc_now())
    one.versions.create(number=1, rule={"all": []}, author_id=1, created_at=utc_now())
    refresh = SegmentRefresh.objects.create(
        segment=one, version_number=1, facts_version=1, as_of=utc_now().date(), started_at=utc_now(), ended_at=utc_now()
    )
    SegmentList.objects.create(segment=one, refresh_id=refresh.pk, ids=packed(ids))
    Segment.objects.update(refresh_id=refresh.pk)
    Person.objects.filter(pk=chain.outsider_id).update(of_age_on=utc_now().date() + timedelta(days=9))
    page, asked = enter("marketer"), {"kind": kind.pk, "segment": one.pk, "occasion": "gift"}
    shown = page.get("/coupons/runs", asked)
    assert (shown.context["estimate"].persons, shown.context["kept_out"], shown.context["coupons"]) == (1, 1, 1)
    body = asked | {"key": shown.context["run_key"]}
    addresses = {page.post("/coupons/runs/new", body)["Location"] for _ in range(2)}
    assert len(addresses) == IssueRun.objects.count() == 1
    (address,) = addresses
    assert "正在发" in page.get(f"{address}/progress").content.decode()
    jobs.run_planned()
    assert "未使用 1，已使用 0" in page.get(address).content.decode()
    assert "老客" in page.get("/coupons/runs").content.decode()
    assert page.post(f"{address}/resume", follow=True).status_code == 200
    assert page.post(f"{address}/withdraw").status_code == 302
    jobs.run_planned()
    assert "已收回 1" in page.get(address).content.decode()
    for wrong in ({"kind": "x"}, {"segment": 10**18}, {"occasion": "asked"}):
        assert page.post("/coupons/runs/new", body | wrong | {"key": "other"})["Location"] == "/coupons/runs"
        assert page.get("/coupons/runs", asked | wrong).status_code == 200
    manager = enter("manager")
    assert "先估算" not in manager.get("/coupons/runs").content.decode()
    for act in ("/coupons/runs/new", f"{address}/withdraw", f"{address}/end", f"{address}/resume"):
        assert manager.post(act, body).status_code == 403
    assert (IssueRun.objects.count(), Coupon.objects.count()) == (1, 1)
    assert enter("store_manager").get(address).status_code == 403


def test_a_coupons_page_tells_its_ledger_and_leads_on_in_the_list(enter, chain, kind, coupon):
    later = coupon_issue(
        viewer=Viewer(1, "marketer", None), person_id=chain.outsider_id, kind_id=kind.pk, issue_key="o",
        occasion=Occasion.GIFT, now=utc_now(),
    )  # fmt: skip
    page = enter("marketer")
    used = page.post(f"/customers/{chain.person_id}/coupons/{coupon.pk}/redeem", {"order_no": "A1", "amount": "50"})
    assert used.status_code == 302
    lines = page.get("/coupons", {"sort": "id"}).context["lines"]
    assert [line.row_id for line in lines] == [coupon.pk, later.pk]
    shown = page.get(lines[0].head.href)
    assert [line.entry.kind_code for line in shown.context["lines"]] == ["issued", "redeemed"]
    text = shown.content.decode()
    assert all(
        words in text for words in ("减 ¥10", "A1", "50.00", "10.00", coupon.code, f"/customers/{chain.person_id}#benefits")
    )
    place = page.get(f"/lists/coupon/place?{lines[0].head.href.partition('?')[2]}").context
    assert (place["previous_url"], place["next_url"]) == ("", lines[1].head.href)
    kinds = page.get("/coupons/kinds").context["lines"]
    assert 'data-walk="/lists/coupon_kind/place"' in page.get(kinds[0].head.href).content.decode()
    assert page.get(f"/lists/coupon_kind/place?{kinds[0].head.href.partition('?')[2]}").context["is_in"]


def test_a_coupon_of_another_store_is_not_there_and_one_of_an_erased_person_names_nobody(enter, chain, kind, coupon):
    Coupon.objects.update(person_id=chain.outsider_id)
    assert enter("guide").get(f"/coupons/{coupon.pk}").status_code == 404
    assert enter("guide").get("/lists/coupon/place", {"at": f"n~~{coupon.pk}", "sort": "-id"}).context["is_in"] is False
    Coupon.objects.update(person_id=None, issued_to_id=None)
    shown = enter("marketer").get(f"/coupons/{coupon.pk}").content.decode()
    assert "已删除的客户" in shown
    assert "打开客户" not in shown
    assert enter("guide").get(f"/coupons/{coupon.pk}").status_code == 404


def test_coupons_and_kinds_are_taken_as_files_by_those_who_may(enter, chain, kind, coupon):
    asked = {"next": "/coupons", "ids": [coupon.pk]}
    answer = enter("marketer").post("/lists/coupon/export", asked)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith(f"{coupon.pk},王")
    assert lines[-1] == "# 1 rows"
    taken = AccessEntry.objects.filter(route_code="lists:export").values_list("person_ids", flat=True)
    assert [one for ids in taken for one in ids] == [chain.person_id]
    assert enter("guide").post("/lists/coupon/export", asked).status_code == 403
    kinds = {"next": "/coupons/kinds", "everything": "1"}
    answer = enter("manager").post("/lists/coupon_kind/export", kinds)
    assert "满 30 减 10" in b"".join(answer.streaming_content).decode("utf-8-sig")
    assert enter("store_manager").post("/lists/coupon_kind/export", kinds).status_code == 403


def test_a_cut_list_of_runs_says_that_it_is_cut(enter, kind, monkeypatch):
    for number in range(2):
        IssueRun.objects.create(
            kind=kind, occasion_code="gift", segment_id=1, refresh_id=1, list_hash="", run_key=f"r{number}", author_id=1, asked=0,
            made_at=utc_now(),
        )  # fmt: skip
    monkeypatch.setattr(coupon_runs, "RUNS_SHOWN", 2)
    assert "最近 2 次" not in enter("marketer").get("/coupons/runs").content.decode()
    monkeypatch.setattr(coupon_runs, "RUNS_SHOWN", 1)
    shown = enter("marketer").get("/coupons/runs")
    assert len(shown.context["lines"]) == 1
    assert "最近 1 次" in shown.content.decode()

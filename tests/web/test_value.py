"""The value page reads the stored run: sums that add up, the reach of its reader, and a sentence before the first run."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import Chain as Store
from tests.warehouse.chain import Document, Line, days_before
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.queries import viewer_for
from huitou.apps.attributes.models import Attribute, EventType
from huitou.apps.attributes.services import attribute_save, definition_switch
from huitou.apps.attributes.services.define import Told
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import PersonContact
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.products.models import Category
from huitou.apps.value.models import (
    InferenceRule,
    InferredValue,
    PersonTag,
    PersonValue,
    ScenarioRule,
    SchemeVersion,
    TierSum,
    TopList,
    TopListMember,
    ValueRun,
)
from huitou.apps.value.queries import cross_tab, top_list_overlap
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services import crosses_keep, overlaps_keep, scheme_off, tag_define, tags_give, template_take
from huitou.apps.value.services.top_list import top_list_freeze
from huitou.core.attributes import AttributeChoice, AttributeType
from huitou.core.value.inputs import InputUnit
from huitou.core.value.rfm import Cuts
from huitou.core.value.scheme import scheme_json
from huitou.core.value.scoring import Facts, RunCuts
from huitou.core.value.templates import SHIPPED
from huitou.warehouse.layout import Layout
from huitou.web.formats import moment_text, percent_text
from huitou.web.pages.cockpit_tiers import pyramid_of
from huitou.web.pages.designer_form import input_text
from huitou.web.pages.value import top_is_low


def page(client: Client, chain: Chain, role: str, address: str) -> str:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


@pytest.mark.accept("S57")
def test_the_share_of_the_best_tier_is_shown_with_its_alarm_line(client: Client, valued: Chain):
    said = page(client, valued, "manager", reverse("value:value"))
    assert percent_text(0.9) in said
    limit = percent_text(0.3, decimals=0)
    for diamond_fen, is_low in ((90_000, False), (30_000, False), (29_999, True)):
        TierSum.objects.filter(tier_code="DIAMOND").update(net_fen=diamond_fen)
        TierSum.objects.filter(tier_code="BASIC").update(net_fen=100_000 - diamond_fen)
        said = page(client, valued, "manager", reverse("value:value"))
        assert (f">低于 {limit}<" in said, f"不低于 {limit}" in said) == (is_low, not is_low), diamond_fen
        assert top_is_low(diamond_fen / 100_000) == is_low  # the designer's trial asks the same
        pyramid = pyramid_of(viewer_for(valued.users["manager"]))  # and so does the cockpit
        assert pyramid is not None
        assert pyramid.best_brings_enough != is_low
    assert not top_is_low(None)


def test_a_store_manager_sees_the_store_and_a_stranger_nobody(client: Client, valued: Chain):
    own = page(client, valued, "store_manager", reverse("value:value"))
    assert "¥900" in own
    assert "¥1,000" not in own
    valued.users["store_manager"].store_ids = []
    valued.users["store_manager"].save()
    assert "¥900" not in page(client, valued, "store_manager", reverse("value:value"))


@pytest.mark.accept("S62")
def test_what_the_tiers_are_made_of_is_shown_to_who_sees_the_whole_chain(client: Client, valued: Chain):
    versions = {one.code: [one.slot, one.number] for one in schemes_in_force()}
    means = {"pyramid": {"DIAMOND": {"clv_12m_fen": 123_400.0}, "BASIC": {}}}
    ValueRun.objects.update(means=means, rules={"schemes": versions})
    said = page(client, valued, "manager", reverse("value:value"))
    assert "各等级的依据" in said
    assert "¥1,234" in said
    assert "各等级的依据" not in page(client, valued, "store_manager", reverse("value:value"))
    ValueRun.objects.update(rules={"schemes": {"pyramid": [1, 99]}})
    assert "各等级的依据" not in page(client, valued, "manager", reverse("value:value"))


@pytest.mark.accept("S44")
def test_the_person_page_says_which_channel_is_preferred_and_by_what(client: Client, valued: Chain, layout: Layout):
    store = Store(layout)
    store.land([Document(1, days_before(5), (Line(1, 100),), record_id=101)])
    store.publish(1, {101: valued.person_id})
    address = reverse("customers:person", args=[valued.person_id])
    assert "还没有够多的触达记录" in page(client, valued, "manager", address)

    ValueRun.objects.update(cuts={"as_of": "2026-11-01", "rfm": None, "edges": {}, "month": "2026-11", "hour_weights": [],
                                  "answered": [[[0, 0]] * 4, [[100, 20], [0, 0], [100, 25], [0, 0]], [[0, 0]] * 4]})  # fmt: skip
    PersonValue.objects.update(preferred_channel="wecom", stage="active")
    said = page(client, valued, "manager", address)
    assert "本人没有触达满 3 次的渠道，取「活跃」客户回应最多的企微。" in said
    assert "偏好渠道 企微" in said

    for channel, touches, answers in (("sms", 5, 3), ("wecom", 2, 2)):
        PersonContact.objects.create(person_id=valued.person_id, channel_code=channel, touches=touches, answers=answers)
    PersonValue.objects.update(preferred_channel="sms")
    said = page(client, valued, "manager", address)
    assert "偏好短信：触达满 3 次的渠道里，平滑后的回应率最高。" in said
    assert percent_text(0.4, decimals=0) in said  # (3 + 5 x 20 / 100) / (5 + 5)
    assert "触达不足 3 次" in said


@pytest.mark.accept("S51")
def test_each_field_of_the_grid_opens_exactly_its_customers(client: Client, valued: Chain):
    said = page(client, valued, "manager", reverse("value:value") + "?scheme=six_classes")
    for name in ("高价值活跃", "潜力新客", "高价值流失预警", "稳定普通", "低频低值", "沉睡挽回"):
        assert name in said
    address = f"{reverse('customers:list')}?f=tier_six_classes.eq.HIGH_ACTIVE"
    assert address in said
    cell = said[said.index(address) : said.index("</td>", said.index(address))]
    assert ("高价值活跃" in cell, "<b>1</b>" in cell, f"{percent_text(0.5)} · ¥900" in cell) == (True, True, True)
    assert f"{percent_text(0.5)} · ¥100" in said
    found = page(client, valued, "manager", address)
    assert "王小芳"[0] in found
    assert reverse("customers:person", args=[valued.person_id]) in found
    assert reverse("customers:person", args=[valued.outsider_id]) not in found


@pytest.mark.accept("S68")
def test_value_lifecycle_and_growth_each_have_a_scheme_and_any_two_are_crossed(client: Client, valued: Chain):
    template_take(code="growth", author_id=1, now=NOW)
    codes = [one.code for one in schemes_in_force()]
    assert {"pyramid", "lifecycle", "growth"} <= set(codes)
    column = next(one.column for one in schemes_in_force() if one.code == "growth")
    PersonValue.objects.filter(pk=valued.person_id).update(**{column: "RISING"})
    assert "还没有数过" in page(client, valued, "manager", reverse("value:cross") + "?rows=pyramid&columns=growth")
    crossed()
    for rows in codes:
        assert "tier_growth.missing" in page(client, valued, "manager", f"{reverse('value:cross')}?rows={rows}&columns=growth")
    said = page(client, valued, "manager", reverse("value:cross") + "?rows=pyramid&columns=growth")
    assert "tier_pyramid.eq.DIAMOND%2Ctier_growth.eq.RISING" in said


def crossed() -> int | None:
    """Count after a run by the schemes in force."""
    ValueRun.objects.update(rules={"schemes": {one.code: [one.slot, one.number] for one in schemes_in_force()}})
    return crosses_keep(now=NOW)


def counted_now(viewer, down, across):
    """What a request would count of everybody in reach."""
    rows = PersonValue.objects.filter(person__in=persons_in_reach(viewer)).values(down.column, across.column)
    return Counter((row[down.column] or "", row[across.column] or "") for row in rows)


@pytest.mark.db_both
def test_what_the_job_counted_of_two_schemes_is_what_a_request_would_count(valued: Chain):
    assert crossed() == len(schemes_in_force()) * (len(schemes_in_force()) + 1) / 2
    stranger = Viewer(0, "store_manager", frozenset())
    for viewer in (*(viewer_for(valued.users[role]) for role in ("manager", "store_manager")), stranger):
        for down in schemes_in_force():
            for across in schemes_in_force():
                found = cross_tab(viewer, down, across)
                assert found.counts == counted_now(viewer, down, across), (viewer, down.code, across.code)
                assert (found.is_current, found.down, found.across) == (True, down.scheme, across.scheme)
    assert not found.counts  # the stranger's


@pytest.mark.db_both
def test_a_scheme_that_was_changed_since_shows_the_old_counts_with_their_time(client: Client, valued: Chain):
    crossed()
    down, across = schemes_in_force()[:2]
    before = cross_tab(viewer_for(valued.users["manager"]), down, across)
    table = scheme_json(down.scheme)
    for tier, share in zip(table["tiers"], (0.1, 0.2, 0.3, 0.4), strict=True):
        tier["share"], tier["code"] = share, f"NEW_{tier['code']}"
    SchemeVersion.objects.filter(scheme_id=down.scheme_id).update(state="retired", retired_at=NOW)
    made = {"state": "published", "published_at": NOW, "created_at": NOW, "changed_at": NOW}
    SchemeVersion.objects.create(scheme_id=down.scheme_id, number=2, table=table, **made)
    crosses_keep(now=NOW)  # nobody was placed by the new version yet
    found = cross_tab(viewer_for(valued.users["manager"]), schemes_in_force()[0], across)
    assert (found.counts, found.down, found.is_current) == (before.counts, down.scheme, False)
    said = page(client, valued, "manager", reverse("value:cross"))
    assert f"方案改过，下面是 {moment_text(NOW)} 按旧的一版数的" in said
    assert "tier_pyramid.eq.DIAMOND" not in said  # no list has them any more


@pytest.mark.accept("S68")
def test_two_schemes_are_crossed_in_reach(client: Client, valued: Chain):
    address = reverse("value:cross") + "?rows=pyramid&columns=six_classes"
    crossed()
    assert "tier_pyramid.eq.BASIC%2Ctier_six_classes.eq.WIN_BACK" in page(client, valued, "manager", address)
    own = page(client, valued, "store_manager", address)
    assert "tier_pyramid.eq.DIAMOND%2Ctier_six_classes.eq.HIGH_ACTIVE" in own
    assert "tier_pyramid.eq.BASIC%2Ctier_six_classes.eq.WIN_BACK" not in own


def test_the_list_by_rfm_and_the_best_by_value_are_two_lists_whose_overlap_is_shown(client: Client, valued: Chain):
    """R12: two on the list by RFM, one of them a diamond; who sees one store counts its persons alone."""
    address = reverse("value:cross")
    assert "RFM 名单与价值金字塔" not in page(client, valued, "manager", address)
    run = ValueRun.objects.get()
    listed = TopList.objects.create(month="2026-11", share=0.2, buyers=5, members=2, run_id=run.pk, frozen_at=NOW)
    for rank, person_id in enumerate((valued.person_id, valued.outsider_id), start=1):
        TopListMember.objects.create(top_list=listed, rank=rank, person_id=person_id, rfm_total=12, net_365d_fen=1)
    assert "RFM 名单与价值金字塔" not in page(client, valued, "manager", address)  # not counted yet
    assert overlaps_keep() == 2
    pyramid = schemes_in_force()[0]
    assert (
        top_list_overlap(viewer_for(valued.users["manager"]), replace(pyramid, scheme=replace(pyramid.scheme, code="no"))) is None
    )
    stranger = top_list_overlap(Viewer(0, "store_manager", frozenset()), pyramid)
    assert (stranger.listed, stranger.best, stranger.both) == (0, 0, 0)
    for role, counts in (("manager", (2, 1, 1)), ("store_manager", (1, 1, 1))):
        found = top_list_overlap(viewer_for(valued.users[role]), pyramid)
        assert (found.listed, found.best, found.both) == counts, role
    said = page(client, valued, "manager", address)
    assert "2026-11 的 RFM 名单" in said
    assert "方案改过" not in said
    both = "top_list.eq.2026-11%2Ctier_pyramid.in.DIAMOND~CORE"
    assert both in said
    found = page(client, valued, "manager", f"{reverse('customers:list')}?f={both}")
    assert reverse("customers:person", args=[valued.person_id]) in found
    assert reverse("customers:person", args=[valued.outsider_id]) not in found


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "还没有可以排名的客户"), ("en", "Nobody to rank yet")])
def test_before_the_first_run_the_page_says_so(client: Client, chain: Chain, language: str, said: str):
    type(chain.users["manager"]).objects.update(language=language)
    assert said in page(client, chain, "manager", reverse("value:value"))


def test_a_guide_may_not_open_the_page(client: Client, chain: Chain):
    client.force_login(chain.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("value:value")).status_code == 403


def posted(**changes: str) -> dict[str, str]:
    return {
        "input": "rfm_total",
        "recut": "nightly",
        "share_0": "2",
        "share_1": "18",
        "share_2": "30",
        "share_3": "50",
        **changes,
    }


def test_a_marketer_saves_a_draft_and_a_wrong_sum_comes_back_with_a_sentence(client: Client, valued: Chain):
    address = reverse("tiers:scheme", args=["pyramid"])
    assert "生效中 v1" in page(client, valued, "marketer", address)
    refused = client.post(reverse("tiers:save", args=["pyramid"]), posted(share_0="3"))
    assert refused.status_code == 422
    assert refused.content.decode().count("占比合计 101 %，要正好 100 %。") == 2  # above, and where the checks stand
    assert "<div>占比合计 100 %" not in refused.content.decode()  # which is true of the table that is stored
    refused = client.post(reverse("tiers:save", args=["pyramid"]), posted(cost_0="much"))
    assert "「钻石」要填数字" in refused.content.decode()
    kept = client.post(reverse("tiers:save", args=["pyramid"]), posted(cost_0="80", goal_1="保住"))
    assert kept.status_code == 302
    said = client.get(address).content.decode()
    assert "草稿 v2" in said
    assert 'value="保住"' in said
    assert "与 v1 有" in said
    for was in ("v1：12 个月预测价值", "v1：每月 1 日"):
        assert was in said, was
    unread = client.post(reverse("tiers:ask", args=["pyramid"]), {"number": "2"})
    assert "先试算再提交" in unread.content.decode()


@pytest.mark.accept("S66")
def test_who_asks_cannot_publish_and_the_other_sees_what_it_would_do(client: Client, valued: Chain):
    page(client, valued, "marketer", reverse("tiers:scheme", args=["pyramid"]))
    client.post(reverse("tiers:save", args=["pyramid"]), posted(cost_0="80"))
    codes = ["DIAMOND", "CORE", "POTENTIAL", "BASIC"]
    nobody = [[0] * 5 for _ in range(5)]
    nobody[0][1] = 1
    SchemeVersion.objects.filter(state="draft").update(
        what_if={
            "before": codes, "after": codes, "before_number": 1, "persons": nobody, "revenue_fen": nobody, "cost_fen": [0, 80],
            "at_stake_fen": 1, "thresholds": [None] * 4, "movers": [], "as_of": "2026-11-21",
            "at": NOW.isoformat(), "seconds": 0.1,
        }
    )  # fmt: skip
    address, number = reverse("tiers:scheme", args=["pyramid"]), {"number": "2"}
    asked = client.post(reverse("tiers:ask", args=["pyramid"]), number | {"note": "双十一前"}, follow=True).content.decode()
    assert "双十一前" in asked
    assert reverse("tiers:publish", args=["pyramid"]) not in asked
    refused = client.post(reverse("tiers:publish", args=["pyramid"]), number)
    assert "要由另一个人发布" in refused.content.decode()
    assert "版等待批准" not in page(client, valued, "marketer", reverse("system:notices"))  # the asker's own bell
    assert "待批准" in page(client, valued, "analyst", reverse("tiers:list"))
    assert client.post(reverse("tiers:publish", args=["pyramid"]), number).status_code == 403
    bell = page(client, valued, "manager", reverse("system:notices"))
    assert "分级方案「价值金字塔」第 2 版等待批准" in bell
    assert f'href="{address}"' in bell
    assert "版等待批准" not in page(client, valued, "analyst", reverse("system:notices"))
    other = page(client, valued, "manager", address)
    assert reverse("tiers:publish", args=["pyramid"]) in other
    assert "若今天发布" in other
    assert "第 2 版已发布" in client.post(reverse("tiers:publish", args=["pyramid"]), number, follow=True).content.decode()
    assert "版等待批准" not in page(client, valued, "manager", reverse("system:notices"))
    assert SchemeVersion.objects.get(number=2, scheme__code="pyramid").decided_by == valued.users["manager"].pk


@pytest.mark.accept("S16")
@pytest.mark.parametrize(("language", "title"), [("zh-hans", "里程（公里）"), ("en", "Mileage (公里)")])
def test_a_custom_attribute_becomes_an_input_of_a_scheme_of_thresholds(client: Client, valued: Chain, language, title):
    valued.users["marketer"].language = language
    valued.users["marketer"].save()
    told = Told("mileage", "里程", "Mileage")
    mileage = attribute_save(told=told, type=AttributeType.DECIMAL, places=1, unit="公里", by=1, now=NOW)
    secret = attribute_save(told=Told("secret", "病史"), type=AttributeType.NUMBER, is_sensitive=True, by=1, now=NOW)
    template_take(code="hotel", author_id=1, now=NOW)
    address, save = reverse("tiers:scheme", args=["hotel"]), reverse("tiers:save", args=["hotel"])
    first = page(client, valued, "marketer", address)
    assert f'<option value="attribute_mileage">{title}</option>' in first
    assert secret.title not in first
    added = client.post(save, {"new_input": "attribute_mileage", "goal_0": "保住里程"}).content.decode()
    assert 'name="least_attribute_mileage_0"' in added
    assert 'value="保住里程"' in added  # what was typed is still there
    assert 'name="added" value="attribute_mileage"' in added
    stays = {f"least_stays_{place}": str(10 - place) for place in range(len(SHIPPED["hotel"].tiers) - 1)}
    typed = stays | {"added": "attribute_mileage attribute_secret", "least_attribute_mileage_0": "1200.5"}
    wrong = client.post(save, typed | {"least_attribute_mileage_0": "far"})
    assert (wrong.status_code, 'value="far"' in wrong.content.decode()) == (422, True)
    assert client.post(save, typed).status_code == 302
    draft = SchemeVersion.objects.get(scheme__code="hotel", state="draft")
    assert draft.table["tiers"][0]["at_least"] == {"stays": 10.0, "attribute_mileage": 1200.5}
    kept = client.get(address).content.decode()
    assert 'name="least_attribute_mileage_0" value="1200.5"' in kept
    definition_switch(kind=Attribute, pk=mileage.pk, is_enabled=False, by=1, now=NOW)
    off = client.get(address).content.decode()
    assert {"zh-hans": f"「{title}」已停用、到期或不存在", "en": f"“{title}” is switched off"}[language] in off
    refused = client.post(save, typed)
    assert refused.status_code == 422
    why = {"zh-hans": f"「{title}」已停用、到期、不存在或不是数字", "en": "cannot be an input"}[language]
    assert why in refused.content.decode()
    assert client.post(save, stays).status_code == 302  # without limits the input is gone
    assert "attribute_mileage" not in str(SchemeVersion.objects.get(pk=draft.pk).table)


def test_the_list_of_schemes_and_a_ranking_call_a_custom_input_by_its_title(client: Client, valued: Chain):
    EventType.objects.create(code="fitting", title="试衣", created_at=NOW)
    page(client, valued, "marketer", reverse("tiers:list"))
    assert client.post(reverse("tiers:save", args=["pyramid"]), posted(input="event_fitting")).status_code == 302
    said = client.get(reverse("tiers:scheme", args=["pyramid"])).content.decode()
    assert '<option value="event_fitting" selected>试衣（近 12 月次数）</option>' in said
    SchemeVersion.objects.filter(scheme__code="pyramid", state="published").update(state="retired", retired_at=NOW)
    SchemeVersion.objects.filter(scheme__code="pyramid", state="draft").update(state="published", published_at=NOW)
    pyramid = schemes_in_force()[0]
    rules = {"schemes": {"pyramid": [pyramid.slot, pyramid.number]}}
    ValueRun.objects.update(means={"pyramid": {"DIAMOND": {"event_fitting": 4.5}}}, rules=rules)
    overview = page(client, valued, "marketer", reverse("value:value"))
    assert '<th class="ht-num">试衣（近 12 月次数）</th>' in overview
    assert '<td class="ht-num" data-figure>4.5</td>' in overview
    scheme_off(code="pyramid", now=NOW)
    assert "试衣（近 12 月次数）" in client.get(reverse("tiers:list")).content.decode()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.29, "0.29"), (0.29 - 0.28, "0.01"), (1200.0, "1,200"), (-3.5, "-3.5"), (0.0, "0"), (0.000001, "0.000001")],
)
def test_a_number_of_the_chains_own_keeps_its_places(value, text):
    assert input_text(InputUnit.EXACT, value) == text


@pytest.mark.accept("S60")
@pytest.mark.parametrize(
    ("language", "names"), [("zh-hans", "VIP 白金 金卡 银卡 普通"), ("en", "VIP Platinum Gold Silver Standard")]
)
def test_one_click_puts_a_template_of_five_tiers_and_three_inputs_in_force(client: Client, valued: Chain, language, names):
    valued.users["marketer"].language = language
    valued.users["marketer"].save()
    take = reverse("tiers:take", args=["finance"])
    assert take in page(client, valued, "marketer", reverse("tiers:list"))
    assert client.post(take).url == reverse("tiers:list")
    finance = next(one.scheme for one in schemes_in_force() if one.code == "finance")
    assert [tier.label.text(language) for tier in finance.tiers] == names.split()
    assert set(finance.inputs) == {"assets_fen", "trades", "services"}
    assert take not in page(client, valued, "marketer", reverse("tiers:list"))


@pytest.mark.accept("S33")
def test_the_designer_offers_spending_frequency_and_preference_to_rankings_and_to_thresholds(client: Client, valued: Chain):
    template_take(code="hotel", author_id=1, now=NOW)
    for code in ("pyramid", "hotel"):
        said = page(client, valued, "marketer", reverse("tiers:scheme", args=[code]))
        for name in ("spending_power", "orders_365d", "cycle_days", "top_category_share"):
            assert f'<option value="{name}"' in said, (code, name)


def test_an_analyst_reads_the_schemes_and_changes_none(client: Client, valued: Chain):
    assert "草稿" not in page(client, valued, "analyst", reverse("tiers:scheme", args=["pyramid"]))
    assert "行业模板" in page(client, valued, "analyst", reverse("tiers:list"))
    assert client.post(reverse("tiers:save", args=["pyramid"]), posted()).status_code == 403
    assert client.post(reverse("tiers:take", args=["finance"])).status_code == 403
    assert client.get(reverse("tiers:scheme", args=["nonsense"])).status_code == 404


def test_the_dictionary_is_searched_exported_and_added_to(client: Client, valued: Chain):
    said = page(client, valued, "marketer", reverse("tags:list") + "?q=周期")
    assert "购买周期" in said
    assert "客单价" not in said
    exported = client.get(reverse("tags:export"))
    assert exported["Content-Type"].startswith("text/csv")
    assert "average_ticket,客单价" in exported.content.decode()
    new = {"code": "vip_guest", "name": "贵宾", "dimension": "value", "definition": "店长认定"}
    assert client.post(reverse("tags:new"), new).status_code == 302
    assert "已经有标签" in client.post(reverse("tags:new"), new).content.decode()
    wrong = client.post(reverse("tags:formula", args=["potential"]), {"momentum": "50", "headroom": "30", "freshness": "10"})
    assert "合计要正好 100" in wrong.content.decode()
    assert page(client, valued, "analyst", reverse("tags:list")).count("贵宾") == 1
    assert client.post(reverse("tags:new"), new).status_code == 403


def test_a_guide_gives_a_tag_and_takes_it_back(client: Client, valued: Chain):
    tag_define(code="vip_guest", name="贵宾", dimension="value", definition="店长认定", owner_id=1, now=NOW)
    client.force_login(valued.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    given = client.post(reverse("tags:on", args=[valued.person_id]), {"code": "vip_guest"}, follow=True)
    off = reverse("tags:off", args=[valued.person_id, PersonTag.objects.get().pk])
    assert given.content.decode().count(off) == 2  # on the chip, and as the undo of the toast
    back = reverse("tags:restore", args=[valued.person_id, PersonTag.objects.get().pk])
    assert back in client.post(off, follow=True).content.decode()
    assert off in client.post(back, follow=True).content.decode()
    wrong = client.post(reverse("tags:on", args=[valued.person_id]), {"code": "vip_guest", "expires_on": "soon"}, follow=True)
    assert "2026-12-31" in wrong.content.decode()
    assert client.post(reverse("tags:on", args=[valued.outsider_id]), {"code": "vip_guest"}).status_code == 404


def test_a_marketer_undoes_an_own_change_and_edits_the_scenarios(client: Client, valued: Chain):
    tag_define(code="vip_guest", name="贵宾", dimension="value", definition="店长认定", owner_id=1, now=NOW)
    marketer = valued.users["marketer"]
    ids = [valued.person_id, valued.outsider_id]
    change = tags_give(viewer=viewer_for(marketer), person_ids=ids, code="vip_guest", now=NOW)
    undo = reverse("tags:undo", args=[change.pk])
    assert undo in page(client, valued, "marketer", reverse("tags:list"))
    assert undo not in page(client, valued, "manager", reverse("tags:list"))
    assert client.post(undo).status_code == 404  # another user's
    client.force_login(marketer, backend="django.contrib.auth.backends.ModelBackend")
    assert "2 人恢复原样" in client.post(undo, follow=True).content.decode()
    assert not PersonTag.objects.filter(is_current=True).exists()
    Category.objects.create(path="宠物/猫粮", name="猫粮", level=2)
    rule = {"code": "cats", "name": "养猫", "paths": "猫粮、猫砂", "orders": "2", "days": "90", "from_hour": "8", "to_hour": "7"}
    assert "从早到晚" in client.post(reverse("tags:scenario_keep"), rule).content.decode()
    kept = client.post(reverse("tags:scenario_keep"), rule | {"to_hour": "10"}, follow=True).content.decode()
    assert 'value="猫粮、猫砂"' in kept
    assert ScenarioRule.objects.get(code="cats").hours == [8, 9, 10]
    assert "没有品类含这些词" not in kept
    Category.objects.filter(path="宠物/猫粮").update(path="别的")
    assert "没有品类含这些词，所以没有答案" in client.get(reverse("tags:scenarios")).content.decode()
    off = client.post(reverse("tags:scenario_keep"), {"code": "cats", "do": "off"}, follow=True).content.decode()
    assert "已停用" in off
    assert 'name="do"' not in page(client, valued, "analyst", reverse("tags:scenarios"))


@pytest.mark.accept("S26")
def test_only_the_administrator_switches_an_inference_and_the_person_page_marks_it(client: Client, valued: Chain):
    choices = (AttributeChoice("clerk", "职员"), AttributeChoice("farmer", "务农"))
    attribute_save(told=Told("job", "职业"), type=AttributeType.CHOICE, choices=choices, by=1, now=NOW)
    switch = reverse("tags:inference", args=["job"])
    assert "推断的属性" in page(client, valued, "marketer", reverse("tags:list"))
    assert client.post(switch, {"do": "on"}).status_code == 403
    assert switch in page(client, valued, "admin", reverse("tags:list"))
    assert "推断已打开" in client.post(switch, {"do": "on"}, follow=True).content.decode()
    rule = InferenceRule.objects.get()
    InferredValue.objects.create(
        rule=rule, person_id=valued.person_id, value_code="clerk", confidence=0.71, inferred_on=NOW.date()
    )
    said = page(client, valued, "guide", reverse("customers:person", args=[valued.person_id]))
    assert "推断 71 %" in said
    assert "职员" in said


@pytest.mark.accept("S58")
def test_a_guide_notes_an_interest_of_an_own_customer_only(client: Client, valued: Chain):
    client.force_login(valued.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    kept = client.post(reverse("tags:interest", args=[valued.person_id]), {"note": "喜欢花"})
    assert kept.status_code == 302
    said = client.get(reverse("customers:person", args=[valued.person_id])).content.decode()
    assert "感兴趣" in said
    assert "钻石" in said
    definition = ("专属团队加一位客户经理，1 小时响应", "留住每一个人", "升级条件", "已是最高等级", "成本上限", "每人每月 ¥60")
    assert [text for text in definition if text not in said] == []
    assert client.post(reverse("tags:interest", args=[valued.outsider_id]), {"note": "x"}).status_code == 404
    seen = page(client, valued, "agent", reverse("customers:person", args=[valued.person_id]))
    assert [text for text in definition if text not in seen] == []
    valued.users["agent"].language = "en"
    valued.users["agent"].save()
    seen = page(client, valued, "agent", reverse("customers:person", args=[valued.person_id]))
    english = ("Own team and one manager", "keep every one", "the highest tier", "Cost cap", "¥60 per person a month")
    assert [text for text in english if text not in seen] == []


@pytest.mark.accept("S49")
def test_exactly_200_of_1000_are_frozen_for_the_month_and_open_as_a_list(client: Client, valued: Chain):
    ids = np.arange(valued.person_id, valued.person_id + 1_000)
    same = np.ones(1_000)
    spent = np.where(np.arange(1_000) >= 990, 101, 100) * same
    columns = {"orders_365d": same, "net_365d_fen": spent, "last_day": 20_000 * same}
    run = ValueRun.objects.get()
    facts, cuts = Facts(ids, columns), RunCuts(NOW.date(), Cuts((365,) * 4, (1,) * 4, (1,) * 4), {}, "2026-11")
    frozen = top_list_freeze(run_id=run.pk, month="2026-11", facts=facts, cuts=cuts, now=NOW)
    assert (frozen.members, frozen.buyers) == (200, 1_000)
    chosen = list(frozen.rows.order_by("rank").values_list("person_id", flat=True))
    assert chosen == [*ids[990:].tolist(), *ids[:190].tolist()]  # equal totals: more net revenue first, then the lower id
    assert top_list_freeze(run_id=run.pk, month="2026-11", facts=facts, cuts=cuts, now=NOW) is None  # frozen is frozen
    later = replace(cuts, month="2026-12")
    richer = Facts(ids, {**columns, "net_365d_fen": spent[::-1]})
    december = top_list_freeze(run_id=run.pk, month="2026-12", facts=richer, cuts=later, now=NOW)
    assert set(december.rows.values_list("person_id", flat=True)) == set(ids[:200].tolist())
    assert list(frozen.rows.order_by("rank").values_list("person_id", flat=True)) == chosen  # November stays as it was
    december.delete()
    address = f"{reverse('customers:list')}?f=top_list.eq.2026-11"
    assert address in page(client, valued, "manager", reverse("value:value"))
    assert reverse("customers:person", args=[valued.person_id]) in page(client, valued, "manager", address)

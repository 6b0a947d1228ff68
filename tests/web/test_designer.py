"""Tier schemes are drafted, asked for, published and switched by who may; what they ask for has a name everywhere."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.attributes.models import Attribute, EventType
from huitou.apps.attributes.services import attribute_save, definition_switch
from huitou.apps.attributes.services.define import Told
from huitou.apps.value.models import (
    SchemeVersion,
    ValueRun,
)
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services import scheme_off, template_take
from huitou.core.attributes import AttributeType
from huitou.core.value.inputs import InputUnit
from huitou.core.value.templates import SHIPPED
from huitou.web.pages.designer_form import input_text


def page(client: Client, chain: Chain, role: str, address: str) -> str:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


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

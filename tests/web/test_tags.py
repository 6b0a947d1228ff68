"""Tags are defined, given and taken back; what is inferred and noted of a person says so."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.queries import viewer_for
from huitou.apps.attributes.services import attribute_save
from huitou.apps.attributes.services.define import Told
from huitou.apps.products.models import Category
from huitou.apps.value.models import (
    InferenceRule,
    InferredValue,
    PersonTag,
    ScenarioRule,
)
from huitou.apps.value.services import tag_define, tags_give
from huitou.core.attributes import AttributeChoice, AttributeType


def page(client: Client, chain: Chain, role: str, address: str) -> str:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


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

"""The one list page: what its address may say, what it shows of hostile values, who sees what."""

import json
import re

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from tests.apps.customers.people import person_make
from tests.web.conftest import NOW, Chain

from huitou.apps.base import walked_listing
from huitou.apps.base.fields import Noun
from huitou.apps.customers.models import Person
from huitou.apps.lists.models import SavedView
from huitou.apps.lists.queries import columns_of
from huitou.demo.views import VIEWS, views_make

LIST = "customers:list"


@pytest.fixture
def enter(client: Client, chain: Chain):
    def _enter(role: str) -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.mark.parametrize(
    ("query", "sentence", "rest"),
    [
        ({"f": "tier.eq.A,orders.gte.3"}, "没有字段「tier」", "?f=orders.gte.3"),
        ({"f": "<b>x</b>.eq.1"}, "没有字段「&lt;b&gt;x&lt;/b&gt;」", ""),
        ({"f": "orders.like.3"}, "「累计订单数」不能用「like」来比较", ""),
        ({"f": "orders.gte.many"}, "「累计订单数」的值「many」不合格", ""),
        ({"f": "any(orders.gte.3"}, "括号或逗号可能少了一个", ""),
        ({"f": "home_store.eq.99999999999999999999"}, "「归属门店」的值", ""),
        ({"sort": "name"}, "不能按「name」排列。可以按：最近购买日", ""),
        ({"f": "orders.gte.3", "at": "n~x~1"}, "翻页的位置不属于这个列表", "?f=orders.gte.3"),
        ({"f": "orders.gte.3", "sort": "-orders", "at": "n~~"}, "翻页的位置", "?f=orders.gte.3&amp;sort=-orders"),
        ({"tree": "no JSON"}, "条件的写法读不懂", ""),
        ({"tree": '{"field": "gone", "op": "eq", "value": 1}'}, "没有字段「gone」", ""),
    ],
)
def test_what_an_address_may_not_say_is_named_and_the_rest_offered(enter, query, sentence, rest):
    answer = enter("marketer").get(reverse(LIST), query)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    assert f'href="{reverse(LIST)}{rest}"' in page


def test_the_editors_tree_becomes_an_address(enter, chain: Chain):
    tree = {"any": [{"field": "orders", "op": "gte", "value": 3}, {"not": {"field": "stage", "op": "eq", "value": "new"}}]}
    answer = enter("marketer").get(reverse(LIST), {"tree": json.dumps(tree), "sort": "-orders"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse(LIST)}?f=any%28orders.gte.3%2Cnot%28stage.eq.new%29%29&sort=-orders"


def test_hostile_and_huge_values_are_shown_as_text(enter, chain: Chain):
    names = ["<img src=x onerror=alert(1)>", "\u202egnp.exe", "👩‍👩‍👧" * 10, "长" * 200]
    for number, name in enumerate(names, start=9_001):
        person_make(number, store_id=chain.store_id, profile={"name": name}, orders_count=10_000, net_365d_fen=10**14)
    page = enter("guide").get(reverse(LIST), {"f": "orders.gte.10000"}).content.decode()
    assert "<img" not in page.split("<main")[1].split("</main>")[0]
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    for name in names[1:]:
        assert f"<bdi>{name}</bdi>" in page
    assert page.count("10,000") >= len(names)
    assert "1,000,000,000,000.00" in page


@pytest.mark.db_both
def test_somebody_of_another_store_sees_counts_and_sorts_nothing(enter, chain: Chain):
    client = enter("guide")
    for query in ({}, {"sort": "-net_365d"}, {"f": f"home_store.eq.{chain.other_store_id}"}, {"f": "net_365d.gte.500000"}):
        answer = client.get(reverse(LIST), query)
        seen = {line.row_id for line in answer.context["lines"]}
        assert chain.outsider_id not in seen
        assert answer.context["count"].value == len(seen)
        assert "欧阳" not in answer.content.decode()
    assert "北站店" not in answer.content.decode()  # nor is the other store offered


def test_chosen_columns_are_remembered_and_reset(enter, chain: Chain):
    client = enter("marketer")
    address = reverse("lists:columns", args=["customer"])
    user_id = chain.users["marketer"].pk
    client.post(address, {"column": ["points", "stage", "nothing"], "do": "choose", "next": "https://elsewhere.example/"})
    assert columns_of(user_id, Noun.CUSTOMER) == ("stage", "points")
    assert [head.label for head in client.get(reverse(LIST)).context["heads"]] == ["生命周期", "积分余额"]
    client.post(address, {"do": "reset"})
    assert columns_of(user_id, Noun.CUSTOMER) == ()


def test_a_list_that_the_role_may_not_open_keeps_nothing_for_it(enter, chain: Chain):
    assert enter("cashier").post(reverse("lists:columns", args=["customer"]), {"column": "stage"}).status_code == 403
    assert enter("marketer").post(reverse("lists:columns", args=["nothing"]), {}).status_code == 404


def _keep(client: Client, query: str, title: str) -> str:
    posted = {"title": title, "next": f"{reverse(LIST)}{query}"}
    return client.post(reverse("lists:view_keep", args=["customer"]), posted, follow=True).content.decode()


def test_a_view_is_kept_opened_pinned_shared_with_the_role_and_deleted(client: Client, chain: Chain, enter):
    enter("marketer")
    assert "视图已存" in _keep(client, "?f=orders.gte.3&sort=-orders", "常客")
    assert "已有叫「常客」的视图" in _keep(client, "", "常客")
    view = SavedView.objects.get()
    opened = reverse("lists:view", args=["customer", view.pk])
    act = reverse("lists:view_act", args=["customer", view.pk])
    assert client.get(opened).url == f"{reverse(LIST)}?f=orders.gte.3&sort=-orders&view={view.pk}"
    for do in ("pin", "share"):
        client.post(act, {"do": do})
    assert "同角色可用" in client.get(reverse(LIST)).content.decode()
    enter("agent")
    assert client.get(opened).status_code == 404
    client.post(act, {"do": "delete"})
    assert SavedView.objects.filter(shared_role="marketer").exists()
    enter("marketer")
    page = client.get(reverse(LIST)).content.decode()
    assert "删除视图「常客」？" in page
    assert "同角色的人也不再看到它" in page
    assert "视图已删除" in client.post(act, {"do": "delete", "next": reverse(LIST)}, follow=True).content.decode()
    assert not SavedView.objects.exists()


def test_pinned_views_are_tabs_and_a_changed_one_is_saved_or_put_back(client: Client, chain: Chain, enter):
    enter("marketer")
    for title, query in (("常客", "?f=orders.gte.3&sort=-orders"), ("会员", "?f=is_member.eq.1")):
        _keep(client, query, title)
    regulars, members = SavedView.objects.order_by("pk")
    act = reverse("lists:view_act", args=["customer", regulars.pk])
    client.post(act, {"do": "pin"})
    plain = client.get(reverse(LIST)).context["views"]
    assert [view.title for view in plain.tabs] == ["常客"]
    assert (plain.current, plain.is_changed, len(plain.every)) == (None, False, 2)
    opened = client.get(reverse("lists:view", args=["customer", members.pk]), follow=True)
    assert [view.title for view in opened.context["views"].tabs] == ["常客", "会员"]  # the shown one is a tab, too
    assert "<h1>会员</h1>" in opened.content.decode()
    assert "本视图已改动" not in opened.content.decode()

    changed = f"{reverse(LIST)}?f=orders.gte.5&view={regulars.pk}"
    page = client.get(changed)
    assert page.context["views"].is_changed
    assert "本视图已改动" in page.content.decode()
    assert all(f"view={regulars.pk}" in line.head.href for line in page.context["lines"])  # the way back knows the view
    client.post(act, {"do": "change", "next": changed})
    regulars.refresh_from_db()
    assert (regulars.filters, regulars.sort) == ({"field": "orders", "op": "gte", "value": 5}, "-clv_12m")
    assert not client.get(changed).context["views"].is_changed
    client.post(act, {"do": "change", "next": f"{reverse(LIST)}?f=mood_ring.eq.1"})
    regulars.refresh_from_db()
    assert regulars.filters["value"] == 5


def test_the_demos_views_ask_what_the_list_has(client: Client, chain: Chain, enter):
    user = chain.users["marketer"]
    views_make(owner_id=user.pk, role_code=user.role_code, now=NOW)
    enter("marketer")
    for view in SavedView.objects.all():
        page = client.get(reverse("lists:view", args=["customer", view.pk]), follow=True)
        assert (page.status_code, page.context["views"].is_changed) == (200, False), view.title
    assert len(page.context["views"].every) == len(VIEWS)


def test_nobody_changes_or_is_shown_somebody_elses_view(client: Client, chain: Chain, enter):
    enter("marketer")
    _keep(client, "?f=orders.gte.3", "常客")
    view = SavedView.objects.get()
    act, address = reverse("lists:view_act", args=["customer", view.pk]), f"{reverse(LIST)}?f=is_member.eq.1&view={view.pk}"
    enter("agent")
    assert client.get(address).context["views"].current is None
    client.post(act, {"do": "change", "next": address})
    view.refresh_from_db()
    assert view.filters == {"field": "orders", "op": "gte", "value": 3}


def test_a_view_whose_field_is_gone_is_told_with_a_link_to_the_rest(client: Client, chain: Chain, enter):
    enter("marketer")
    _keep(client, "?f=orders.gte.3", "旧视图")
    view = SavedView.objects.get()
    view.filters = {"all": [{"field": "mood_ring", "op": "eq", "value": 1}, view.filters]}
    view.sort = "-mood_ring"
    view.save()
    told = client.get(reverse("lists:view", args=["customer", view.pk]))
    page = told.content.decode()
    assert told.status_code == 400
    assert "视图「旧视图」里有用不了的条件" in page
    assert "没有字段「mood_ring」" in page
    assert f'href="{reverse(LIST)}?f=orders.gte.3&amp;view={view.pk}"' in page


def test_a_person_opened_from_a_list_leads_on_in_it(enter, chain: Chain):
    client = enter("marketer")
    lines = client.get(reverse(LIST), {"f": "is_member.eq.1", "sort": "id"}).context["lines"]
    addresses = [line.head.href for line in lines]
    assert [line.row_id for line in lines] == sorted(line.row_id for line in lines)
    place, query = reverse("lists:place", args=["customer"]), addresses[1].partition("?")[2]
    page = client.get(f"{place}?{query}").content.decode().replace("&amp;", "&")
    assert "第 2 位，共 3 人" in page
    assert f'href="{addresses[0]}"' in page
    assert f'href="{addresses[2]}"' in page
    assert f'href="{reverse(LIST)}?f=is_member.eq.1&sort=id"' in page
    Person.objects.filter(pk=lines[1].row_id).update(is_member=False)
    left = client.get(f"{place}?{query}").content.decode()
    assert "已不在列表里" in left
    assert "共 2 人" in left
    assert addresses[2].partition("?")[0] in left
    gone = client.get(f"{place}?{query.replace('is_member', 'mood_ring')}")
    assert gone.status_code == 200
    assert "来时的条件现在读不懂" in gone.content.decode()
    bare = client.get(f"{place}").content.decode()
    assert "data-walk-step" not in bare


def test_the_next_page_counts_on(enter, chain: Chain):
    for number in range(9_001, 9_060):
        person_make(number, store_id=chain.store_id)
    client = enter("marketer")
    first = client.get(reverse(LIST), {"sort": "id"}).context
    second = client.get(first["next_url"]).context
    assert "n=51" in second["lines"][0].head.href
    assert "n=" not in client.get(second["previous_url"]).context["next_url"].replace("n=50", "")
    lost = client.get(first["next_url"].replace("n=50", "n=x")).context["lines"][0].head.href
    assert "&n=" not in lost


def test_a_column_of_nulls_shows_dashes_and_is_sorted_by(enter, chain: Chain):
    for number in (9_001, 9_002):
        person_make(number, store_id=chain.store_id, facts=False)
    client = enter("marketer")
    columns = {"column": ["points", "last_purchase", "top_category", "net_365d"], "do": "choose"}
    client.post(reverse("lists:columns", args=["customer"]), columns)
    for sort in ("last_purchase", "-last_purchase", "-net_365d"):
        lines = client.get(reverse(LIST), {"f": "orders.missing", "sort": sort}).context["lines"]
        assert {line.row_id for line in lines} >= {9_001, 9_002}
        assert {cell.text for line in lines for cell in line.cells} == {"—"}


def test_a_filter_of_the_list_begins_a_segment_and_one_it_cannot_use_is_told(enter, chain: Chain):
    client = enter("marketer")
    page = client.get(reverse(LIST), {"f": "any(orders.gte.3,sources.gte.2)"}).content.decode()
    begin = reverse("segments:new") + "?f=any%28orders.gte.3%2Csources.gte.2%29"
    assert f'href="{begin}"' in page
    assert '"field": "orders", "op": "gte", "value": 3' in client.get(begin).context["rule"]
    told = client.get(reverse("segments:new"), {"f": "segment.eq.1"})
    assert told.status_code == 422
    assert "列表的条件里有人群不能用的" in told.content.decode()
    assert reverse("segments:new") not in enter("agent").get(reverse(LIST), {"f": "orders.gte.3"}).content.decode()


@pytest.mark.parametrize("address", ["/customers", "/stores", "/data/batches", "/data/quarantine", "/coupons", "/coupons/kinds"])
def test_every_count_names_the_day_it_stands_for(enter, chain: Chain, address: str):
    page = enter("admin").get(address).content.decode()
    head = page.split("<main")[1].split("</h1>")[1].split("</p>")[0]
    assert re.search(r"<b>\d+</b> \S+符合条件，截至 \d{4}-\d\d-\d\d", head), head
    assert "约" not in head


def test_an_estimated_count_says_so_and_the_address_holds_all_that_was_asked(
    enter, chain: Chain, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(walked_listing, "SMALL_TABLE", 0)
    monkeypatch.setattr(walked_listing, "EXACT_UP_TO", 1)
    for number in range(9_001, 9_060):
        person_make(number, store_id=chain.store_id)
    asked = {"f": "sources.gte.1", "sort": "-id"}
    first = enter("marketer").get(reverse(LIST), asked)
    assert "约 <b>" in re.sub(r"\s+", " ", first.content.decode())
    following = QueryDict(first.context["next_url"].partition("?")[2])
    assert {name: following[name] for name in asked} == asked
    again = enter("agent").get(first.context["next_url"]).context  # somebody else, by the address alone
    assert [line.row_id for line in again["lines"]] == sorted((line.row_id for line in again["lines"]), reverse=True)
    assert len(again["lines"]) == 12

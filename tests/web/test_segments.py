"""The segment pages: the list, the builder's live answers, saving, why, and what other people see of it."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from tests.apps.segments.world import BUYS_TWICE, LAPSED, MARKETER, NOW, PEOPLE, build_store, build_world
from tests.turns import alone
from tests.web.browser import PASSWORD, visitor

from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import user_save
from huitou.apps.customers.models import SearchKey
from huitou.apps.customers.queries.search import search_hashes
from huitou.apps.segments.models import Segment, SegmentRefresh, SegmentVersion
from huitou.apps.segments.queries import members_by_day
from huitou.apps.segments.services import segment_create, segments_refresh
from huitou.apps.value.models import PersonValue
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure
from huitou.apps.value.services import scheme_off
from huitou.warehouse.layout import Layout

pytestmark = pytest.mark.django_db
RULE = {"any": [BUYS_TWICE, LAPSED]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = Layout(tmp_path_factory.mktemp("segments-web"))
    build_store(layout)
    return layout


@pytest.fixture
def lapsed(layout: Layout, built: Layout, db: None) -> Segment:
    build_world(layout, built)
    segment = segment_create(viewer=MARKETER, name="久未购", rule=LAPSED, now=NOW)
    segments_refresh(now=NOW)
    return segment


def signed_in(role: Role, *store_ids: int) -> Client:
    client = Client()
    user = user_save(username=role.value, password=PASSWORD, role_code=role, display_name="测试", now=NOW, store_ids=store_ids)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_list_shows_members_in_reach_and_why_a_rule_is_refused(lapsed: Segment):
    page = signed_in(Role.MARKETER).get(reverse("segments:list")).content.decode()
    assert "久未购" in page
    assert "data-figure>3</td>" in page
    SegmentVersion.objects.update(rule={"field": "tier_gone", "op": "eq", "value": 1})
    segments_refresh(now=NOW)
    page = signed_in(Role.STORE_MANAGER, 2).get(reverse("segments:list")).content.decode()
    assert "「tier_gone」已经没有了" in page
    assert "data-figure>2</td>" in page
    assert reverse("segments:new") not in page


def live(client: Client, rule, **more):
    return client.post(reverse("segments:live"), {"rule": json.dumps(rule), "seed": "1", **more})


def test_the_live_answer_counts_samples_masked_people_and_ends_where_the_viewer_ends(lapsed: Segment):
    client = signed_in(Role.MARKETER)
    page = live(client, RULE).content.decode()
    assert 'id="segment-count">5<' in page
    assert 'data-alone="2,3"' in page
    assert "王103" not in page  # names are masked
    assert "购买" in page
    assert live(client, {"field": "orders", "op": "gte"}).status_code == 204
    assert live(client, "no rule").status_code == 204
    assert "加一个条件" in live(client, {"all": []}).content.decode()
    own = live(signed_in(Role.STORE_MANAGER, 2), RULE).content.decode()
    assert 'id="segment-count">2<' in own
    nobody = live(signed_in(Role.REGION_MANAGER), RULE).content.decode()
    assert 'id="segment-count">0<' in nobody
    assert "没有人符合" in nobody


@pytest.mark.accept("S65")
def test_the_sample_says_in_which_scheme_its_tiers_are(lapsed: Segment):
    shipped_ensure(now=NOW)
    client = signed_in(Role.MARKETER)
    first, second = schemes_in_force()[:2]
    codes = {first.column: first.scheme.tiers[0].code, second.column: second.scheme.tiers[-1].code}
    PersonValue.objects.bulk_create(PersonValue(person_id=one, run_id=1, **codes) for one in PEOPLE.values())
    for one, tier in ((first, first.scheme.tiers[0]), (second, second.scheme.tiers[-1])):
        page = live(client, RULE).content.decode()
        sample = page[page.index('id="segment-sample"') :]
        assert f'data-label="{one.scheme.label.zh}"' in sample
        assert tier.label.zh in sample
        assert "等级" not in sample
        scheme_off(code=first.code, now=NOW)  # now another one is the first


def test_why_is_told_for_a_person_of_the_sample_or_one_that_is_searched(lapsed: Segment):
    client = signed_in(Role.MARKETER)
    told = client.post(reverse("segments:why"), {"rule": json.dumps(RULE), "person": "103"}).content.decode()
    assert "在里面" in told
    assert "70 天前" in told
    by_segment = client.post(reverse("segments:why"), {"segment": lapsed.pk, "person": "101"}).content.decode()
    assert "不在" in by_segment
    assert "5 天前" in by_segment
    assert "没有找到这位客户" in client.post(reverse("segments:why"), {"rule": "{}", "term": "nobody"}).content.decode()
    out = signed_in(Role.STORE_MANAGER, 1).post(reverse("segments:why"), {"segment": lapsed.pk, "person": "103"}).content.decode()
    assert "天前" not in out


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"name": "", "rule": json.dumps(RULE)}, "起个名字"),
        ({"name": "久未购", "rule": json.dumps(RULE)}, "已经有叫这个名字的人群"),
        ({"name": "空", "rule": '{"all": []}'}, "规则是空的"),
        ({"name": "错", "rule": "{"}, "还没有填完"),
        ({"name": "错", "rule": '{"field": "shoe_size", "op": "eq", "value": 1}'}, "还没有填完"),
    ],
)
def test_what_cannot_be_saved_comes_back_with_a_sentence(lapsed: Segment, posted, said):
    answer = signed_in(Role.MARKETER).post(reverse("segments:new"), posted)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Segment.objects.count() == 1


def test_saving_makes_a_version_and_only_editors_save(lapsed: Segment):
    address = reverse("segments:segment", args=[lapsed.pk])
    form = {"name": "久未购", "note": "", "rule": json.dumps(RULE), "change_note": "加上常客"}
    assert signed_in(Role.STORE_MANAGER, 1).post(address, form).status_code == 404
    client = signed_in(Role.MARKETER)
    assert client.post(address, form).status_code == 302
    page = client.get(address).content.decode()
    assert "加上常客" in page
    assert Segment.objects.get().version_number == 2
    client.post(reverse("segments:archive", args=[lapsed.pk]))
    assert client.get(address).status_code == 404


def _refreshed(segment: Segment, day: int, members: int, *, version: int = 1, ended: bool = True) -> None:
    SegmentRefresh.objects.create(
        segment=segment, version_number=version, facts_version=day, as_of=NOW.date() - timedelta(days=day), members=members,
        started_at=NOW, ended_at=NOW if ended else None,
    )  # fmt: skip


def test_the_trend_has_every_day_also_those_that_changed_nobody(lapsed: Segment):
    today = NOW.date()
    SegmentRefresh.objects.all().delete()
    for day, members in ((40, 90), (35, 100), (20, 130), (20, 131)):
        _refreshed(lapsed, day, members)
    _refreshed(lapsed, 10, 999, ended=False)  # cut short
    _refreshed(lapsed, 3, 140, version=2)
    found = members_by_day(lapsed, until=today, days=30)
    assert [one.day for one in found] == [today - timedelta(days=number) for number in range(29, -1, -1)]
    assert [one.members for one in found] == [100] * 9 + [131] * 17 + [140] * 4
    assert [one.version_number for one in found] == [1] * 26 + [2] * 4
    begun = members_by_day(lapsed, until=today - timedelta(days=34), days=30)
    assert [(one.day, one.members) for one in begun][:1] == [(today - timedelta(days=40), 90)]  # nothing before the first


def test_the_builder_draws_the_trend_or_says_since_when_there_are_members(lapsed: Segment):
    address = reverse("segments:segment", args=[lapsed.pk])
    page = signed_in(Role.MARKETER).get(address)
    assert page.context["trend"].chart is None
    assert "有了第二天的数据，这里画出每天的人数" in page.content.decode()
    first = SegmentRefresh.objects.get()
    _refreshed(lapsed, -2, first.members + 4, version=2)
    lapsed.refresh_id = SegmentRefresh.objects.latest("pk").pk
    lapsed.save()
    page = signed_in(Role.ANALYST).get(address)
    (series,) = page.context["trend"].chart.data["series"]
    assert series["values"][0] == first.members
    assert series["values"][-1] == first.members + 4
    assert "起为第 2 版口径" in page.content.decode()
    theirs = signed_in(Role.STORE_MANAGER, 2).get(address)
    assert (theirs.context["trend"], theirs.context["log"]) == (None, [])
    assert f"名单 {first.members + 4} 人" not in theirs.content.decode()


def test_the_builder_draws_a_history_of_many_days_with_those_between(lapsed: Segment):
    SegmentRefresh.objects.all().delete()
    ago = (28, 27, 26, 22, 21, 18, 14, 13, 7, 6, 2, 0)
    for number, days in enumerate(ago):
        _refreshed(lapsed, days, 100 + number, version=1 + number // 6)
    lapsed.refresh_id = SegmentRefresh.objects.latest("pk").pk
    lapsed.save()
    page = signed_in(Role.MARKETER).get(reverse("segments:segment", args=[lapsed.pk]))
    chart = page.context["trend"].chart
    (series,) = chart.data["series"]
    expected = [100 + max(number for number, days in enumerate(ago) if days >= day) for day in range(28, -1, -1)]
    assert series["values"][:29] == expected
    assert len(chart.rows) == len(chart.data["labels"]) == len(series["values"]) <= 30
    assert "起为第 2 版口径" in page.content.decode()


def test_the_persons_page_tells_the_segments_of_a_person(lapsed: Segment):
    page = signed_in(Role.MARKETER).get(reverse("customers:person", args=[103])).content.decode()
    assert "久未购" in page
    assert "规则第 1 版" in page
    assert "久未购" not in signed_in(Role.GUIDE, 1).get(reverse("customers:person", args=[101])).content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_marketer_builds_counts_and_saves_a_segment(browser: Browser, live_server, layout: Layout, built: Layout):
    build_world(layout, built)
    signed_in(Role.MARKETER)
    marketer = visitor(browser, live_server.url)
    marketer.log_in("marketer")
    marketer.open("/segments/new")
    page = marketer.page
    page.wait_for_selector("text=加一个条件，这里马上显示人数")
    page.click(".ht-fe-foot >> text=事件")
    page.fill(".ht-fe-own input >> nth=0", "2")
    page.fill(".ht-fe-own input >> nth=1", "60")
    page.wait_for_selector("#segment-count >> text=2")
    page.wait_for_selector(".ht-fe-row >> text=单独 2 人")
    page.click(".ht-fe-foot >> text=条件 >> nth=0")
    page.select_option(".ht-fe-field", "net")
    page.select_option(".ht-fe-op", "gte")
    page.fill(".ht-fe-value input", "5")
    page.wait_for_selector("#segment-count >> text=1")
    page.click("#segment-sample button[name=person]")
    page.wait_for_selector("#segment-why >> text=在里面")
    page.fill("input[name=name]", "常客")
    page.click("button[form=segment-form]")
    page.wait_for_selector("h1 >> text=常客")
    page.wait_for_selector(".ht-fe-row >> text=单独 2 人")
    marketer.check()
    rule = SegmentVersion.objects.get(segment__name="常客").rule
    assert rule == {"all": [BUYS_TWICE, {"field": "net", "op": "gte", "value": 500}]}


def test_the_builder_says_whom_a_send_could_reach_today_in_a_part_of_its_own(lapsed: Segment, django_assert_max_num_queries):
    client = signed_in(Role.MARKETER)
    assert reverse("segments:reach") in live(client, RULE).content.decode()
    with django_assert_max_num_queries(30):
        page = client.post(reverse("segments:reach"), {"rule": json.dumps(RULE)}).content.decode()
    assert "至少一个渠道可触达 <b>0</b> 人，共 5 人" in page
    assert "没有联系方式 5" in page
    own = signed_in(Role.STORE_MANAGER, 2).post(reverse("segments:reach"), {"segment": lapsed.pk}).content.decode()
    assert "共 2 人" in own
    nobody = signed_in(Role.REGION_MANAGER).post(reverse("segments:reach"), {"segment": lapsed.pk}).content.decode()
    assert "也就没有人可触达" in nobody
    for rule in ("no rule", '{"all": []}'):
        assert client.post(reverse("segments:reach"), {"rule": rule}).status_code == 204
    assert signed_in(Role.CASHIER).post(reverse("segments:reach"), {"segment": lapsed.pk}).status_code == 403


PHONE_OF_104 = "13800002716"


@pytest.mark.accept("S69")
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_nested_rule_is_counted_sampled_explained_saved_and_changed(
    browser: Browser, live_server, layout: Layout, built: Layout
):
    """Bought twice in 60 days or lapsed, and not above an amount: from the first condition to the second version's log."""
    build_world(layout, built)
    segment_create(viewer=MARKETER, name="久未购", rule=LAPSED, now=NOW)
    segments_refresh(now=NOW)
    SearchKey.objects.create(person_id=104, key_hash=search_hashes(PHONE_OF_104)["phone"])
    signed_in(Role.MARKETER)
    marketer = visitor(browser, live_server.url)
    marketer.log_in("marketer")
    marketer.open("/segments/new")
    page = marketer.page

    page.get_by_role("button", name="一组条件", exact=True).click()
    inner = page.locator(".ht-fe-group .ht-fe-group")
    inner.locator(".ht-fe-field").select_option("days_since_purchase")
    inner.locator(".ht-fe-op").select_option("gt")
    inner.locator(".ht-fe-value input").fill("60")
    page.wait_for_selector("#segment-count >> text=3")
    inner.get_by_role("button", name="事件", exact=True).click()
    inner.locator(".ht-fe-own input").nth(0).fill("2")
    inner.locator(".ht-fe-own input").nth(1).fill("60")
    page.wait_for_selector("#segment-count >> text=5")  # either holds
    page.get_by_role("button", name="条件", exact=True).last.click()
    amount = page.locator(".ht-fe-row").last
    amount.locator(".ht-fe-field").select_option("net")
    amount.locator(".ht-fe-op").select_option("gte")
    amount.locator(".ht-fe-value input").fill("500")
    page.wait_for_selector("#segment-count >> text=1")
    amount.locator(".ht-fe-not").click()
    page.wait_for_selector("#segment-count >> text=4")
    assert [" ".join(one.split()) for one in page.locator(".ht-fe-alone").all_inner_texts()] == [
        "单独 3 人",
        "单独 2 人",
        "单独 1 人",
    ]
    assert page.locator(".ht-fe-left").all_inner_texts() == ["加上下面这项，还有 4 人"]

    assert page.locator("#segment-sample tbody tr").count() == 4
    overlap = page.locator("#segment-live tr", has_text="久未购")
    assert overlap.locator("td").nth(1).inner_text() == "2"  # 103 and 106; 104 spent too much
    page.click("#segment-sample button[name=person] >> nth=0")
    page.wait_for_selector("#segment-why >> text=在里面")
    page.fill("#segment-term", PHONE_OF_104)
    page.click(".ht-build-why button[type=submit]")
    page.wait_for_selector("#segment-why .ht-build-verdict >> text=不在")

    page.fill("input[name=name]", "常客或久未购")
    page.click("button[form=segment-form]")
    page.wait_for_selector("h1 >> text=常客或久未购")
    segment = Segment.objects.get(name="常客或久未购")
    above = {"not": {"field": "net", "op": "gte", "value": 50_000}}
    assert SegmentVersion.objects.get(segment=segment).rule == {"all": [{"any": [LAPSED, BUYS_TWICE]}, above]}
    with alone():
        segments_refresh(now=NOW)
    page.locator(".ht-fe-row").last.locator(".ht-fe-value input").fill("8")
    page.wait_for_selector("#segment-count >> text=2")
    page.fill("input[name=change_note]", "只要花得少的")
    page.click("button[form=segment-form]")
    page.click("a[href='#versions']")
    page.wait_for_selector(".ht-row >> text=只要花得少的")
    with alone():
        segments_refresh(now=NOW + timedelta(minutes=1))
    marketer.open(f"/segments/{segment.pk}")
    page.wait_for_selector("#segment-count >> text=2")
    page.click("a[href='#versions']")
    assert [one.split()[0] for one in page.locator(".ht-rows .ht-row").all_inner_texts()] == ["v2", "v1"]
    newest, first = ([" ".join(cell.split()) for cell in row.locator("td").all_inner_texts()][1:]
                     for row in page.locator("table", has_text="离开").locator("tbody tr").all())  # fmt: skip
    assert (newest, first) == (["v2", "+0", "−2", "2"], ["v1", "+4", "−0", "4"])
    marketer.check()

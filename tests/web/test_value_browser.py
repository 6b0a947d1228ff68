"""The tier designer and the backtest in a real browser: a draft up to its request, the backtest on both screens."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from tests.apps.builds.conftest import NOW as TILLS_NOW
from tests.apps.builds.conftest import tills
from tests.turns import alone
from tests.web.browser import DESK, PASSWORD, PHONE, Visitor, visitor
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import user_save
from huitou.apps.attributes.services import event_type_save
from huitou.apps.attributes.services.define import Told
from huitou.apps.base.models import Job
from huitou.apps.builds.services import cycle_run
from huitou.apps.value.models import ForecastRun, PersonValue, SchemeVersion
from huitou.apps.value.services import draft_try, template_take, value_run
from huitou.apps.value.services.what_if import TRY_JOB

__all__ = ["tills"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.long(50)]


def entered(browser: Browser, root: str, chain: Chain, client, role: str, **how) -> Visitor:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, root, **how)
    guest.enter(client.cookies["sessionid"].value)
    return guest


def test_a_draft_is_mended_tried_and_asked_for(browser: Browser, live_server, valued: Chain, client):
    marketer = entered(browser, live_server.url, valued, client, "marketer")
    page = marketer.page
    marketer.open(reverse("tiers:scheme", args=["pyramid"]))
    page.fill("[name=share_0]", "3")
    page.fill("[name=share_3]", "49")
    page.click("summary >> text=编辑权益与成本上限")
    page.fill("[name=cost_0]", "80")
    page.click("text=保存草稿")
    page.wait_for_selector("h1 >> text=草稿 v2")
    assert page.input_value("[name=share_0]") == "3"
    draft = SchemeVersion.objects.get(state="draft")
    assert draft.number == 2
    codes, nobody = ["DIAMOND", "CORE", "POTENTIAL", "BASIC"], [[0] * 5 for _ in range(5)]
    SchemeVersion.objects.filter(pk=draft.pk).update(
        what_if={
            "before": codes, "after": codes, "before_number": 1, "persons": nobody, "revenue_fen": nobody, "cost_fen": [0, 80],
            "at_stake_fen": 1, "thresholds": [None] * 4, "movers": [], "as_of": "2026-11-21",
            "at": NOW.isoformat(), "seconds": 0.1,
        }
    )  # fmt: skip
    marketer.open(reverse("tiers:scheme", args=["pyramid"]))
    page.click("button[data-open-dialog=ask]")
    page.fill("dialog[open] [name=note]", "双十一前")
    page.click("dialog[open] button[type=submit]")
    page.wait_for_selector(".ht-notice-list >> text=双十一前")
    page.click("text=版本记录 >> nth=0")
    page.wait_for_selector("td >> text=v2")
    marketer.check()


@pytest.mark.accept("S16")
@pytest.mark.parametrize(
    ("screen", "language", "title"), [(DESK, "zh-hans", "试衣（近 12 月次数）"), (PHONE, "en", "Fitting (times in 12 months)")]
)
def test_an_input_of_the_chains_own_is_added_to_a_scheme(
    browser: Browser, live_server, valued: Chain, client, screen, language, title
):
    valued.users["marketer"].language = language
    valued.users["marketer"].save()
    event_type_save(told=Told("fitting", "试衣", "Fitting"), by=1, now=NOW)
    template_take(code="hotel", author_id=1, now=NOW)
    marketer = entered(browser, live_server.url, valued, client, "marketer", size=screen, language=language)
    page = marketer.page
    marketer.open(reverse("tiers:scheme", args=["hotel"]))
    page.select_option("#new_input", label=title)
    page.click(".ht-unit:has(#new_input) button")
    page.fill("#least_event_fitting_0", "3")
    marketer.check()
    page.press("#least_event_fitting_0", "Enter")
    page.wait_for_selector("h1 >> text=v2")
    assert page.input_value("#least_event_fitting_0") == "3"
    assert SchemeVersion.objects.get(state="draft").table["tiers"][0]["at_least"]["event_fitting"] == 3


def user(client, role: Role, *, language: str = "zh-hans") -> User:
    """Make a user of a role who sees the whole chain, signed in with the client."""
    made = user_save(username=role.value, password=PASSWORD, role_code=role, display_name=role.label, now=NOW, store_ids=())
    made.language = language
    made.save()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return made


@pytest.mark.accept("S66")
def test_a_draft_is_tried_on_everybody_asked_for_and_published_by_somebody_else(browser: Browser, live_server, tills, client):
    """The real what-if over a small chain: who it says moves is who has moved after the publication."""
    tills.bring(0, 1, 2)
    cycle_run(now=TILLS_NOW)
    before = dict(PersonValue.objects.values_list("pk", "tier_1"))
    address = reverse("tiers:scheme", args=["pyramid"])
    marketer_user = user(client, Role.MARKETER)
    marketer = visitor(browser, live_server.url)
    marketer.enter(client.cookies["sessionid"].value)
    page = marketer.page
    marketer.open(address)
    for place, share in enumerate(("50", "20", "20", "20")):
        page.fill(f"[name=share_{place}]", share)
    page.click("text=保存草稿")
    page.wait_for_selector("text=占比合计 110 %")
    assert ["422" in one for one in marketer.errors] == [True]  # the refusal alone
    marketer.errors.clear()
    page.fill("[name=share_3]", "10")
    page.click("text=保存草稿")
    page.wait_for_selector("h1 >> text=草稿 v2")
    assert Job.objects.filter(name=TRY_JOB).count() == 1  # the page asks again while the job is at work
    with alone():
        draft_try(code="pyramid", now=TILLS_NOW)
    page.wait_for_selector("text=若今天发布")
    assert dict(PersonValue.objects.values_list("pk", "tier_1")) == before  # a trial changes nobody
    move = page.locator(".ht-moves td[data-way=up] > a").first
    count = int(move.locator("b").inner_text())
    move.click()
    page.wait_for_selector(f"#movers >> text={count} 人，按近 12 月净消费排序")
    page.wait_for_url("**from=*")
    assert page.locator("#movers tbody tr").count() == min(count, 20)
    assert page.locator(".ht-moves a[aria-current=true]").count() == 1
    page.click("#movers >> text=影响最大的客户")
    page.wait_for_selector("#movers h2 >> text=影响最大的客户")
    page.click("button[data-open-dialog=ask]")
    page.fill("dialog[open] [name=note]", "双十一前")
    page.click("dialog[open] button[type=submit]")
    page.wait_for_selector(".ht-notice-list >> text=双十一前")
    assert page.locator("button[data-open-dialog=publish]").count() == 0
    marketer.check()

    manager_user = user(client, Role.MANAGER)
    manager = visitor(browser, live_server.url)
    manager.enter(client.cookies["sessionid"].value)
    manager.open(address)
    manager.page.wait_for_selector("text=若今天发布")
    manager.page.click("button[data-open-dialog=publish]")
    manager.page.click("dialog[open] button[type=submit]")
    manager.page.wait_for_selector("text=第 2 版已发布")
    manager.check()
    version = SchemeVersion.objects.get(scheme__code="pyramid", number=2)
    assert (version.state, version.author_id, version.decided_by) == ("published", marketer_user.pk, manager_user.pk)
    value_run(now=TILLS_NOW + timedelta(hours=1))
    after = dict(PersonValue.objects.values_list("pk", "tier_1"))
    codes, moved = [*version.what_if["after"], None], version.what_if["persons"]
    assert sum(map(sum, moved)) == len(after)
    assert [sum(row[place] for row in moved) for place in range(4)] == [list(after.values()).count(code) for code in codes[:4]]
    assert after != before
    manager.open(address)
    manager.page.wait_for_selector("text=生效中 v2")


@pytest.mark.parametrize(("screen", "language"), [(DESK, "zh-hans"), (PHONE, "en")])
def test_the_backtest_draws_its_groups(browser: Browser, live_server, chain: Chain, forecast_run, client, screen, language):
    chain.users["manager"].language = language
    chain.users["manager"].save()
    manager = entered(browser, live_server.url, chain, client, "manager", size=screen, language=language)
    manager.open(reverse("forecast:backtest"))
    manager.page.wait_for_selector("[data-chart] canvas >> nth=0")
    assert manager.page.locator("table tbody tr").count() >= 4
    manager.check()


@pytest.mark.accept("S73")
@pytest.mark.parametrize(
    ("screen", "language", "words"),
    [
        (DESK, "zh-hans", "基线|没有答案|30 天|只作回测|没有发布|简单的办法误差更小"),
        (PHONE, "en", "Baseline|No answer|30 days|Backtest only|not published|simpler way"),
    ],
)
def test_the_backtest_shows_every_model_beside_the_naive_rows_other_horizons_and_a_refusal(
    browser: Browser, live_server, chain: Chain, forecast_run, client, screen, language, words
):
    naive, none, month_of, only, refused, why = words.split("|")
    chain.users["manager"].language = language
    chain.users["manager"].save()
    month = {**forecast_run.backtest, "tested_days": 30, "cutoff": "2026-10-01", "customers": 15_004}
    run = {"base_number": 1, "version": 1, "as_of": NOW.date(), "started_at": NOW, "ended_at": NOW}
    ForecastRun.objects.create(
        **run, horizon_days=30, blend=["recent"], backtest=month, persons=17_000, purchases=1, value_fen=100
    )
    manager = entered(browser, live_server.url, chain, client, "manager", size=screen, language=language)
    page = manager.page
    manager.open(reverse("forecast:backtest"))
    page.wait_for_selector("[data-chart] canvas >> nth=1")
    models = page.locator("table", has_text=naive)
    assert models.locator("tbody tr").count() == len(forecast_run.backtest["rows"])
    assert models.locator("tr", has_text=naive).count() == 1
    assert models.locator("tr", has_text=none).count() == 1
    page.click(f"a >> text={month_of}")
    page.wait_for_selector("text=15,004")
    assert page.locator(f"text={only}").count() == 2  # above the figures, and as the remark of the model
    manager.check()
    ForecastRun.objects.create(**run, horizon_days=365, refusal="naive", backtest=forecast_run.backtest)
    manager.open(reverse("forecast:backtest"))
    notice = page.locator(".ht-notice-list").inner_text()
    assert refused in notice
    assert why in notice
    manager.check()

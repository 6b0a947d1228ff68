"""The tier designer and the backtest in a real browser: a draft up to its request, the backtest on both screens."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from tests.web.browser import DESK, PHONE, Visitor, visitor
from tests.web.conftest import NOW, Chain

from huitou.apps.attributes.services import event_type_save
from huitou.apps.attributes.services.define import Told
from huitou.apps.value.models import SchemeVersion
from huitou.apps.value.services import template_take

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    page.click("text=钻石 >> nth=0")  # opens the tier's own fields
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


@pytest.mark.parametrize(("screen", "language"), [(DESK, "zh-hans"), (PHONE, "en")])
def test_the_backtest_draws_its_groups(browser: Browser, live_server, chain: Chain, forecast_run, client, screen, language):
    chain.users["manager"].language = language
    chain.users["manager"].save()
    manager = entered(browser, live_server.url, chain, client, "manager", size=screen, language=language)
    manager.open(reverse("forecast:backtest"))
    manager.page.wait_for_selector("[data-chart] canvas >> nth=0")
    assert manager.page.locator("table tbody tr").count() >= 4
    manager.check()

"""The cockpit in a real browser: the heat per customer and in all, a month and its neighbours, on a desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from tests.warehouse.chain import Chain as Store
from tests.warehouse.chain import Document, Line, days_before
from tests.web.browser import DESK, PHONE, visitor
from tests.web.conftest import Chain

from huitou.warehouse.layout import Layout

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sold(layout: Layout, chain: Chain) -> Chain:
    """Each store has one customer, who bought this month and the last; the first store a third receipt of nobody known."""
    store = Store(layout)
    told = [(2, 101, chain.store_id, 70_000), (40, 101, chain.store_id, 20_000), (60, None, chain.store_id, 500)]
    told += [(3, 102, chain.other_store_id, 30_000), (41, 102, chain.other_store_id, 10_000)]
    store.land(
        [
            Document(number, days_before(ago), (Line(1, fen),), record_id=record, store_id=at)
            for number, (ago, record, at, fen) in enumerate(told, start=1)
        ]
    )
    store.publish(1, {101: chain.person_id, 102: chain.outsider_id})
    return chain


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_month_is_chosen_walked_and_left_again(browser: Browser, live_server, sold: Chain, client, size):
    client.force_login(sold.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url, size=size)
    guest.enter(client.cookies["sessionid"].value)
    page = guest.page
    guest.open(reverse("cockpit:cockpit"))
    page.click(".ht-month-choice summary")
    page.click(".ht-month-choice .ht-menu-link >> text=2026-06")
    page.wait_for_url("**month=2026-06*")
    page.wait_for_selector("text=销售的数字是 2026-06 整月的")
    assert page.locator(".ht-month-choice [aria-label=晚一个月]").count() == 0
    page.click(".ht-month-choice [aria-label=早一个月]")
    page.wait_for_url("**month=2026-05*")
    page.wait_for_selector("text=2026-05-01 至 2026-05-31")
    guest.check()
    page.click("text=近 4 周")
    page.wait_for_url("**days=28*")
    assert page.locator("text=整月的").count() == 0
    guest.check()


def test_the_heat_is_per_customer_or_in_all_of_the_month_shown(browser: Browser, live_server, sold: Chain, client):
    client.force_login(sold.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url)
    guest.enter(client.cookies["sessionid"].value)
    page = guest.page
    guest.open(reverse("cockpit:cockpit") + "?month=2026-06")
    page.wait_for_selector("#chart-heat >> text=每位客户净消费，元，2026-06-01 至 2026-06-30")
    page.click("#chart-heat >> text=总额")
    page.wait_for_url("**month=2026-06*spend=total*")
    page.wait_for_selector("#chart-heat >> text=客户净消费总额，2026-06-01 至 2026-06-30")
    page.click("#chart-heat [data-chart-table]")
    rows = page.locator("#chart-heat .ht-chart-table tbody tr").all_inner_texts()
    assert sorted(row.split("\t")[-1].strip() for row in rows) == ["¥300.00", "¥700.00"]
    guest.check()


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_slider_shows_the_heat_of_a_month_and_leaves_the_page_at_its_window(
    browser: Browser, live_server, sold: Chain, client, size
):
    client.force_login(sold.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url, size=size)
    guest.enter(client.cookies["sessionid"].value)
    page = guest.page
    guest.open(reverse("cockpit:cockpit"))
    facts = page.locator(".ht-figures").inner_text()
    page.wait_for_selector("#chart-heat output >> text=近 4 周")
    page.locator("#heat-month").focus()
    page.keyboard.press("Home")  # the first month
    page.wait_for_selector("#chart-heat >> text=元，2026-05-01 至 2026-05-31")
    page.wait_for_url("**heat=2026-05")
    assert page.locator(".ht-figures").inner_text() == facts
    assert page.evaluate("document.activeElement.id") == "heat-month"
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#chart-heat >> text=元，2026-06-01 至 2026-06-30")
    page.click("#chart-heat [data-play]")
    page.wait_for_selector("#chart-heat [data-play][aria-pressed=true]")
    page.wait_for_selector("#chart-heat output >> text=近 4 周")
    page.wait_for_selector("#chart-heat [data-play][aria-pressed=false]")
    assert page.locator(".ht-heat-ranks li").first.is_visible() == (size is PHONE)
    guest.check()

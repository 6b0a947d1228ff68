"""Walks in a real browser, on a desk and on a phone, light and dark, in both languages."""

import pytest
from playwright.sync_api import Browser
from tests.web.browser import visitor
from tests.web.conftest import PHONE as PHONE_NUMBER
from tests.web.conftest import Chain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.db_both
def test_a_walk_from_the_log_in_to_a_revealed_phone(browser: Browser, live_server, chain: Chain):
    agent = visitor(browser, live_server.url)
    agent.log_in("agent")
    agent.page.keyboard.press("Control+k")
    agent.page.wait_for_selector("#palette[open]")
    agent.page.keyboard.type(PHONE_NUMBER)
    agent.page.wait_for_selector(f"#palette [role=option][aria-selected=true][href*='/customers/{chain.person_id}']")
    agent.page.keyboard.press("Enter")
    agent.page.wait_for_url(f"**/customers/{chain.person_id}")
    assert PHONE_NUMBER not in agent.page.url
    assert PHONE_NUMBER not in agent.page.content()
    agent.page.click("#field-phone summary")
    agent.page.click("#field-phone button[value=contact]")
    agent.page.wait_for_selector(f"text={PHONE_NUMBER}")
    agent.check()
    agent.page.click("a[href^='?kind=ticket']")
    agent.page.wait_for_url("**kind=ticket*")
    agent.page.click("a[href='#why-same-person']")
    agent.page.wait_for_selector("[role=dialog] >> text=为什么是同一个人")
    agent.page.keyboard.press("Escape")
    agent.page.wait_for_selector("[role=dialog]", state="hidden")
    agent.check()


def test_theme_and_language_are_chosen_in_the_menu_and_stay(browser: Browser, live_server, chain: Chain):
    marketer = visitor(browser, live_server.url)
    marketer.log_in("marketer")
    marketer.page.click(".ht-top > .ht-person-menu > summary")
    marketer.page.click(".ht-top button[value=dark]")
    marketer.page.wait_for_selector("html[data-bs-theme=dark]")
    marketer.page.click(".ht-top > .ht-person-menu > summary")
    marketer.page.click(".ht-top button[value=en]")
    marketer.page.wait_for_selector("html[lang=en]")
    marketer.open(f"/customers/{chain.person_id}")
    marketer.page.wait_for_selector("html[lang=en][data-bs-theme=dark]")
    assert "Source records" in marketer.page.content()
    marketer.check()

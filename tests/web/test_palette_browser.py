"""The palette by keyboard: it opens anywhere, finds people, pages and commands, and the last question wins."""

import pytest
from playwright.sync_api import Browser, Page, Route
from tests.web.browser import PHONE, Visitor, visitor
from tests.web.conftest import PHONE as PHONE_NUMBER
from tests.web.conftest import Chain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHOSEN = "#palette [role=option][aria-selected=true]"


@pytest.fixture
def enter(browser: Browser, live_server, chain: Chain, client):
    def _enter(role: str) -> Visitor:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        guest = visitor(browser, live_server.url)
        guest.enter(client.cookies["sessionid"].value)
        guest.open("/account/me")
        return guest

    return _enter


def typed(page: Page, text: str) -> None:
    page.fill("#palette input[name=term]", "")
    page.keyboard.type(text)


def test_a_person_a_page_and_a_command_are_reached_without_a_mouse(enter, chain: Chain):
    guest = enter("marketer")
    page, keys = guest.page, guest.page.keyboard
    keys.press("/")
    page.wait_for_selector("#palette[open]")
    typed(page, "wxf")
    page.wait_for_selector(f"{CHOSEN} >> text=王*芳")
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    keys.press("Enter")
    page.wait_for_url(f"**/customers/{chain.person_id}")
    keys.press("Control+k")
    typed(page, "fencengfangan")
    keys.press("Enter")
    page.wait_for_url("**/value/schemes")
    keys.press("Control+k")
    typed(page, "ws-shen")  # nothing is called so
    page.wait_for_selector("#palette >> text=没有找到「ws-shen」")
    typed(page, "外观：深")
    page.wait_for_selector(f"{CHOSEN} >> text=外观：深")
    keys.press("Enter")
    page.wait_for_selector("html[data-bs-theme=dark]")
    keys.press("Control+k")
    page.wait_for_selector("#palette[open]")
    keys.press("Escape")
    page.wait_for_selector("#palette", state="hidden")
    guest.check()


def test_an_answer_that_comes_late_does_not_replace_that_of_the_last_question(enter, chain: Chain):
    guest = enter("marketer")
    page = guest.page
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) > 1:
            route.continue_()  # the first is never answered: its question was given up

    page.route("**/find", answer)
    page.keyboard.press("Control+k")
    with page.expect_request("**/find"):
        typed(page, "ou")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/find")):
        typed(page, "2716")
    page.wait_for_selector(f"{CHOSEN} >> text=王*芳")
    assert "2716" in asked[-1]
    assert "没有找到" not in page.inner_text("#palette")
    guest.check()


def test_who_may_not_look_people_up_finds_pages_alone_and_the_phone_holds_it(enter, chain: Chain):
    guest = enter("analyst")
    page = guest.page
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.keyboard.press("Control+k")
    typed(page, PHONE_NUMBER)
    page.wait_for_selector("#palette >> text=没有找到")
    assert page.locator("#palette a[href*='/customers/']:visible").count() == 0
    guest.check()

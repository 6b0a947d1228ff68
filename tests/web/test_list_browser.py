"""The list by keyboard alone, and addresses and views that ask for what is gone, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page
from tests.web.browser import PHONE, Visitor, visitor
from tests.web.conftest import Chain

from huitou.apps.accounts.models import User
from huitou.apps.lists.models import SavedView

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.long(30)]


def tab_to(page: Page, selector: str) -> None:
    """Walk there with the tab key, as somebody without a mouse does."""
    for _ in range(120):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the tab key never comes to {selector}")


def entered(browser: Browser, root: str, chain: Chain, client, role: str, language: str) -> Visitor:
    User.objects.update(language=language)
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, root, language=language)
    guest.enter(client.cookies["sessionid"].value)
    return guest


def test_a_nested_filter_is_built_kept_pinned_and_walked_by_keyboard(browser: Browser, live_server, chain: Chain, client):
    guest = entered(browser, live_server.url, chain, client, "marketer", "en")
    page, keys = guest.page, guest.page.keyboard
    guest.open("/customers")
    tab_to(page, "a.ht-add[href='#filter']")
    keys.press("Enter")
    page.wait_for_selector("#filter .ht-fe-field:focus")
    keys.type("Member")  # letters find the field, the first of them others on the way
    keys.press("Tab")
    tab_to(page, "#filter .ht-fe-value select")
    keys.type("yes")
    tab_to(page, "#filter [data-fe-root] > .ht-fe-group > .ht-fe-foot button:last-child")
    keys.press("Enter")
    page.wait_for_selector("#filter .ht-fe-group .ht-fe-group .ht-fe-field:focus")
    keys.type("Sources")
    tab_to(page, "#filter .ht-fe-group .ht-fe-group .ht-fe-op")
    keys.type("is at least")
    tab_to(page, "#filter .ht-fe-group .ht-fe-group .ht-fe-value input")
    keys.type("4")
    tab_to(page, "#filter .ht-fe-group .ht-fe-group .ht-fe-foot button:first-child")
    keys.press("Enter")
    page.wait_for_selector("#filter [data-path='1.1'] .ht-fe-field:focus")
    keys.type("Orders in 90")
    tab_to(page, "#filter [data-path='1.1'] .ht-fe-value input")
    keys.type("7")
    said = page.inner_text("[data-fe-sentence]")
    assert said == "Member is Yes and (Sources is at least 4 sources or Orders in 90 days is 7 orders)"
    keys.press("Enter")
    page.wait_for_url("**/customers?f=is_member.eq.1%2Cany*")
    assert page.locator("tbody tr").count() == 1
    guest.check()

    tab_to(page, "summary:has(+ .ht-view-new)")
    keys.press("Enter")
    tab_to(page, "#view-title")
    keys.type("Regulars")
    keys.press("Enter")
    page.wait_for_selector("text=The view is saved")
    view = SavedView.objects.get()
    tab_to(page, "summary:has(+ .ht-views)")
    keys.press("Enter")
    tab_to(page, ".ht-view button[value=pin]")
    with page.expect_navigation():
        keys.press("Enter")
    guest.open("/customers")
    tab_to(page, f".ht-view-tabs a[href$='/views/{view.pk}']")
    keys.press("Enter")
    page.wait_for_url(f"**/customers?f=is_member.eq.1%2Cany*view={view.pk}")
    assert page.inner_text(".ht-view-tabs [aria-current]") == "Regulars"
    page.click(".ht-filters .ht-chip-remove >> nth=0")
    page.wait_for_selector("text=This view has changed")
    guest.check()
    page.click("text=Put it back")
    page.wait_for_url(f"**/customers?f=is_member.eq.1%2Cany*view={view.pk}")
    assert page.locator("text=This view has changed").count() == 0

    guest.open("/customers?f=is_member.eq.1&sort=id")
    keys.press("?")
    page.wait_for_selector("#keys-help >> text=Up and down in a list, Enter opens, Space ticks")
    keys.press("ArrowDown")  # nothing moves behind the help
    keys.press("Escape")
    page.wait_for_selector("#keys-help", state="hidden")  # the browser closes it in its own time, and takes the focus out later
    page.wait_for_function("document.activeElement === document.body")
    assert page.locator("tr[data-active]").count() == 0
    keys.press("ArrowDown")
    keys.press("j")
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    keys.press("Space")
    page.wait_for_selector(".ht-bulk:not([hidden]) >> text=Selected 1 customer")
    keys.press("x")
    keys.press("x")
    assert page.locator("tr[data-active] input:checked").count() == 1
    keys.press("Enter")
    page.wait_for_selector(".ht-walk-bar >> text=2 of 3 customers")
    keys.press("j")
    page.wait_for_selector(".ht-walk-bar >> text=3 of 3 customers")
    keys.press("k")
    page.wait_for_selector(".ht-walk-bar >> text=2 of 3 customers")
    page.click("a[href^='?kind=order']")
    page.wait_for_url("**kind=order*")
    page.reload()
    page.wait_for_selector(".ht-walk-bar >> text=2 of 3 customers")
    guest.check()

    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    guest.open("/customers?f=is_member.eq.1&sort=id")
    tick = page.locator("td.ht-pick label").nth(1)
    tick.click()
    page.wait_for_selector(".ht-bulk:not([hidden]) >> text=Selected 1")
    assert min(tick.bounding_box()[side] for side in ("width", "height")) >= 44
    page.click(".ht-pick-page")
    page.wait_for_selector(".ht-bulk:not([hidden]) >> text=Selected 3 customers")
    guest.check()


def test_what_a_view_or_an_address_asks_of_a_gone_field_is_said_and_the_rest_is_one_click_away(
    browser: Browser, live_server, chain: Chain, client
):
    user_id = chain.users["marketer"].pk
    gone = {"all": [{"field": "mood_ring", "op": "eq", "value": 1}, {"field": "sources", "op": "gte", "value": 4}]}
    view = SavedView.objects.create(
        noun="customer", title="旧", owner_id=user_id, filters=gone, created_at=chain.users["marketer"].date_joined,
        updated_at=chain.users["marketer"].date_joined,
    )  # fmt: skip
    guest = entered(browser, live_server.url, chain, client, "marketer", "zh-hans")
    for address in (f"/lists/customer/views/{view.pk}", "/customers?f=mood_ring.eq.1,sources.gte.4"):
        guest.open(address)
        guest.page.wait_for_selector("text=没有字段「mood_ring」")
        guest.page.click("text=去掉它，看其余")
        guest.page.wait_for_url("**/customers?f=sources.gte.4*")
        assert guest.page.locator("tbody tr").count() == 1


def test_the_link_of_a_view_is_copied_and_without_permission_its_field_opens_selected(
    browser: Browser, live_server, chain: Chain, client
):
    guest = entered(browser, live_server.url, chain, client, "marketer", "en")
    page, keys = guest.page, guest.page.keyboard
    address = "/customers?f=sources.gte.4&sort=-orders"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    guest.open(address)
    tab_to(page, "[data-copy] > summary")
    keys.press("Enter")
    page.wait_for_selector(".ht-toast >> text=Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{live_server.url}{address}"
    assert page.locator("[data-copy][open]").count() == 0
    guest.check()

    # plain http in a strict browser
    page.add_init_script("delete Navigator.prototype.clipboard; document.execCommand = () => false")
    guest.open(address)
    page.click("[data-copy] > summary")
    page.wait_for_selector("[data-copy][open] input:focus")
    assert page.evaluate("window.getSelection().toString()") == f"{live_server.url}{address}"
    keys.press("Escape")
    assert page.locator("[data-copy][open]").count() == 0
    guest.check()

"""The editor of a list's filter, which comes when it is opened."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from tests.web.browser import visitor
from tests.web.conftest import Chain

LIST, EDITOR = reverse("customers:list"), reverse("lists:editor", args=["customer"])


def offered(client: Client, query: str = "") -> set[str]:
    """The names of the fields that the editor of a list offers."""
    return {field["name"] for field in client.get(f"{EDITOR}{query}").context["editor"]["fields"]}


def test_a_list_names_its_editor_and_does_not_carry_it(enter):
    page = enter("marketer").get(LIST, {"f": "sources.gte.1", "sort": "-orders"}).content.decode()
    assert f'data-src="{EDITOR}?f=sources.gte.1&amp;sort=-orders"' in page
    assert "data-filter-editor" not in page


def test_the_editor_holds_the_filter_and_keeps_order_view_and_form(enter):
    answer = enter("marketer").get(EDITOR, {"f": "sources.gte.1", "sort": "-orders", "view": "7", "as": "groups", "by": "stage"})
    assert json.loads(answer.context["tree"]) == {"field": "sources", "op": "gte", "value": 1}
    kept = dict(re.findall(r'<input type="hidden" name="(sort|view|as|by)" value="([^"]*)">', answer.content.decode()))
    assert kept == {"sort": "-orders", "view": "7", "as": "groups", "by": "stage"}


def test_it_offers_what_the_viewer_may_ask(enter, valued: Chain):
    everywhere, in_store = offered(enter("marketer")), offered(enter("guide"))
    assert {"orders", "tier_pyramid", "household_tier_pyramid"} <= everywhere
    assert "orders" in in_store
    assert "household_tier_pyramid" not in in_store  # it would tell of persons out of reach


@pytest.mark.parametrize("asked", ["mood_ring.eq.1", "all("])
def test_a_filter_that_cannot_be_asked_has_no_editor(enter, asked: str):
    assert enter("marketer").get(EDITOR, {"f": asked}).status_code == 204


def test_no_list_a_role_without_the_list_and_a_stranger_get_none(enter, client: Client):
    assert enter("engineer").get(EDITOR).status_code == 403
    assert enter("marketer").get(reverse("lists:editor", args=["nothing"])).status_code == 404
    client.logout()
    assert client.get(EDITOR).status_code == 302


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_editor_that_did_not_come_is_asked_again_and_opens_at_its_chip(browser: Browser, live_server, chain: Chain, client):
    client.force_login(chain.users["marketer"], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url, language="en")
    guest.enter(client.cookies["sessionid"].value)
    guest.open("/customers?f=sources.gte.1")
    page = guest.page
    page.route("**/lists/customer/editor*", lambda route: route.abort())
    page.click(".ht-chip-edit")
    page.wait_for_selector("#request-failed:not([hidden])")
    page.click("#filter [data-close-drawer]")
    page.unroute("**/lists/customer/editor*")
    page.click(".ht-chip-edit")
    page.wait_for_selector("#filter [data-path='0'] :focus")
    assert page.input_value("#filter .ht-fe-value input") == "1"

"""What pictures wait for: parts on their way, and a sentence about one that never comes."""

import pytest
from playwright.sync_api import Browser
from tools.look import parts_awaited

pytestmark = pytest.mark.browser
PAGE = """
<meta http-equiv="Content-Security-Policy" content="script-src 'self'">
<div id="count" aria-busy="true"></div><div id="reach" class="htmx-request part"></div>
<div id="poll" hx-get="/jobs" hx-trigger="load delay:2s"></div><div id="clock" hx-get="/jobs" hx-trigger="every 5s"></div>
<div id="attributes" hx-get="/attributes" hx-trigger="load"></div><div data-chart></div>
"""


def test_parts_on_their_way_are_waited_for_and_one_that_never_comes_is_named(browser: Browser):
    page = browser.new_page()
    page.set_content(PAGE)
    page.evaluate("""() => setTimeout(() => {
      document.getElementById("reach").classList.remove("htmx-request");
      document.querySelector("[data-chart]").dataset.drawn = "";
      document.getElementById("attributes")["htmx-internal-data"] = { loaded: true };
    }, 100)""")
    assert parts_awaited(page, seconds=1) == ["never came, waited 1 s: busy part div#count"]
    page.evaluate('() => document.getElementById("count").removeAttribute("aria-busy")')
    assert parts_awaited(page, seconds=1) == []  # what asks again by itself goes on for ever
    page.close()

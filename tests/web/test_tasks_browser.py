"""From the list to verify to a guide's thumb: a manager ticks a customer, the guide verifies on a phone, the task is done."""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser
from tests.apps.identity_chain import Chain as People
from tests.web.browser import PHONE, SMALL_PHONE, Visitor, visitor
from tests.web.conftest import Chain

from huitou.apps.accounts.models import User
from huitou.apps.base.clock import utc_now
from huitou.apps.tasks.models import Task
from huitou.warehouse.layout import Layout

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.accept("S15")]
LEAST_TARGET = 44  # px, for a thumb


def entered(browser: Browser, root: str, chain: Chain, role: str, **screen) -> Visitor:
    client = Client()
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, root, **screen)
    guest.enter(client.cookies["sessionid"].value)
    return guest


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), (SMALL_PHONE, "en")])
def test_a_ticked_customer_becomes_a_task_that_a_guide_ends_by_verifying(
    browser: Browser, live_server, chain: Chain, layout: Layout, size, language
):
    User.objects.update(language=language)
    people, long_ago = People(layout), (utc_now() - timedelta(days=300)).replace(tzinfo=None)
    told = {"name": "王小芳", "phone": "13800002716", "version_at": long_ago}
    people.apply("mall", [{"record_id": 931, "store_id": chain.store_id, **told}])
    person_id = people.persons()[931]
    manager = entered(browser, live_server.url, chain, "store_manager", language=language)
    manager.open("/customers/stale")
    manager.page.check(f"input[data-bulk-row][value='{person_id}']")
    manager.page.click("[data-bulk-bar] button[type=submit]")
    manager.page.wait_for_url("**/customers/stale?days=180")
    manager.check()
    task = Task.objects.get()
    assert (task.person_id, task.state_code) == (person_id, "open")

    guide = entered(browser, live_server.url, chain, "guide", size=size, language=language)
    guide.open("/")
    guide.page.wait_for_url("**/tasks/today")
    guide.check()
    heights = guide.page.eval_on_selector_all(
        ".ht-task-actions .ht-button, .ht-task-chips a", "found => found.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) == 5
    assert min(heights) >= LEAST_TARGET
    guide.page.click(".ht-task-actions summary")
    assert guide.page.is_visible("button[name=outcome][value=unreachable]")
    guide.check()
    guide.page.click(".ht-task-actions a.ht-button")
    guide.page.wait_for_url(f"**/customers/{person_id}#tasks")
    guide.check()
    for _ in range(4):
        buttons = guide.page.locator("#tasks .ht-task-values button")
        if buttons.count() == 0:
            break
        buttons.first.click()
        guide.page.wait_for_load_state()
    task.refresh_from_db()
    assert (task.state_code, task.outcome_code, task.closed_by) == ("done", "verified", chain.users["guide"].pk)
    guide.open("/tasks/today")
    assert guide.page.locator(".ht-task").count() == 0
    assert "1" in guide.page.inner_text(".ht-head p")

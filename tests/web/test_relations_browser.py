"""Relations in a real browser: the card leads to the others, and a marketer builds a segment of the referred."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from tests.apps.segments.world import build_store, build_world
from tests.web.browser import DESK, PASSWORD, PHONE, visitor
from tests.web.conftest import NOW, Chain
from tests.web.test_relations import related  # noqa: F401 - a fixture

from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import user_save
from huitou.apps.relations.models import Referral
from huitou.apps.segments.models import SegmentVersion
from huitou.apps.value.models import PersonValue
from huitou.apps.value.schemes import in_force, shipped_ensure
from huitou.core.value.templates import ACTIVE_FROM_START
from huitou.warehouse.layout import Layout

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.accept("S38")]


@pytest.mark.parametrize(("screen", "language", "title"), [(DESK, "zh-hans", "关系"), (PHONE, "en", "Relations")])
def test_the_card_leads_to_whom_the_person_is_related(
    browser: Browser, live_server, client: Client, related: tuple[Chain, int], screen, language, title  # noqa: F811
):  # fmt: skip
    chain, neighbour = related
    manager = chain.users["store_manager"]
    manager.language = language
    manager.save()
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url, size=screen, language=language)
    guest.enter(client.cookies["sessionid"].value)
    guest.open(reverse("customers:person", args=[chain.person_id]))
    card = guest.page.locator(".ht-card", has=guest.page.locator(".ht-relation-title")).last
    assert title in card.inner_text()
    if screen == PHONE:
        guest.page.click("[data-show-pane=who]")
    guest.check()
    card.locator(".ht-name").first.click()
    guest.page.wait_for_url(f"**{reverse('customers:person', args=[neighbour])}")
    assert title in guest.page.content()


def test_a_marketer_builds_a_segment_of_those_referred_by_a_diamond(browser: Browser, live_server, layout: Layout, tmp_path):
    built = Layout(tmp_path / "built")
    build_store(built)
    build_world(layout, built)
    shipped_ensure(now=NOW)
    scheme = in_force(ACTIVE_FROM_START[0].code)
    assert scheme is not None
    best = scheme.scheme.tiers[0]
    PersonValue.objects.create(person_id=101, run_id=1, **{scheme.column: best.code})
    for person in (102, 103):
        Referral.objects.create(source_code="files", pair_no=person, person_id=person, referrer_id=101, is_current=True)
    user_save(
        username="marketer", password=PASSWORD, role_code=Role.MARKETER, display_name="测试", now=NOW, store_ids=[],
    )  # fmt: skip
    marketer = visitor(browser, live_server.url)
    marketer.log_in("marketer")
    marketer.open("/segments/new")
    page = marketer.page
    page.click(".ht-fe-foot >> text=条件 >> nth=0")
    page.select_option(".ht-fe-field", f"referrer_tier_{scheme.code}")
    page.select_option(".ht-fe-value select", best.code)
    page.wait_for_selector("#segment-count >> text=2")
    page.click("#segment-sample button[name=person]")
    page.wait_for_selector(f"#segment-why >> text={best.label.zh}")
    page.fill("input[name=name]", "钻石带来的")
    page.click("button[form=segment-form]")
    page.wait_for_selector("h1 >> text=钻石带来的")
    marketer.check()
    asked = {"field": f"referrer_tier_{scheme.code}", "op": "eq", "value": best.code}
    assert SegmentVersion.objects.get().rule == {"all": [asked]}

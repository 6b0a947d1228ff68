"""The value tiles of the person page: the way to the next tier in all its states, and why the RFM scores are what they are."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from tests.apps.builds.conftest import NOW as TILLS_NOW
from tests.apps.builds.conftest import tills
from tests.web.browser import DESK, PASSWORD, PHONE, visitor
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import user_save
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.services import cycle_run
from huitou.apps.value.custom_inputs import inputs_of_schemes
from huitou.apps.value.models import PersonValue
from huitou.apps.value.queries import person_value
from huitou.core.value.upgrade import Gap
from huitou.web.pages.person_worth import climb_of, gap_text

__all__ = ["tills"]

WHOLE = Viewer(user_id=1, role_code="marketer", store_ids=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scheme", "gap", "way"),
    [
        ("pyramid", Gap("CORE", {"clv_12m_fen": 244_650.0}), ("核心", "¥2,447", "¥3,475", 0.296)),
        ("pyramid", Gap("CORE", {}, by_revenue_fen=10_000), ("核心", "¥101", "¥1,000", 0.9)),  # a tie: passed by revenue alone
        ("pyramid", Gap("CORE", {"score": 2.3}), None),
        ("pyramid", None, None),
        ("six_classes", Gap("HIGH_ACTIVE", {"clv_12m_fen": 5.0, "rfm_total": 1.0}), None),  # two measures: no one bar
        ("lifecycle", Gap("DORMANT", {"orders_total": 1.0}), None),  # nobody strives for dormancy
    ],
)
def test_one_missing_measure_is_drawn_and_anything_else_is_not(valued: Chain, scheme: str, gap: Gap | None, way):
    worth = person_value(WHOLE, valued.person_id)
    worth.row.net_365d_fen = 90_000
    found = replace(worth.tier(scheme), gap=gap, inputs={"clv_12m_fen": 102_850.0})
    known = inputs_of_schemes(tier.in_force.scheme for tier in worth.tiers)
    climb = climb_of(found, worth, known)
    if way is None:
        assert climb is None
    else:
        assert (climb.tier, climb.missing, climb.threshold, round(climb.share, 3)) == way
    if scheme == "lifecycle":
        assert gap_text(found, worth, known) == ""


@pytest.mark.parametrize(
    ("tier", "told", "bars"),
    [
        ("DIAMOND", "已在最高等级", 1),
        ("BASIC", "差多少说不出一个数", 0),  # no edges were drawn
        ("", "还没有等级", 0),
    ],
)
def test_without_a_next_tier_the_tile_says_why(client: Client, valued: Chain, tier: str, told: str, bars: int):
    PersonValue.objects.filter(pk=valued.person_id).update(tier_1=tier)
    client.force_login(valued.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("customers:person", args=[valued.person_id])).content.decode()
    tile = page[page.index("离下一等级") :].split("</section>")[0]
    assert told in tile
    assert tile.count("ht-bar") == bars


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("screen", "language", "words"),
    [(DESK, "zh-hans", "为什么|同值同分|合计|距"), (PHONE, "en", "Why|equal values|Total|To ")],
)
def test_the_scores_explain_themselves_and_the_bar_leads_to_the_next_tier(
    browser: Browser, live_server, tills, client, screen, language, words
):
    why, sentence, total, to = words.split("|")
    tills.bring(0, 1, 2)
    cycle_run(now=TILLS_NOW)
    row = PersonValue.objects.filter(rfm_total__isnull=False).order_by("net_365d_fen", "pk").first()
    manager = user_save(username="m", password=PASSWORD, role_code=Role.MANAGER, display_name="M", now=NOW, store_ids=())
    manager.language = language
    manager.save()
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url, size=screen, language=language)
    guest.enter(client.cookies["sessionid"].value)
    guest.open(reverse("customers:person", args=[row.pk]))
    page = guest.page
    tile = page.locator(".ht-tile", has_text="RFM")
    tile.locator("a", has_text=why).click()
    drawer = page.locator("#why-rfm")
    drawer.wait_for(state="visible")
    said = drawer.inner_text()
    assert sentence in said
    assert total in said
    assert str(row.rfm_total) in said
    assert page.url.endswith("#why-rfm")
    page.keyboard.press("Escape")
    drawer.wait_for(state="hidden")
    way = page.locator(".ht-worth .ht-tile").nth(1)
    assert way.inner_text().startswith(to)
    assert way.locator(".ht-bar").count() == 1
    guest.check()

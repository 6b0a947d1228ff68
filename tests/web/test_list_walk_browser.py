"""Every list by keyboard: its rows walked and ticked with letters and arrows, and from a row on to the next in the filter."""

from datetime import date

import pytest
from playwright.sync_api import Browser
from tests.web.browser import PHONE, Visitor, visitor
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.models import User
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Occasion
from huitou.apps.benefits.services import coupon_issue, kind_save
from huitou.apps.intake.models import Batch, BatchState, QuarantineCount, SourceConfig
from huitou.apps.products.models import Store
from huitou.core.benefits.coupons import Caps, Effect, Terms

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.long(35)]
TEN = Terms(Effect.AMOUNT, off_fen=1_000, minimum_fen=3_000, usable_days=30)


def stores_make(chain: Chain) -> None:
    for code in ("S3", "S4"):
        Store.objects.create(code=code, name=f"{code} 店", region_code="N", region_name="北区", updated_at=NOW)


def batches_make(chain: Chain) -> None:
    SourceConfig.objects.create(code="pos", kind_code="pos", title="收银", settings=b"", created_at=NOW)
    for number in (1, 2, 3):
        sums = {"received": 100, "accepted": 95, "merged": 0, "quarantined": 5}
        Batch.objects.create(
            **sums, id=number, source_code="pos", state=BatchState.FOLDED, counts={"customer": sums}, manifest_sha256="",
            sealed_at=NOW, sealed_on=date(2026, 11, 22),
        )  # fmt: skip


def refused_make(chain: Chain) -> None:
    batches_make(chain)
    for number, reason in enumerate(("bad_phone", "missing", "conflict"), start=1):
        QuarantineCount.objects.create(
            batch_id=number, source_code="pos", kind_code="customer", reason_code=reason, row_count=number
        )


def coupons_make(chain: Chain) -> None:
    for number in (1, 2, 3):
        kind = kind_save(
            kind_id=None,
            code=f"ten{number}",
            name=f"减 10 第 {number} 种",
            terms=TEN,
            caps=Caps(),
            is_on=True,
            by=1,
            now=utc_now(),
        )
        coupon_issue(
            viewer=Viewer(1, "marketer", None), person_id=chain.person_id, kind_id=kind.pk, issue_key=f"k{number}",
            occasion=Occasion.GIFT, now=utc_now(),
        )  # fmt: skip


LISTS = {
    "stores": (stores_make, "manager", "/stores?f=region.eq.R1&sort=id", 2),
    "batches": (batches_make, "analyst", "/data/batches?f=quarantined.gt.0&sort=id", 3),
    "quarantine": (refused_make, "analyst", "/data/quarantine?f=kind.eq.customer&sort=-rows", 3),
    "coupons": (coupons_make, "marketer", "/coupons?f=state.eq.usable&sort=id", 3),
    "kinds of coupons": (coupons_make, "marketer", "/coupons/kinds?f=is_on.eq.1&sort=id", 3),
}


@pytest.fixture(params=LISTS)
def walk(request, browser: Browser, live_server, chain: Chain, client) -> tuple[Visitor, str, int]:
    """Somebody at a list with a filter, its address and how many rows it has."""
    make, role, address, rows = LISTS[request.param]
    make(chain)
    User.objects.update(language="en")
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    guest = visitor(browser, live_server.url, language="en")
    guest.enter(client.cookies["sessionid"].value)
    guest.open(address)
    return guest, address, rows


def test_rows_are_walked_ticked_opened_and_left_for_the_next_in_the_filter(walk: tuple[Visitor, str, int]):
    guest, address, rows = walk
    page, keys = guest.page, guest.page.keyboard
    assert page.locator("tbody tr").count() == rows
    keys.press("ArrowDown")
    keys.press("j")
    keys.press("Space")
    page.wait_for_selector(".ht-bulk:not([hidden]) >> text=Selected 1")
    keys.press("ArrowUp")
    keys.press("x")
    page.wait_for_selector(".ht-bulk:not([hidden]) >> text=Selected 2")
    keys.press("x")
    page.wait_for_selector(".ht-bulk:not([hidden]) >> text=Selected 1")
    keys.press("k")  # above the first row there is none
    assert page.evaluate("() => document.querySelector('tbody tr').hasAttribute('data-active')")
    guest.check()
    keys.press("Enter")
    page.wait_for_selector(f".ht-walk-bar >> text=1 of {rows}")
    keys.press("j")
    page.wait_for_selector(f".ht-walk-bar >> text=2 of {rows}")
    keys.press("k")
    page.wait_for_selector(f".ht-walk-bar >> text=1 of {rows}")
    assert page.locator("[data-walk-step='-1']").count() == 0
    guest.check()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.click(".ht-walk-bar a[rel=next]")
    page.wait_for_selector(f".ht-walk-bar >> text=2 of {rows}")
    guest.check()
    page.click(".ht-walk-bar a >> nth=0")
    page.wait_for_url(f"**{address.partition('?')[0]}?**")
    assert page.locator("tbody tr").count() == rows

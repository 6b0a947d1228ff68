"""
Every page in every size: quiet, nothing cut, overlapping or sideways, English complete, no serious finding of axe.

A page is opened once per language; the small phone looks at what the phone opened, as somebody sees it who turns a screen:
the server knows no size, and what a page measured as it opened must follow.
"""

from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Browser
from tests.web.browser import DESK, PHONE, SMALL_PHONE, Visitor, visitor
from tests.web.conftest import NOW, Chain
from tests.web.test_tasks import age
from tools.look import Axe
from tools.shots import demo_names, screen_faults, screens_with_places, shown_faults

from huitou.apps.accounts.models import User
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.intake.documents import document_keys_write
from huitou.apps.privacy.models import ErasureRequest
from huitou.apps.products.models import Category, Product
from huitou.apps.tasks.services import run_begin
from huitou.apps.value.schemes import shipped_ensure

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.long(420)]

OF_THE_DEMO = ("data-origins",)  # what of the demo's data is real: an installation of one's own has no such page


@dataclass(frozen=True, slots=True)
class Look:
    """At what size and how a page is looked at."""

    name: str
    size: tuple[int, int]
    scheme: str
    larger: bool = False
    axe: Axe = Axe.NONE

    def turn(self, guest: Visitor) -> None:
        """Bring the screen of a guest to this size and scheme, whatever is open on it."""
        guest.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        guest.page.emulate_media(color_scheme=self.scheme)


OPENINGS = {  # language and looks at each page, the first as it opens
    "desk": ("zh-hans", [Look("desk", DESK, "light", axe=Axe.QUICK)]),
    "phones": ("en", [Look("phone", PHONE, "dark"), Look("small phone, larger text", SMALL_PHONE, "light", larger=True)]),
}


def asked_about(chain: Chain) -> int:
    """Return a customer of the store with values to verify and a task."""
    person_id = Person.objects.filter(home_store_id=chain.store_id).exclude(pk=chain.person_id).values_list("pk", flat=True).get()
    age(person_id, chain.store_id, name="刘涛")
    manager = Viewer(chain.users["store_manager"].pk, "store_manager", frozenset({chain.store_id}))
    assert run_begin(viewer=manager, run_key="screens", days=180, now=utc_now()).made == 1
    return person_id


@pytest.mark.parametrize("opening", OPENINGS)
def test_every_screen_stands(browser: Browser, live_server, chain: Chain, opening: str):
    language, (first, *others) = OPENINGS[opening]
    User.objects.update(language=language)
    shipped_ensure(now=NOW)
    dairy = Category.objects.create(path="Dairy", name="Dairy", level=1)
    product = Product.objects.create(code="P-1", name="Milk", category=dairy, price_fen=590, cost_fen=400, updated_at=NOW)
    places = {"person_id": str(chain.person_id), "store_id": str(chain.store_id), "product_id": str(product.pk)}
    places["task_person_id"] = str(asked_about(chain))
    document_keys_write([101], [9001])
    missing = ErasureRequest.objects.create(
        person_id=777, asked_by=1, asked_at=NOW, due_at=NOW, reason_code="asked", state="missing", record_keys=[9001]
    )
    places["missing_id"] = str(missing.pk)
    known = [*demo_names(), "刘涛"]
    guests: dict[str, Visitor] = {}
    faults: list[str] = []
    for screen in screens_with_places(places):
        if screen.name in OF_THE_DEMO:
            continue
        if screen.role not in guests:
            guests[screen.role] = visitor(browser, live_server.url, language=language)
            if screen.role:
                client = Client()  # of its own: signing in somebody else ends the session before
                client.force_login(chain.users[screen.role], backend="django.contrib.auth.backends.ModelBackend")
                guests[screen.role].enter(client.cookies["sessionid"].value)
        guest = guests[screen.role]
        first.turn(guest)
        found = [(first, screen_faults(guest, screen, places, known=known, larger=first.larger, axe=first.axe))]
        for look in others:
            guest.errors.clear()
            look.turn(guest)
            found.append((look, shown_faults(guest, known=known, larger=look.larger, axe=look.axe)))
        faults += [f"{screen.name}, {look.name}: {fault}" for look, one in found for fault in one]
    assert not faults, "\n".join(faults)

"""
Open every page of tools/screens.py, save pictures and a contact sheet, and fail on what looks wrong: make shots.

Size x theme x language x role over the demo of HUITOU_HOME (`make demo` builds it); `--only NAME` takes single screens. The
small form, each page once per size over a small chain, is tests/web/test_screens.py.
"""

import argparse
import html
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser
from tests.web.browser import DESK, PHONE, SMALL_PHONE, Visitor, chromium, visitor
from tools.look import Axe, page_faults, parts_awaited, text_enlarge
from tools.screens import SCREENS, Screen

from huitou.web.assets_build import static_collect, translations_compile

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "shots"
SIZES = {"desk": DESK, "phone": PHONE, "small": SMALL_PHONE}
THEMES = ("light", "dark")
LANGUAGES = ("zh-hans", "en")
LARGER_TEXT = 1.1
SETTLE_MS = 250
PARTS_WITHIN_SECONDS = 45  # the count of a segment over a million members, on a machine that two others use


@dataclass
class Sheet:
    """What was seen: a picture and its faults per screen, size, theme, language and role."""

    folder: Path
    lines: list[tuple[str, str, Path, list[str]]] = field(default_factory=list)

    def add(self, screen: Screen, variant: str, picture: Path, faults: list[str]) -> None:
        self.lines.append((screen.name, variant, picture, faults))
        print(f"{'ok  ' if not faults else 'FAIL'}  {screen.name} {variant}", flush=True)
        for fault in faults:
            print(f"      {fault}")

    def write(self) -> Path:
        """Write the contact sheet, a row of pictures per screen, and return its path."""
        parts = ['<!doctype html><meta charset="utf-8"><title>Huitou</title>', f"<style>{_STYLE}</style>"]
        name = ""
        for screen, variant, picture, faults in self.lines:
            if screen != name:
                parts.append(f"<h2>{html.escape(screen)}</h2>")
                name = screen
            source = html.escape(str(picture.relative_to(self.folder)))
            text = html.escape("; ".join([variant, *faults]))
            mark = ' class="bad"' if faults else ""
            picture_link = f'<a href="{source}"><img loading="lazy" src="{source}"></a>'
            parts.append(f"<figure{mark}>{picture_link}<figcaption>{text}</figcaption></figure>")
        path = self.folder / "index.html"
        path.write_text("\n".join(parts), encoding="utf-8")
        return path


_STYLE = (
    "body{font:13px sans-serif;margin:16px}figure{display:inline-block;width:260px;margin:4px;vertical-align:top}"
    "img{width:100%;max-height:340px;object-fit:cover;object-position:top;border:1px solid #ccc}"
    ".bad img{border:2px solid #b93226}"
)


def screen_faults(
    guest: Visitor,
    screen: Screen,
    places: Mapping[str, str],
    *,
    known: Collection[str] = (),
    larger: bool = False,
    axe: Axe = Axe.NONE,
    picture: Path | None = None,
) -> list[str]:
    """
    Open a screen as whoever is signed in, save its picture, and return what is wrong with it.

    The addresses of 404 and 403 pages log their status as an error; that one line is not counted. A status that is not the
    screen's is.
    """
    guest.errors.clear()
    answered = guest.open(screen.path.format(**places))
    if answered not in (None, screen.status):
        return [f"answered {answered}"]
    if screen.opens.startswith("key:"):
        guest.page.keyboard.press(screen.opens.removeprefix("key:"))
    elif screen.opens:
        place = guest.page.locator(screen.opens).first
        place.wait_for(state="attached")
        if place.is_visible():  # a phone leaves out what only a desk shows
            place.click()
    return shown_faults(guest, known=known, larger=larger, axe=axe, picture=picture)


def shown_faults(
    guest: Visitor,
    *,
    known: Collection[str] = (),
    larger: bool = False,
    axe: Axe = Axe.NONE,
    picture: Path | None = None,
) -> list[str]:
    """Wait for the page that is open, save its picture, and return what is wrong with it, the console since it was opened too."""
    missing = parts_awaited(guest.page, seconds=PARTS_WITHIN_SECONDS)
    if larger:
        text_enlarge(guest.page, LARGER_TEXT)
    guest.page.wait_for_timeout(SETTLE_MS if picture else 30)
    if picture:
        picture.parent.mkdir(parents=True, exist_ok=True)
        guest.shot(picture)
    said = [error for error in guest.errors if "status of 40" not in error]
    return missing + [f"console: {error}" for error in said] + page_faults(guest.page, known=known, axe=axe)


def screens_with_places(places: Mapping[str, str], only: Collection[str] = ()) -> list[Screen]:
    """Return the screens whose places have a value; the others are named on the screen as skipped."""
    found = []
    for screen in SCREENS:
        if only and screen.name not in only:
            continue
        try:
            screen.path.format(**places)
        except KeyError as place:
            print(f"skip  {screen.name}: nothing for {place}")
            continue
        found.append(screen)
    return found


def main() -> int:
    """Look at everything; 1 when anything is wrong, 2 without a demo."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", nargs="*", default=[], help="names of single screens")
    arguments.add_argument("--size", nargs="*", default=list(SIZES), choices=list(SIZES))
    arguments.add_argument("--theme", nargs="*", default=THEMES, choices=THEMES)
    arguments.add_argument("--language", nargs="*", default=LANGUAGES, choices=LANGUAGES)
    wanted = arguments.parse_args()
    if not installation_begin():
        return 2
    sheet = Sheet(FOLDER)
    with chromium() as browser, served() as root:
        _look_at_all(browser, root, sheet, wanted)
    print(f"pictures: {sheet.write()}")
    failed = sum(bool(faults) for *_rest, faults in sheet.lines)
    print(f"{len(sheet.lines)} looked at, {failed} with faults")
    return 1 if failed else 0


def installation_begin() -> bool:
    """Take the installation of HUITOU_HOME (default: var) with the screens as they stand in the folder; False without one."""
    home = Path(os.environ.setdefault("HUITOU_HOME", str(ROOT / "var")))
    if not (home / "data").exists():
        print(f"no installation at {home}: run `make demo` first, or set HUITOU_HOME", file=sys.stderr)
        return False
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
    import django

    django.setup()
    translations_compile()
    static_collect()
    return True


def _look_at_all(browser: Browser, root: str, sheet: Sheet, wanted: argparse.Namespace) -> None:
    places, known = demo_places(), demo_names()
    screens = screens_with_places(places, wanted.only)
    for language in wanted.language:
        with _speaking(language):
            for theme in wanted.theme:
                for size in wanted.size:
                    _look(browser, root, sheet, screens, places, known, (size, theme, language))


def _look(
    browser: Browser,
    root: str,
    sheet: Sheet,
    screens: list[Screen],
    places: Mapping[str, str],
    known: Collection[str],
    variant: tuple[str, str, str],
) -> None:
    size, theme, language = variant
    guests: dict[str, Visitor] = {}
    users = demo_users()
    axe = Axe.NONE if size == "small" else Axe.ALL
    for screen in screens:
        is_plain = (theme, language) == ("light", "zh-hans")
        for role in (screen.role, *(screen.others if is_plain else ())):
            if role and role not in users:
                print(f"skip  {screen.name}: the demo has no {role}")
                continue
            if role not in guests:
                guests[role] = visitor(
                    browser, root, size=SIZES[size], scheme=theme, language="en" if language == "en" else "zh-CN"
                )
                if role:
                    guests[role].log_in(users[role], _demo_password())
            name = "-".join((size, theme, language, role or "stranger"))
            picture = sheet.folder / screen.name / f"{name}.png"
            faults = screen_faults(guests[role], screen, places, known=known, axe=axe, picture=picture)
            sheet.add(screen, name, picture, faults)
        if is_plain and size != "phone" and screen.role in guests:
            picture = sheet.folder / screen.name / f"{size}-larger-text.png"
            faults = screen_faults(guests[screen.role], screen, places, known=known, larger=True, picture=picture)
            sheet.add(screen, f"{size}, text 110 %", picture, faults)
    for guest in guests.values():
        guest.page.context.close()


def demo_users() -> dict[str, str]:
    """Return the log-in of each role that the demo has one for."""
    from huitou.apps.accounts.models import User

    return dict(User.objects.filter(username__startswith="demo-").values_list("role_code", "username"))


def _demo_password() -> str:
    from huitou.demo.run import PASSWORD

    return PASSWORD


def demo_places() -> dict[str, str]:
    """Return what the addresses of the screens name in this installation."""
    from huitou.apps.accounts.models import User
    from huitou.apps.accounts.roles import Role
    from huitou.apps.benefits.models import CouponEntry, CouponKind, IssueRun
    from huitou.apps.builds.models import Build
    from huitou.apps.customers.models import Person, PersonFacts
    from huitou.apps.identity.models import ReviewPair
    from huitou.apps.intake.models import Batch, ImportRun, QuarantineCount
    from huitou.apps.lists.models import SavedView
    from huitou.apps.privacy.models import ErasureRequest
    from huitou.apps.segments.models import Segment
    from huitou.apps.tasks.models import Task

    guide = User.objects.filter(username__startswith="demo-", role_code=Role.GUIDE).first()
    near = Person.objects.filter(is_live=True, **({"home_store_id__in": guide.store_ids} if guide else {}))
    busy = PersonFacts.objects.filter(person_id__in=near.values("pk")).order_by("-orders_count")
    person = near.filter(pk__in=list(busy.values_list("person_id", flat=True)[:50])).order_by("-source_count").first()
    build = Build.objects.order_by("-number").first()
    manager = User.objects.filter(username__startswith="demo-", role_code=Role.STORE_MANAGER).first()
    store = manager.store_ids[0] if manager and manager.store_ids else None
    found = {"person_id": person and person.pk, "build": build and build.number, "store_id": store}
    found["batch_id"] = Batch.objects.order_by("-quarantined", "pk").values_list("pk", flat=True).first()
    found["refused_id"] = QuarantineCount.objects.order_by("-row_count", "pk").values_list("pk", flat=True).first()
    found["review_id"] = ReviewPair.objects.filter(probability__lt=0.2).order_by("-worth").values_list("pk", flat=True).first()
    found["import_id"] = ImportRun.objects.order_by("-pk").values_list("pk", flat=True).first()
    found["segment_id"] = Segment.objects.filter(archived_at=None).order_by("pk").values_list("pk", flat=True).first()
    found["view_id"] = SavedView.objects.filter(shared_role="admin").order_by("pk").values_list("pk", flat=True).first()
    found["coupon_run_id"] = IssueRun.objects.order_by("pk").values_list("pk", flat=True).first()
    used = CouponEntry.objects.order_by("-number", "pk").values_list("coupon_id", flat=True)  # with the longest ledger
    found["coupon_id"] = used.filter(coupon__person_id__in=near.values("pk")).first()
    found["coupon_kind_id"] = CouponKind.objects.order_by("pk").values_list("pk", flat=True).first()
    found["task_person_id"] = (
        Task.objects.filter(state_code="open").order_by("due_at", "pk").values_list("person_id", flat=True).first()
    )
    found["missing_id"] = ErasureRequest.objects.filter(state="missing").order_by("pk").values_list("pk", flat=True).first()
    found["order_id"] = _order_id(store)
    found["product_id"] = _product_id(store)
    found["month"] = build and (build.as_of.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    return {name: str(value) for name, value in found.items() if value}


def _order_id(store_id: int | None) -> int | None:
    """Return the order of the store with the most lines among the dearest ones."""
    from huitou.apps.base.storage import warehouse
    from huitou.apps.sales.order_fields import ORDER_ENTRIES
    from huitou.apps.sales.orders import stored_as_of
    from huitou.core.filters.catalogue import Catalogue
    from huitou.core.filters.tree import EVERYTHING
    from huitou.core.labels import Label
    from huitou.warehouse.filters import Wanted
    from huitou.warehouse.keyset import Keyset
    from huitou.warehouse.queries.order_list import ID, orders_listed
    from huitou.warehouse.reader import NothingPublished
    from huitou.warehouse.scope import CHAIN, Scope

    scope = Scope((store_id,)) if store_id else CHAIN
    catalogue = Catalogue(Label("订单", "orders"), tuple(entry.field for entry in ORDER_ENTRIES))
    wanted = Wanted(EVERYTHING, catalogue, stored_as_of())
    try:
        with warehouse().read() as reading:
            rows = orders_listed(reading.cursor, scope=scope, wanted=wanted, keyset=Keyset(ID, "refund_fen", True, 20))
    except NothingPublished:
        return None
    return max(rows, key=lambda row: row["lines_count"])[ID] if rows else None


def _product_id(store_id: int | None) -> int | None:
    """Return the product that sells best in the store, for a page with every part."""
    from huitou.apps.base.storage import warehouse
    from huitou.core.periods import Period
    from huitou.warehouse.queries.sellers import top_products
    from huitou.warehouse.reader import NothingPublished
    from huitou.warehouse.scope import CHAIN, Scope

    try:
        with warehouse().read() as reading:
            period = Period.last_days(28, as_of=reading.as_of)
            best = top_products(reading.cursor, scope=Scope((store_id,)) if store_id else CHAIN, period=period, limit=1)
    except NothingPublished:
        return None
    return best[0].id if best else None


def demo_names() -> list[str]:
    """Return the names in the data that stay in their language: stores, regions, products, categories, staff, coupons, files."""
    from huitou.apps.accounts.models import User
    from huitou.apps.benefits.models import CouponKind
    from huitou.apps.intake.models import ImportRun, SourceConfig
    from huitou.apps.lists.models import SavedView
    from huitou.apps.products.models import Category, Product, Store
    from huitou.apps.segments.models import Segment

    columns = (
        (Store, ("name", "region_name", "city", "address")),
        (Product, ("name", "brand")),
        (Category, ("name",)),
        (User, ("display_name",)),
        (SourceConfig, ("title",)),
        (ImportRun, ("file_name",)),
        (Segment, ("name", "note")),
        (SavedView, ("title",)),
        (CouponKind, ("name",)),
    )
    names: set[str] = set()
    for model, fields in columns:
        for row in model._default_manager.values_list(*fields):
            names.update(value for value in row if value)
    return sorted(names)


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    """Let the demo people speak a language, and their own again afterwards."""
    from huitou.apps.accounts.models import User

    before = dict(User.objects.filter(username__startswith="demo-").values_list("pk", "language"))
    User.objects.filter(pk__in=before).update(language=language)
    try:
        yield
    finally:
        for pk, spoken in before.items():
            User.objects.filter(pk=pk).update(language=spoken)


@contextmanager
def served() -> Iterator[str]:
    """Serve the installation on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "huitou"), "serve", "--no-worker", "--workers", "1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{root}/healthz")
        yield root
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, *, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())

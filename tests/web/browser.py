"""
Drive a real browser: log in, walk, look. A page that writes to the console as an error, or scrolls sideways, fails the test.

Without Chromium the tests that need it skip with one printed line; with CI set they fail.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from huitou.web.assets_build import VENDOR

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
WINDOWLESS = shutil.which("chromium-headless-shell")  # draws no window around its pages: a fifth less work than CHROMIUM
# The last such list counts, so these are Playwright's own and two more: a visitor is a window, and the two pages that Chromium
# keeps ready in a window for its address bar cost a second of a processor at once and a twentieth of one as long as it is open.
FEATURES_OFF = (
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying",
    "OptimizationHints", "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
)  # fmt: skip
FLAGS = [
    f"--disable-features={','.join(FEATURES_OFF)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = (1440, 900)
PHONE = (390, 844)
SMALL_PHONE = (360, 740)
PASSWORD = "a-long-test-password"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless browser, or skip (fail where CI is set)."""
    found = WINDOWLESS or CHROMIUM
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine: install the package `chromium`")
        pytest.skip("no Chromium on this machine, browser tests skipped")
    if not (VENDOR / "tabler.min.css").exists():
        pytest.skip("front-end assets are not built: python -m huitou.web.assets_build")
    flags = FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """One person at one screen; `errors` collects what the console and failed requests said."""

    page: Page
    root: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def log_in(self, username: str, password: str = PASSWORD) -> None:
        self.page.goto(f"{self.root}/account/login")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click("button[type=submit]:not([name=language])")
        self.page.wait_for_url(lambda url: "/account/login" not in url)

    def enter(self, session: str) -> None:
        """Come in with the cookie of a session that the test made: quicker than the log-in page."""
        self.page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.root}])

    def open(self, path: str) -> int | None:
        """Open a page and return the status it was answered with; None within the page that is open."""
        answer = self.page.goto(f"{self.root}{path}")
        return None if answer is None else answer.status

    def check(self) -> None:
        """Assert that the page as it stands is quiet and fits its screen."""
        assert self.errors == [], f"{self.page.url}: {self.errors}"
        wide, shown = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= shown, f"{self.page.url} scrolls sideways: {wide} px on {shown} px"

    def shot(self, path: Path) -> None:
        self.page.screenshot(path=str(path), full_page=True)


def visitor(
    browser: Browser, root: str, *, size: tuple[int, int] = DESK, language: str = "zh-CN", scheme: str = "light"
) -> Visitor:
    """Return a fresh visitor: own cookies, screen size, browser language and colour scheme."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=language, color_scheme=scheme, device_scale_factor=1
    )
    context.set_default_timeout(45_000)  # three files of the suite share two cores: slow is no fault here
    return Visitor(context.new_page(), root)

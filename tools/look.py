"""Look at a page in a browser: what its console said, what is cut, overlaps or stayed untranslated, what axe finds."""

import time
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from huitou.web.assets_build import DEV_ASSETS

LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
SERIOUS = ("serious", "critical")
PENDING = (Path(__file__).parent / "pending.js").read_text(encoding="utf-8")
POLL_MS = 40
LARGER = """(factor) => {
  const texts = Array.from(document.querySelectorAll("body *"));
  const sizes = texts.map((element) => parseFloat(getComputedStyle(element).fontSize));
  texts.forEach((element, at) => element.style.setProperty("font-size", `${sizes[at] * factor}px`));
}"""


class Axe(StrEnum):
    """How much axe looks at. QUICK leaves out contrast, which takes most of its time and follows from the tokens."""

    NONE = "none"
    QUICK = "quick"
    ALL = "all"


def page_faults(page: Page, *, known: Collection[str] = (), axe: Axe = Axe.NONE) -> list[str]:
    """
    Return one line per fault of the page as it stands.

    known: names in the data (stores, products, people) that stay Chinese on an English page.
    """
    faults: list[str] = page.evaluate(LOOK, list(known))
    return faults + ([] if axe is Axe.NONE else _axe_faults(page, axe))


def parts_awaited(page: Page, *, seconds: float) -> list[str]:
    """
    Wait until no part of the page is still on its way: charts, requests of htmx, what calls itself busy.

    Returns one line per part that had not come after `seconds`, nothing when all came. What only asks again by itself every
    second or more (a job's progress) is not waited for.
    """
    until = time.monotonic() + seconds
    while parts := page.evaluate(PENDING):  # asked anew each time: a wait inside the page is an eval, which its policy refuses
        if time.monotonic() > until:
            return [f"never came, waited {seconds:g} s: {part}" for part in parts]
        page.wait_for_timeout(POLL_MS)
    return []


def text_enlarge(page: Page, factor: float) -> None:
    """Make every text larger, boxes and breakpoints unchanged: what a reader's own font size does."""
    page.evaluate(LARGER, factor)


def _axe_faults(page: Page, axe: Axe) -> list[str]:
    source = DEV_ASSETS / "axe.min.js"
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(source.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"runOnly": AXE_TAGS, "resultTypes": ["violations"]}
    if axe is Axe.QUICK:
        options["rules"] = {"color-contrast": {"enabled": False}}
    result = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"axe {violation['id']}: {node['target'][-1]} ({node['failureSummary'].splitlines()[-1].strip()[:160]})"
        for violation in result["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"][:3]
    ]

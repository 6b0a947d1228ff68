"""Is every shown text in the English catalogue? Needs no GNU gettext."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUE = PACKAGE / "web" / "locale" / "en" / "LC_MESSAGES" / "django.po"
MARKERS = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "mark"})
_PLACE = re.compile(r"%\((\w+)\)|\{(\w*)\}|%([sd])")


def untranslated() -> list[str]:
    """
    Return one line per shown text without English words, with doubtful ones, or with other placeholders than the Chinese.

    Empty when the catalogue is complete; `python tools/messages.py` brings new texts in.
    """
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete}
    problems = []
    for text, place in sorted(_shown_texts().items()):
        entry = catalogue.get(text)
        if entry is None:
            problems.append(f"{place}: not in the catalogue: {text!r}")
        elif not entry.translated() or entry.fuzzy:
            problems.append(f"{place}: no English words for {text!r}")
    for entry in catalogue.values():
        english = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
        places = _places(entry.msgid) | _places(entry.msgid_plural)
        if any(words and not _places(words) <= places for words in english):
            problems.append(f"{CATALOGUE.name}: other placeholders in the English of {entry.msgid!r}")
    return problems


def _places(text: str) -> set[str]:
    return {found.group() for found in _PLACE.finditer(text)}


def _shown_texts() -> dict[str, str]:
    """Return every marked text of the package and where it stands."""
    texts: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for text, line in _marked(path.read_text(encoding="utf-8")):
            texts.setdefault(text, f"{path.relative_to(PACKAGE)}:{line}")
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        for text, _line in _marked(_calls(templatize(path.read_text(encoding="utf-8")))):
            texts.setdefault(text, str(path.relative_to(PACKAGE)))
    return texts


def _calls(templatized: str) -> str:
    """Keep the calls of what Django makes of a template; the rest is not Python."""
    found = re.findall(r"""\b(_|n?gettext) ?\((u?(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'))""", templatized, re.DOTALL)
    return "\n".join(f"{name}({literal})" for name, literal in found)


def _marked(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        first = node.args[0]
        if called in MARKERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value, node.lineno

"""
The command line's words in Chinese or English, without Django: `--help` must not wait for it.

HUITOU_LANG (zh or en) decides, else the locale of the shell; a shell that does not speak Chinese gets English.
"""

import gettext
import os
from pathlib import Path

_LOCALE = Path(__file__).resolve().parent.parent / "web" / "locale"


def language() -> str:
    """Return "zh-hans" or "en"."""
    names = ("HUITOU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "zh-hans" if wanted.lower().startswith("zh") else "en"


def mark(text: str) -> str:
    """Mark a text for translation where it stands in a table."""
    return text


def _(text: str) -> str:
    """Return the text in the language of the shell."""
    if language() == "zh-hans":
        return text
    return gettext.translation("django", _LOCALE, languages=["en"], fallback=True).gettext(text)

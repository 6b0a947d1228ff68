"""
The word of a stored code, from a table of one of the modules `words_*`, one per topic.

A code without a word is shown as it is stored, so that a new one is seen and not lost.
"""

from collections.abc import Mapping

from django.utils.functional import lazy
from django.utils.translation import get_language, gettext

from huitou.core.labels import Label, Refusal
from huitou.web.lazy import LazyText


def _text(label: Label) -> str:
    return label.text(get_language() or "zh-hans")


_lazily = lazy(_text, str)


def spoken(labels: Mapping[str, Label]) -> Mapping[str, LazyText]:
    """Return labels of lower rings as words in the language of the page."""
    return {code: _lazily(label) for code, label in labels.items()}


def said(refusal: Refusal) -> str:
    """Return the sentence of a refusal in the language that is spoken now."""
    return refusal.filled(gettext(refusal.sentence), get_language() or "zh-hans")


def word(words: Mapping[str, LazyText], code: str) -> LazyText:
    """Return the word of a code, or the code itself."""
    return words.get(code, code)

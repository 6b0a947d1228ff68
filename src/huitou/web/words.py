"""
The word of a stored code, from a table of one of the modules `words_*`, one per topic.

A code without a word is shown as it is stored, so that a new one is seen and not lost.
"""

from collections.abc import Mapping

from django.utils.functional import lazy
from django.utils.translation import get_language

from huitou.core.labels import Label
from huitou.web.lazy import LazyText


def _text(label: Label) -> str:
    return label.text(get_language() or "zh-hans")


_said = lazy(_text, str)


def spoken(labels: Mapping[str, Label]) -> Mapping[str, LazyText]:
    """Return labels of lower rings as words in the language of the page."""
    return {code: _said(label) for code, label in labels.items()}


def word(words: Mapping[str, LazyText], code: str) -> LazyText:
    """Return the word of a code, or the code itself."""
    return words.get(code, code)

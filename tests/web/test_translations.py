"""English is complete."""

from huitou.web.translations import untranslated


def test_every_shown_text_has_english_words():
    assert untranslated() == []

"""A word that is shown: in Chinese, the source language, and in English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """Both forms of one shown word. Raises ValueError when one is missing."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise ValueError(f"a label needs both languages: {self.zh!r}, {self.en!r}")

    def text(self, language: str) -> str:
        """Return the English form for "en" and its variants ("en-gb"), else the Chinese one."""
        return self.en if language.split("-")[0] == "en" else self.zh


def mark(text: str) -> str:
    """Mark a Chinese text for the English catalogue where it stands; whoever shows it translates it."""
    return text


class Refusal(Exception):
    """
    Something a user may not do or cannot use, told as a sentence with gaps; whoever shows it fills the gaps of its translation.

    A value that is itself a word is a Label. str() is the Chinese sentence.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self._values = values
        super().__init__(self.filled(sentence, "zh-hans"))

    def filled(self, translated: str, language: str) -> str:
        """Return the sentence's translation into a language with its gaps filled."""
        values = {name: value.text(language) if isinstance(value, Label) else value for name, value in self._values.items()}
        return translated.format(**values)

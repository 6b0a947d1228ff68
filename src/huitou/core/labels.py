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

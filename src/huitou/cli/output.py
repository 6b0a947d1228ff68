"""What a command shows: lines and a progress bar for people, one JSON object for programs."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

_BAR = 30
_EVERY_SECONDS = 0.1


class Output:
    """Where a command writes. With `as_json` standard output carries the result alone; all else goes to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._bar_is_open = False
        self._drawn_at = 0.0

    def say(self, text: str) -> None:
        """Print one line for people."""
        self._close_bar()
        print(text, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def fail(self, text: str) -> None:
        """Print why the command failed."""
        self._close_bar()
        if self.as_json:
            print(json.dumps({"error": text}, ensure_ascii=False))
        print(text, file=sys.stderr, flush=True)

    def result(self, value: Mapping[str, Any]) -> None:
        """Print the result as JSON; without `--json` nothing, because its lines were said already."""
        self._close_bar()
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False, default=str), flush=True)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print rows in columns; wide (Chinese) characters count as two."""
        lines = [[str(cell) for cell in row] for row in (header, *rows)]
        widths = [max(_width(line[column]) for line in lines) for column in range(len(header))]
        for line in lines:
            self.say("  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip())

    def progress(self, step: str, done: int = 0, total: int | None = None) -> None:
        """Show how far a step is: a bar on a terminal, nothing elsewhere."""
        if not sys.stderr.isatty():
            return
        moment = time.monotonic()
        if done != total and moment - self._drawn_at < _EVERY_SECONDS:
            return
        self._drawn_at = moment
        share = min(1.0, done / total) if total else 0.0
        bar = "█" * int(share * _BAR) + "·" * (_BAR - int(share * _BAR)) if total else ""
        count = f"{done:,}/{total:,}" if total else (f"{done:,}" if done else "")
        print(f"\r\x1b[K{bar} {count} {step}", end="", file=sys.stderr, flush=True)
        self._bar_is_open = True

    def _close_bar(self) -> None:
        if self._bar_is_open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._bar_is_open = False


def _width(text: str) -> int:
    return sum(2 if character >= "\u1100" and character not in "\u2013\u2014" else 1 for character in text)

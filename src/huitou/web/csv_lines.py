"""Lines of a CSV that people open in a spreadsheet: what would run there as a formula is text."""

import csv
import re
from collections.abc import Iterable
from io import StringIO

BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-[0-9]+(\.[0-9]+)?")


def csv_line(cells: Iterable[object]) -> bytes:
    """Return one line in UTF-8; a cell that begins like a formula gets an apostrophe before it, a negative number does not."""
    out = StringIO()
    texts = [str(cell) for cell in cells]
    csv.writer(out).writerow(
        [f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text for text in texts]
    )
    return out.getvalue().encode()

"""Builds raw pages; every connector makes its pages here, so that names and keys follow one rule."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from huitou.connectors.protocol import Cursor, PageFormat, RawPage


def json_page(stream: str, name: str, items: Sequence[Mapping[str, Any]], *, next_cursor: Cursor) -> RawPage:
    """Return the items as one page; equal items give an equal idempotency key."""
    content = json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    return RawPage(
        stream=stream,
        name=name,
        format=PageFormat.JSON,
        content=content,
        row_count=len(items),
        next_cursor=next_cursor,
        idempotency_key=f"{stream}:{sha256(content).hexdigest()}",
    )


def csv_page(stream: str, name: str, file_name: str, content: bytes, *, next_cursor: Cursor) -> RawPage:
    """Return a file's UTF-8 bytes as one page; row_count is its lines after the header, blank ones not counted."""
    lines = sum(1 for line in content.splitlines() if line.strip())
    return RawPage(
        stream=stream,
        name=name,
        format=PageFormat.CSV,
        content=content,
        row_count=max(0, lines - 1),
        next_cursor=next_cursor,
        idempotency_key=f"{file_name}:{sha256(content).hexdigest()}",
    )

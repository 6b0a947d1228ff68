"""
What a connector is. A new outside system is one folder that offers a `Source`, its mapping files and a fake, and a test.

A source only fetches pages and says where to go on; it never writes. Intake stores each page together with its cursor in
one transaction, so a pull that dies resumes after the last stored page. A page that comes twice carries the same
idempotency key and is received once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class PageFormat(StrEnum):
    """How the bytes of a page are cut into rows."""

    JSON = "json"  # one JSON array of objects, UTF-8
    CSV = "csv"  # a header line and comma separated rows, UTF-8, RFC 4180 quoting


Cursor = Mapping[str, Any]  # JSON-able; only the source that made it can read it


@dataclass(frozen=True, slots=True)
class RawPage:
    """
    Some rows of one stream exactly as received.

    name: how messages name it ("receipts-2026-11-01.csv", "orders after 2026-11-01T00:00:00Z#3").
    next_cursor: where the pull goes on once this page is stored.
    idempotency_key: equal for the same page fetched again (the source's page or file id plus a content hash).
    """

    stream: str
    name: str
    format: PageFormat
    content: bytes
    row_count: int
    next_cursor: Cursor
    idempotency_key: str


class SourceUnavailable(Exception):
    """The outside system is down, too slow or refuses us; the pull is tried again later and other sources go on."""


class SourceMisconfigured(Exception):
    """Address, credentials or settings of the source are wrong; the message says which setting and what to do."""


@dataclass(frozen=True, slots=True)
class Stream:
    """
    One feed of a source. `kinds` are the canonical kinds (core.canonical) that its mapping files yield:
    `mapping/<stream>.<kind>.sql`, each one SELECT over the relation `raw` that yields `page_no`, `row_no`, canonical text
    columns by their names (a missing one is all null) and, if it likes, `skip_reason` (text; such a row is received but
    not wanted, an unpaid order for example), or `refuse_reason` and `refuse_column` (a code of the landing's reasons: the
    row is refused for what only the mapping can see).

    `raw` holds the pages of one batch. JSON: page_no, row_no (item number from 1), item (JSON). CSV: page_no, row_no (line
    of the file, the header is 1) and one text column per header name. All rows of one order stand in one page.
    columns: the CSV header names (or top JSON keys) that the mapping needs; a page without one of them goes to
    quarantine as a whole, with the missing name as the reason. optional: CSV header names that a page may lack; the mapping
    finds them null then.
    """

    code: str
    title: str
    kinds: tuple[str, ...]
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()


class Source(Protocol):
    """One configured outside system."""

    code: str  # stored with every row: "mall", "pos", "membership", "aftersales"
    title: str  # for screens, Chinese
    streams: tuple[Stream, ...]  # in the order they are pulled

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """
        Fetch the pages after the cursor (None: from the start), oldest first. Ends when there is nothing more now.

        Raises SourceUnavailable after its own retries, SourceMisconfigured at once.
        """
        ...

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """
        Check a pushed request (webhook, till push) and return it as a page; its `next_cursor` is empty and moves nothing.

        headers: names in any case. Raises PermissionError when the signature or key does not fit, ValueError when the body
        is nothing that this stream takes.
        """
        ...

"""Draft batches from canonical rows, with an operations database that is one dictionary."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from huitou.core.canonical import KINDS
from huitou.core.crypto import Keyring
from huitou.warehouse.landing.draft import Draft
from huitou.warehouse.landing.manifest import KindCounts
from huitou.warehouse.landing.pages import Page

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def mapping_of(kind: str) -> str:
    """Return a mapping whose source names are the canonical names."""
    columns = ", ".join(f"item->>'{field.name}' as {field.name}" for field in KINDS[kind].fields)
    return f"select page_no, row_no, item->>'skip_reason' as skip_reason, {columns} from raw"


class Known:
    """What intake.Document would know, across batches."""

    def __init__(self) -> None:
        self.documents: dict[int, tuple[int, int | None, datetime | None]] = {}

    def of(self, keys: pa.Table) -> pa.Table:
        found = [self.documents.get(key, (None, None, None)) for key in keys["key_hash"].to_pylist()]
        return (
            keys.append_column("document_id", pa.array([row[0] for row in found], pa.int64()))
            .append_column("content_hash", pa.array([row[1] for row in found], pa.int64()))
            .append_column("version_at", pa.array([row[2] for row in found], pa.timestamp("us")))
        )

    def take(self, changed: pa.Table) -> None:
        for row in changed.to_pylist():
            _, content, _ = self.documents.get(row["key_hash"], (None, None, None))
            content = row["content_hash"] if row["state"] != "reserved" else content
            self.documents[row["key_hash"]] = (row["document_id"], content, row["version_at"])


class Drafting:
    """Drafts batch after batch of one source."""

    def __init__(self, scratch: Path, keyring: Keyring) -> None:
        self._scratch, self._keyring = scratch, keyring
        self.known = Known()

    def draft(
        self, *pages: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> tuple[dict[str, list[dict[str, Any]]], dict[str, KindCounts]]:
        """Draft one batch of pages {kind: rows} and remember it; return (rows by table, counts)."""
        draft = Draft(source_code="mall", now=NOW, keyring=self._keyring, scratch=self._scratch)
        try:
            numbers = count(1)
            for kind in dict.fromkeys(kind for page in pages for kind in page):
                contents = [json.dumps(page[kind]).encode() for page in pages if kind in page]
                feed = [Page(next(numbers), kind, f"page of {kind}", "json", content) for content in contents]
                draft.add_stream(feed, columns=(), mappings={kind: mapping_of(kind)})
            draft.judge(self.known.of(draft.keys()))
            new = draft.unnumbered()
            first = len(self.known.documents) + 1
            ids = range(first, first + len(new))
            draft.number(pa.table({"document_key": pa.array(new, pa.string()), "document_id": pa.array(ids, pa.int64())}))
            tables = draft.tables(
                store_ids={code: place for place, code in enumerate(draft.codes("store_code"), start=1)},
                product_ids={code: place for place, code in enumerate(draft.codes("product_code"), start=1)},
            )
            self.known.take(draft.changed_documents())
            return {name: table.to_pylist() for name, table in tables.items()}, draft.counts()
        finally:
            draft.close()

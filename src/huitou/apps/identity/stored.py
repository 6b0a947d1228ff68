"""Records as they are stored, opened once for everything that reads them: the matcher, the persons' files, the next version."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from huitou.apps.base.bulk import chunked, rows_read
from huitou.apps.identity.content import Content, Posting, content_open, facts_of, postings_of
from huitou.apps.identity.matcher_tables import TEXTS
from huitou.apps.identity.models import SourceRecord
from huitou.apps.identity.person_file import EPOCH, HeldRecord
from huitou.core.crypto import Keyring
from huitou.core.identity import FewRecord, FewValue

_LIST = 20_000
_READ = ("pk", "source_code", "fields", "version_at", "store_id", "registered_at")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record. postings: the values it holds, each with its hash."""

    record_id: int
    source_code: str
    content: Content
    version_at: datetime | None
    store_id: int | None
    registered_at: datetime | None
    postings: list[tuple[int, Posting]]

    @classmethod
    def read(
        cls,
        ring: Keyring,
        record_id: int,
        source_code: str,
        content: Content,
        version_at: datetime | None,
        store_id: int | None,
        registered_at: datetime | None,
    ) -> "StoredRecord":
        held = postings_of(content, source_code=source_code, version_at=version_at)
        postings = [(ring.hash(posting.kind_code, posting.value), posting) for posting in held]
        return cls(record_id, source_code, content, version_at, store_id, registered_at, postings)

    def held(self) -> HeldRecord:
        """Return what a person's file is made of."""
        facts = facts_of(self.record_id, self.source_code, self.version_at or EPOCH, self.content)
        return HeldRecord(facts, self.postings, self.store_id, self.registered_at)

    def few(self) -> FewRecord:
        """Return the record as the matcher takes it."""
        texts = {name: text for name in TEXTS if (text := self.content.texts.get(name))}
        if self.store_id is not None:
            texts["store_id"] = str(self.store_id)
        return FewRecord(self.record_id, texts)

    def values(self) -> Iterator[FewValue]:
        """Yield the values it holds as the matcher takes them."""
        for _, held in self.postings:
            yield FewValue(self.record_id, held.kind_code, held.value, held.verified, held.valid_to is not None)


NOBODY: Mapping[int, StoredRecord] = MappingProxyType({})


def stored_records(ring: Keyring, record_ids: Collection[int]) -> dict[int, StoredRecord]:
    """Return those of these records that still say something, in order of id."""
    found: dict[int, StoredRecord] = {}
    for part in chunked(sorted(record_ids), _LIST):
        for record_id, source_code, fields, *rest in sorted(rows_read(SourceRecord, _READ, among={"pk": part}), key=_first):
            if fields is not None:
                found[record_id] = StoredRecord.read(ring, record_id, source_code, content_open(ring, record_id, fields), *rest)
    return found


def _first(row: tuple[int, ...]) -> int:
    return row[0]


def values_of(records: Iterable[StoredRecord]) -> Iterator[FewValue]:
    for record in records:
        yield from record.values()

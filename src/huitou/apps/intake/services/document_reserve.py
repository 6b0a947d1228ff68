"""Give a document its surrogate id before its batch comes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from huitou.apps.base.bulk import rows_read
from huitou.apps.base.secrets import keyring
from huitou.apps.intake.documents import document_ids_take, document_keys_write
from huitou.apps.intake.models import Document

_SEPARATOR = "\x1f"  # between the parts of a document key, as the landing writes it


def document_hash(*, source_code: str, kind_code: str, key: str) -> int:
    """Return the keyed hash under which a document is known."""
    return keyring().hash("document", _SEPARATOR.join((source_code, kind_code, key)))


def document_reserve(*, source_code: str, kind_code: str, key: str) -> int:
    """Return the id of a document, a new one where it is unknown; the batch that brings it later finds the same id."""
    return documents_reserve([(source_code, kind_code, key)]).ids[0]


@dataclass(frozen=True, slots=True)
class Reserved:
    """ids: of the documents asked for, in their order. fresh: those of them that nobody knew before."""

    ids: list[int]
    fresh: frozenset[int]


@transaction.atomic(savepoint=False)
def documents_reserve(documents: Sequence[tuple[str, str, str]]) -> Reserved:
    """Do the same for many at once, given as source, kind and key."""
    hashes = [document_hash(source_code=source, kind_code=kind, key=key) for source, kind, key in documents]
    known = _known(hashes)
    unknown = sorted(set(hashes) - known.keys())
    new: dict[int, int] = {}
    if unknown:
        taken = document_ids_take(len(unknown))  # holds the sequence's row, so that nobody reserves the same key meanwhile
        known |= _known(unknown)
        new = {key_hash: pk for pk, key_hash in zip(taken, unknown, strict=True) if key_hash not in known}
        document_keys_write(new.values(), new.keys())
        known |= new
    return Reserved([known[key_hash] for key_hash in hashes], frozenset(new.values()))


def _known(hashes: Collection[int]) -> dict[int, int]:
    return dict(rows_read(Document, ("key_hash", "pk"), among={"key_hash": hashes}))

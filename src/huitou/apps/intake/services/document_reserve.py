"""Give a document its surrogate id before its batch comes."""

from collections.abc import Collection, Sequence

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
    return documents_reserve([(source_code, kind_code, key)])[0]


@transaction.atomic(savepoint=False)
def documents_reserve(documents: Sequence[tuple[str, str, str]]) -> list[int]:
    """Do the same for many at once, given as source, kind and key; in their order."""
    hashes = [document_hash(source_code=source, kind_code=kind, key=key) for source, kind, key in documents]
    known = _known(hashes)
    unknown = sorted(set(hashes) - known.keys())
    if unknown:
        fresh = document_ids_take(len(unknown))  # holds the sequence's row, so that nobody reserves the same key meanwhile
        known |= _known(unknown)
        rows = [(pk, key_hash) for pk, key_hash in zip(fresh, unknown, strict=True) if key_hash not in known]
        document_keys_write([pk for pk, _ in rows], [key_hash for _, key_hash in rows])
        known.update({key_hash: pk for pk, key_hash in rows})
    return [known[key_hash] for key_hash in hashes]


def _known(hashes: Collection[int]) -> dict[int, int]:
    return dict(rows_read(Document, ("key_hash", "pk"), among={"key_hash": hashes}))

"""Give a document its surrogate id before its batch comes."""

from django.db import transaction

from huitou.apps.base.secrets import keyring
from huitou.apps.intake.documents import document_ids_take
from huitou.apps.intake.models import Document

_SEPARATOR = "\x1f"  # between the parts of a document key, as the landing writes it


def document_hash(*, source_code: str, kind_code: str, key: str) -> int:
    """Return the keyed hash under which a document is known."""
    return keyring().hash("document", _SEPARATOR.join((source_code, kind_code, key)))


@transaction.atomic
def document_reserve(*, source_code: str, kind_code: str, key: str) -> int:
    """Return the id of a document, a new one where it is unknown; the batch that brings it later finds the same id."""
    key_hash = document_hash(source_code=source_code, kind_code=kind_code, key=key)
    known = Document.objects.filter(key_hash=key_hash).values_list("pk", flat=True).first()
    if known is not None:
        return known
    (fresh,) = document_ids_take(1)  # holds the sequence's row, so that nobody reserves the same key meanwhile
    again = Document.objects.filter(key_hash=key_hash).values_list("pk", flat=True).first()
    if again is not None:
        return again
    Document.objects.create(id=fresh, key_hash=key_hash)
    return fresh

"""Pages that wait: stored compressed and encrypted, read back whole."""

import zlib
from datetime import datetime, timedelta

from huitou.apps.base.secrets import keyring
from huitou.apps.intake.models import InboxPage, SourceCursor
from huitou.connectors.protocol import RawPage

_NAME_LENGTH = 200
SEEN_WITHIN = timedelta(seconds=5)
_FAST = 1  # level 1 takes a fifth of level 6's time and leaves a tenth more


def page_store(source_code: str, page: RawPage, *, now: datetime, import_id: int | None = None) -> bool:
    """Store a page in the caller's transaction; return False when the same page already waits."""
    _, is_new = InboxPage.objects.get_or_create(
        source_code=source_code,
        idempotency_key=page.idempotency_key,
        defaults={
            "stream_code": page.stream,
            "name": page.name[:_NAME_LENGTH],
            "format_code": str(page.format),
            "content": keyring().encrypt(
                zlib.compress(page.content, _FAST), context=page_context(source_code, page.idempotency_key)
            ),
            "row_count": page.row_count,
            "byte_count": len(page.content),
            "received_at": now,
            "import_id": import_id,
        },
    )
    return is_new


def rows_seen(source_code: str, stream_code: str, *, now: datetime) -> None:
    """
    Note that rows came now, to within SEEN_WITHIN: hundreds of pushes a second must not wait for one another at one row,
    each until the one before is on disk.
    """
    cursor = SourceCursor.objects.filter(source_code=source_code, stream_code=stream_code)
    last = cursor.values_list("last_row_at", flat=True).first()
    if last is None:
        SourceCursor.objects.update_or_create(source_code=source_code, stream_code=stream_code, defaults={"last_row_at": now})
    elif last < now - SEEN_WITHIN:
        cursor.filter(last_row_at__lt=now - SEEN_WITHIN).update(last_row_at=now)


def page_content(page: InboxPage) -> bytes:
    """Return the bytes of a stored page as they were received. Raises DecryptError."""
    return zlib.decompress(keyring().decrypt(bytes(page.content), context=page_context(page.source_code, page.idempotency_key)))


def page_context(source_code: str, idempotency_key: str) -> str:
    """Return what a waiting page is sealed with."""
    return f"intake.inbox:{source_code}:{idempotency_key}"

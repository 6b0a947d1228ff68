"""Take a pushed request: a webhook, or a receipt from a till."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huitou.apps.intake.inbox import page_store, rows_seen
from huitou.apps.intake.sources import SourceUnknown, config_of, source_open, stream_of


@dataclass(frozen=True, slots=True)
class Received:
    """What a push brought; a repeat of a waiting push brings 0 new rows."""

    row_count: int
    is_repeat: bool


def page_receive(*, source_code: str, stream_code: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Received:
    """
    Check and store one pushed request; it is sealed within the next micro-batch.

    Raises SourceUnknown (also for a stopped source), PermissionError when the signature does not fit, ValueError when the body
    is not what the stream receives.
    """
    config = config_of(source_code)
    if not config.is_enabled:
        raise SourceUnknown(f"source {source_code!r} is stopped")
    source = source_open(config)
    stream_of(source, stream_code)
    page = source.receive(stream_code, headers, body)
    with transaction.atomic():
        is_new = page_store(source_code, page, now=now)
        rows_seen(source_code, page.stream, now=now)
    return Received(page.row_count if is_new else 0, not is_new)

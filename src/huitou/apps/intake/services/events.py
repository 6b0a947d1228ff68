"""Take events that an API key's holder sent; their shape was checked, their content is judged when they are sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.intake.inbox import page_store, rows_seen
from huitou.apps.intake.services.receive import Received
from huitou.apps.intake.sources import SourceUnknown, config_of
from huitou.connectors.events.client import CODE, STREAM, events_page


def events_receive(*, source_code: str, items: Sequence[Mapping[str, Any]], now: datetime) -> Received:
    """
    Store events for the next micro-batch; a repeat of a request that still waits brings nothing new.

    Raises SourceUnknown for a source that is stopped or takes no events.
    """
    config = config_of(source_code)
    if config.kind_code != CODE or not config.is_enabled:
        raise SourceUnknown(f"source {source_code!r} takes no events: connect one with the connector {CODE!r}")
    page = events_page(items)
    with transaction.atomic():
        is_new = page_store(source_code, page, now=now)
        rows_seen(source_code, STREAM, now=now)
    return Received(page.row_count if is_new else 0, not is_new)

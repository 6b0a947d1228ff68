"""Handlers of hooks: what happened becomes deliveries. Ids and codes only."""

from huitou.apps.base.hooks import IdentityChange, ImportEnded
from huitou.apps.gateway.services.webhooks import webhook_emit

_MOST_IDS = 1_000


def merge_told(change: IdentityChange) -> None:
    """Handle MERGE."""
    _told("person.merged", change)


def split_told(change: IdentityChange) -> None:
    """Handle SPLIT."""
    _told("person.split", change)


def undo_told(change: IdentityChange) -> None:
    """Handle UNDO."""
    _told("person.undone", change)


def import_told(ended: ImportEnded) -> None:
    """Handle IMPORT_ENDED."""
    payload = {"import_id": ended.import_id, "state": ended.state, "counts": ended.counts}
    webhook_emit(event_code="import.ended", payload=payload, now=ended.now)


def _told(event_code: str, change: IdentityChange) -> None:
    persons = sorted({person for move in change.moves for person in (move.from_person_id, move.to_person_id) if person})
    payload = {
        "event_id": change.event_id,
        "persons": persons[:_MOST_IDS],
        "closed": list(change.closed_person_ids[:_MOST_IDS]),
        "opened": list(change.opened_person_ids[:_MOST_IDS]),
    }
    webhook_emit(event_code=event_code, payload=payload, now=change.at)

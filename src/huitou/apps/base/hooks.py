"""
How a lower app reaches the higher ones: it runs a hook, and every app that registered a handler is called.

Unless the hook says otherwise, handlers run inside the caller's transaction; always in order of registration (that is, of
INSTALLED_APPS). They must be idempotent: a job may run a hook again after a crash. An exception undoes the whole action.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from huitou.core.identity.changes import Move


class Hook(StrEnum):
    """The named moments; the comment is the payload handed to the handlers."""

    MERGE = "merge"  # IdentityChange
    SPLIT = "split"  # IdentityChange
    UNDO = "undo"  # IdentityChange
    GRANTING = "granting"  # purpose code; privacy returns the query of the ids of those who granted it
    RECORDS_FOUND = "records_found"  # keyed hashes of documents; identity returns the ids of the persons who hold them
    PERSON_RECORDS = "person_records"  # person id; identity returns PersonRecords
    ERASE_FILES = "erase_files"  # PersonErased; before ERASE and outside its transaction, for what no transaction undoes
    ERASE = "erase"  # PersonErased
    PERSON_COPY = "person_copy"  # PersonCopy; each handler returns {section: JSON-able}
    HOLDINGS_CHANGED = "holdings_changed"  # HoldingsChanged; in the transaction that changes who holds the values
    VALUES_VERIFIED = "values_verified"  # ValuesVerified; in the transaction that takes somebody's word
    BATCH_LANDED = "batch_landed"  # BatchLanded; outside any transaction: a handler keeps its own short
    BATCHES_STORED = "batches_stored"  # BatchesApplied; BATCH_LANDED ran for all of them; may take minutes and locks out nobody
    BATCHES_APPLIED = "batches_applied"  # BatchesApplied; the persons behind them are known; outside any transaction, too
    BATCHES_WITHDRAWN = "batches_withdrawn"  # BatchesWithdrawn
    IMPORT_ENDED = "import_ended"  # ImportEnded
    FACTS_PUBLISHED = "facts_published"  # FactsPublished; outside any transaction, and again while nothing new was published
    VALUE_COMPUTED = "value_computed"  # ValueComputed; outside any transaction
    TIERS_CHANGED = "tiers_changed"  # TiersChanged; in the transaction that stores the new tiers: once per change


RecordMove = Move  # of a source record from one person to another


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A merge, a split or an undo, told as the moves of records that it consists of."""

    event_id: int
    moves: tuple[RecordMove, ...]
    opened_person_ids: tuple[int, ...]
    closed_person_ids: tuple[int, ...]
    at: datetime

    def person_of(self) -> dict[int, int | None]:
        """Return the person of each moved record now; None for nobody."""
        return {move.record_id: move.to_person_id for move in self.moves}

    def ends(self) -> set[int]:
        """Return everybody who gained or lost a record."""
        found = {person for move in self.moves for person in (move.from_person_id, move.to_person_id)}
        return {person for person in found if person is not None}

    def heirs(self) -> dict[int, int]:
        """Return for each closed person whoever got most of the records, of equals the older; without any it is left out."""
        went: dict[int, Counter[int]] = {}
        for move in self.moves:
            if move.from_person_id in self.closed_person_ids and move.to_person_id is not None:
                went.setdefault(move.from_person_id or 0, Counter())[move.to_person_id] += 1
        return {person: min(targets, key=lambda one: (-targets[one], one)) for person, targets in went.items()}


@dataclass(frozen=True, slots=True)
class HoldingsChanged:
    """Somebody began or ceased to hold these values (keyed hashes of phones, cards, homes). None: many, whichever."""

    value_hashes: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class PersonRecords:
    """
    What hangs together under one person: its records, now and ever, and its identifiers as (kind, keyed hash).

    record_keys: keyed hashes of source and key of the records, which are the same whenever and wherever they land again.
    """

    record_ids: tuple[int, ...]
    identifiers: tuple[tuple[str, int], ...]
    record_keys: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonErased:
    """All personal data of these records and persons must go from the handler's tables."""

    person_id: int
    record_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonCopy:
    """Ask every app for what it holds on one person."""

    person_id: int
    record_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ValuesVerified:
    """Somebody on the staff confirmed, corrected or entered something that is known of a person."""

    person_id: int
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class BatchLanded:
    """
    A batch was sealed into the landing; handlers read it with `warehouse.landing` and apply their part.

    is_bulk: it belongs to a back-fill, which nobody waits for.
    """

    batch_id: int
    source_code: str
    now: datetime
    is_bulk: bool = False


@dataclass(frozen=True, slots=True)
class BatchesWithdrawn:
    """
    An import was undone: nothing of these batches counts any more.

    remaining_ids: the batches of the same source that still count, oldest first; what they say of the same documents is
    true again.
    """

    batch_ids: tuple[int, ...]
    remaining_ids: tuple[int, ...]
    source_code: str
    now: datetime


@dataclass(frozen=True, slots=True)
class BatchesApplied:
    """BATCH_LANDED has run for all of these batches: what is best done once for all of them follows. is_bulk: as there."""

    batch_ids: tuple[int, ...]
    now: datetime
    is_bulk: bool = False


@dataclass(frozen=True, slots=True)
class ImportEnded:
    """An import came to its end (state "done" or "failed"); counts: {kind: {received, accepted, updated, ...}}."""

    import_id: int
    state: str
    counts: dict[str, dict[str, int]]
    now: datetime


@dataclass(frozen=True, slots=True)
class FactsPublished:
    """The operations database stands at this version of the analytical store."""

    version: int
    as_of: date
    now: datetime


@dataclass(frozen=True, slots=True)
class ValueComputed:
    """Scores, tiers and tags stand at this version. is_full: of everybody, else of the persons who changed."""

    run_id: int
    version: int
    as_of: date
    is_full: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class TierMove:
    """One person went from one tier to another; a code is empty for "in none". change_id says it once and for ever."""

    change_id: int
    person_id: int
    scheme_code: str
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class TiersChanged:
    """A run moved these persons; as_of is the business day it stands for."""

    moves: tuple[TierMove, ...]
    run_id: int
    as_of: date
    now: datetime


Handler = Callable[[Any], Any]
_handlers: dict[Hook, list[Handler]] = defaultdict(list)


def register(hook: Hook, handler: Handler) -> None:
    """Add a handler once; call it from the app's `AppConfig.ready`."""
    if handler not in _handlers[hook]:
        _handlers[hook].append(handler)


def run(hook: Hook, payload: Any) -> list[Any]:
    """Call every handler of the hook and return their answers in order."""
    return [handler(payload) for handler in _handlers[hook]]

"""
The fields of each noun, told by the apps that own them: what lists, segments and the API can filter by and show.

An app registers in `AppConfig.ready`: fixed fields with `register`, fields that depend on stored rows (regions, tags,
attributes somebody defined) with `provide`, which is asked at every request.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from huitou.apps.base.scope import Viewer
from huitou.core.filters.catalogue import Catalogue, Event, Field
from huitou.core.labels import Label


class Noun(StrEnum):
    """What a list is a list of. The codes are stored with saved views."""

    CUSTOMER = "customer"
    ORDER = "order"
    STORE = "store"
    PRODUCT = "product"
    BATCH = "batch"
    QUARANTINE = "quarantine"
    COUPON = "coupon"
    COUPON_KIND = "coupon_kind"
    TASK = "task"


NOUN_LABELS: Mapping[Noun, Label] = {
    Noun.CUSTOMER: Label("客户", "customers"),
    Noun.ORDER: Label("订单", "orders"),
    Noun.STORE: Label("门店", "stores"),
    Noun.PRODUCT: Label("商品", "products"),
    Noun.BATCH: Label("批次", "batches"),
    Noun.QUARANTINE: Label("隔离行", "quarantined rows"),
    Noun.COUPON: Label("券", "coupons"),
    Noun.COUPON_KIND: Label("券种", "kinds of coupons"),
    Noun.TASK: Label("任务", "tasks"),
}


class Column(StrEnum):
    """Whether a field can be a column of the list."""

    NEVER = "never"
    OFFERED = "offered"  # somebody may choose it
    DEFAULT = "default"  # it stands there until somebody chooses otherwise


Names = Callable[[Viewer], Mapping[int, str]]
Called = Callable[[Collection[Any]], Mapping[Any, str]]  # ids or codes -> names; an unknown one is left out


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """
    One field of a noun. group: the heading it is offered under.

    sortable: an index (column, id of the noun) exists at orm_path. sorts_as: the sortable field that the column of this one
    sorts by (days ago by their date). names: the ids of a reference and what they are called,
    for choosing one and for saying it; without it ids are shown as numbers. called: what a filter's ids or codes are called
    where there are too many to choose from. is_part: only the rules of other fields ask it; no editor offers it.
    """

    field: Field
    group: Label
    column: Column = Column.NEVER
    sortable: bool = False
    sorts_as: str = ""
    names: Names | None = None
    called: Called | None = None
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One kind of event of a noun, for windows. names, called: by narrowing, as in FieldEntry."""

    event: Event
    names: Mapping[str, Names] = field(default_factory=dict)
    called: Mapping[str, Called] = field(default_factory=dict)


Provider = Callable[[Viewer], Iterable[FieldEntry]]
EventProvider = Callable[[Viewer], Iterable[EventEntry]]
_entries: dict[Noun, list[FieldEntry]] = defaultdict(list)
_providers: dict[Noun, list[Provider]] = defaultdict(list)
_event_providers: dict[Noun, list[EventProvider]] = defaultdict(list)


def register(noun: Noun, entries: Iterable[FieldEntry]) -> None:
    """Add fixed fields. Raises ValueError on a name that the noun has already with another meaning."""
    known = {entry.field.name: entry for entry in _entries[noun]}
    for entry in entries:
        if known.setdefault(entry.field.name, entry) != entry:
            raise ValueError(f"{noun} has a field {entry.field.name} already")
    _entries[noun] = list(known.values())


def provide(noun: Noun, provider: Provider) -> None:
    """
    Add a function that is asked for more fields at every request, with the viewer (hide here what a role may not ask).

    It yields nothing where there is nothing to choose from, and names that no other app takes ("tag", "attribute_17").
    """
    if provider not in _providers[noun]:
        _providers[noun].append(provider)


def fields_of(noun: Noun, viewer: Viewer | None = None) -> tuple[FieldEntry, ...]:
    """Return the fields in order of registration, those of one group together; without a viewer only the fixed ones."""
    entries = list(_entries[noun])
    if viewer is not None:
        entries += [entry for provider in _providers[noun] for entry in provider(viewer)]
    groups = list(dict.fromkeys(entry.group for entry in entries))
    return tuple(sorted(entries, key=lambda entry: groups.index(entry.group)))


def catalogue_of(noun: Noun, viewer: Viewer | None = None) -> Catalogue:
    """Return what filters of the noun may ask; without a viewer only the fixed fields."""
    return Catalogue(NOUN_LABELS[noun], tuple(entry.field for entry in fields_of(noun, viewer)))


def provide_events(noun: Noun, provider: EventProvider) -> None:
    """Add a function that tells what happens to the noun, for the windows of segments; lists do not ask about events."""
    if provider not in _event_providers[noun]:
        _event_providers[noun].append(provider)


def events_of(noun: Noun, viewer: Viewer) -> tuple[EventEntry, ...]:
    """Return the events in order of registration."""
    return tuple(entry for provider in _event_providers[noun] for entry in provider(viewer))

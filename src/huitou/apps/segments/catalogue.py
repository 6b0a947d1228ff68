"""What segments may ask: the fields of customers without the segments themselves, with places, and the events."""

from collections.abc import Mapping
from dataclasses import replace

from huitou.apps.accounts.roles import Role
from huitou.apps.base.fields import Called, EventEntry, FieldEntry, Noun, events_of, fields_of
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import store_places
from huitou.core.filters.catalogue import Catalogue, Place
from huitou.core.filters.reading import ReferenceName
from huitou.core.labels import Label

SEGMENT_FIELD = "segment"  # a segment of segments would have to be refreshed in order
PLACED = "home_store"
CHAIN_VIEWER = Viewer(0, Role.ADMIN.value, None)  # who refreshes: the whole chain, nobody's account


def segment_entries(viewer: Viewer) -> tuple[FieldEntry, ...]:
    """Return the fields in the order of the registry."""
    entries = [entry for entry in fields_of(Noun.CUSTOMER, viewer) if entry.field.name != SEGMENT_FIELD]
    places = tuple(Place(*place) for place in store_places())
    return tuple(
        replace(entry, field=replace(entry.field, places=places)) if entry.field.name == PLACED else entry for entry in entries
    )


def segment_events(viewer: Viewer) -> tuple[EventEntry, ...]:
    return events_of(Noun.CUSTOMER, viewer)


def segment_catalogue(viewer: Viewer) -> Catalogue:
    """Return what a rule of this viewer may ask."""
    fields = tuple(entry.field for entry in segment_entries(viewer))
    return Catalogue(Label("人群", "segments"), fields, tuple(entry.event for entry in segment_events(viewer)))


def reference_names(viewer: Viewer) -> ReferenceName:
    """Return what ids of fields and narrowings are called; each list of names is read when it is first needed."""
    makers = {entry.field.name: entry.names for entry in segment_entries(viewer) if entry.names}
    called: dict[str, Called] = {}
    for event in segment_events(viewer):
        makers |= dict(event.names)
        called |= dict(event.called)
    known: dict[str, Mapping[int, str]] = {}

    def name(field: str, number: int | str) -> str | None:
        if field in called:
            return called[field]([number]).get(number)
        if field not in makers or not isinstance(number, int):
            return None
        if field not in known:
            known[field] = makers[field](viewer)
        return known[field].get(number)

    return name

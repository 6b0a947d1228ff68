"""Read a person's relations. Cut to the viewer's reach: others out of reach are counted and not named."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import names_in_reach, person_id_in_reach
from huitou.apps.relations.models import HouseholdTie
from huitou.core.identity.household import HOUSEHOLD_KINDS


@dataclass(frozen=True, slots=True)
class Neighbour:
    """
    Another person in reach. name: masked for the role, empty without one. kinds: what the two share, in the order of
    HOUSEHOLD_KINDS. since: from when on, as the sources say or else as it was first seen.
    """

    person_id: int
    name: str
    kinds: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Household:
    """Who may live with a person: those in reach, who share most first, and how many others there are."""

    neighbours: tuple[Neighbour, ...] = ()
    hidden: int = 0


def household_of(viewer: Viewer, person_id: int, *, as_of: datetime | None = None) -> Household:
    """
    Return who shares a phone, a card or a home with a living person in reach; nobody for anybody else.

    as_of (aware): as it was known at that moment; None: as it stands.
    """
    person = person_id_in_reach(viewer, person_id)
    if person is None:
        return Household()
    ties: dict[int, list[HouseholdTie]] = defaultdict(list)
    for tie in HouseholdTie.objects.filter(_stood(as_of), person_id=person).order_by("pk"):
        ties[tie.other_id].append(tie)
    names = names_in_reach(viewer, ties)
    shown = [_neighbour(other, names[other], ties[other]) for other in ties if other in names]
    ordered = sorted(shown, key=lambda one: (-len(ties[one.person_id]), one.person_id))
    return Household(tuple(ordered), len(ties) - len(shown))


def _neighbour(person_id: int, name: str, ties: list[HouseholdTie]) -> Neighbour:
    shared = {tie.kind_code for tie in ties}
    kinds = tuple(kind for kind in HOUSEHOLD_KINDS if kind in shared)
    return Neighbour(person_id, name, kinds, min(tie.since or tie.valid_from for tie in ties))


def _stood(as_of: datetime | None) -> Q:
    if as_of is None:
        return Q(valid_to=None)
    return Q(valid_from__lte=as_of) & (Q(valid_to=None) | Q(valid_to__gt=as_of))

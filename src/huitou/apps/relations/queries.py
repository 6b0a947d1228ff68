"""Read a person's relations. Cut to the viewer's reach: others out of reach are counted and not named."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import live_ids, names_in_reach, person_id_in_reach, persons_in_reach
from huitou.apps.relations.models import CustomerGroup, GroupStep, HouseholdTie, Referral
from huitou.core.identity.household import HOUSEHOLD_KINDS

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Neighbour:
    """
    Another person in reach. name: masked for the role, empty without one.

    since: from when on, as the sources say, of a household else as it was first seen; None: no source says. kinds: of a
    household, what the two share, in the order of HOUSEHOLD_KINDS. source_code: who told of it; empty of a household.
    """

    person_id: int
    name: str
    since: datetime | None
    kinds: tuple[str, ...] = ()
    source_code: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """Persons of one relation: the first in reach, how many more are in reach, and how many are not."""

    neighbours: tuple[Neighbour, ...] = ()
    more: int = 0
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.neighbours) + self.more + self.hidden


@dataclass(frozen=True, slots=True)
class GroupStay:
    """A group that the person is in; guide: who runs it, as the source writes it. others: the other members."""

    group_id: int
    title: str
    guide: str
    source_code: str
    joined_at: datetime
    others: Circle


@dataclass(frozen=True, slots=True)
class Relations:
    """What is known of one person's relations. referrers: one at most."""

    household: Circle = Circle()
    referrers: Circle = Circle()
    referred: Circle = Circle()
    groups: tuple[GroupStay, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    since: datetime | None
    kinds: tuple[str, ...] = ()
    source_code: str = ""


def relations_of(viewer: Viewer, person_id: int, *, as_of: datetime | None = None, shown: int = SHOWN) -> Relations:
    """
    Return the relations of a living person in reach; none for anybody else. shown: the most to name of each.

    as_of (aware): as they stood at that moment, households as they were known then; None: as they stand.
    """
    person = person_id_in_reach(viewer, person_id)
    if person is None:
        return Relations()
    said = Q(is_current=True) & (Q() if as_of is None else Q(said_at__lte=as_of) | Q(said_at=None))
    referrals = Referral.objects.filter(said).order_by("said_at", "pk")
    referrers = {row.referrer_id or 0: _Told(row.said_at, (), row.source_code) for row in referrals.filter(person_id=person)}
    referred = {row.person_id or 0: _Told(row.said_at, (), row.source_code) for row in referrals.filter(referrer_id=person)}
    return Relations(
        household=_circle(viewer, _household(person, as_of), shown),
        referrers=_circle(viewer, referrers, shown),
        referred=_circle(viewer, referred, shown),
        groups=_groups(viewer, person, as_of, shown),
    )


def _household(person_id: int, as_of: datetime | None) -> dict[int, _Told]:
    """Those who share most first, among equals the smaller id. Whoever was merged since is named as who they are now."""
    stood = Q(valid_to=None) if as_of is None else Q(valid_from__lte=as_of) & (Q(valid_to=None) | Q(valid_to__gt=as_of))
    rows = list(HouseholdTie.objects.filter(stood, person_id=person_id).order_by("pk"))
    others = {tie.other_id: tie.other_id for tie in rows} if as_of is None else live_ids({tie.other_id for tie in rows})
    ties: dict[int, list[HouseholdTie]] = defaultdict(list)
    for tie in rows:
        if (other := others.get(tie.other_id, person_id)) != person_id:
            ties[other].append(tie)
    return {
        other: _Told(
            min(tie.since or tie.valid_from for tie in ties[other]),
            tuple(kind for kind in HOUSEHOLD_KINDS if any(tie.kind_code == kind for tie in ties[other])),
        )
        for other in sorted(ties, key=lambda other: (-len(ties[other]), other))
    }


def _groups(viewer: Viewer, person_id: int, as_of: datetime | None, shown: int) -> tuple[GroupStay, ...]:
    inside = Q(is_join=True) & (Q(left_at=None) if as_of is None else Q(at__lte=as_of) & (Q(left_at=None) | Q(left_at__gt=as_of)))
    stays = []
    for stay in GroupStep.objects.filter(inside, person_id=person_id).select_related("group").order_by("at", "pk"):
        group = stay.group
        members = GroupStep.objects.filter(inside, group=group, person_id__isnull=False).exclude(person_id=person_id)
        near = members.filter(person_id__in=persons_in_reach(viewer).values("pk"))
        joined = near.order_by("at", "pk").values_list("person_id", "at")[:shown]  # a person is in by one step, the last
        named = _circle(viewer, {person or 0: _Told(at, (), group.source_code) for person, at in joined}, shown).neighbours
        others = Circle(named, (count := near.count()) - len(named), members.count() - count)
        stays.append(GroupStay(group.pk, group.title, group.guide, group.source_code, stay.at, others))
    return tuple(stays)


def _circle(viewer: Viewer, told: Mapping[int, _Told], shown: int) -> Circle:
    if not told:
        return Circle()
    near = set(persons_in_reach(viewer).filter(pk__in_list=list(told)).values_list("pk", flat=True))
    listed = [person for person in told if person in near]
    names = names_in_reach(viewer, listed[:shown])
    neighbours = tuple(
        Neighbour(person, names[person], one.since, one.kinds, one.source_code)
        for person in listed[:shown]
        if (one := told[person]) and person in names
    )
    return Circle(neighbours, len(listed) - len(neighbours), len(told) - len(listed))


def group_names() -> dict[int, str]:
    """Return the groups that somebody is in, by id, in order of the title."""
    inside = GroupStep.objects.filter(group=OuterRef("pk"), is_join=True, left_at=None, person_id__isnull=False)
    return dict(CustomerGroup.objects.filter(Exists(inside)).order_by("title", "pk").values_list("pk", "title"))

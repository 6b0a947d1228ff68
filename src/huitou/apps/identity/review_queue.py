"""The pairs that the matcher left for a person to decide: the queue, and one question with everything that bears on it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from huitou.apps.base import seen
from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.rules import PERSONAL_FIELDS, whole_fields
from huitou.apps.identity.comparison import Likeness, likeness
from huitou.apps.identity.content import content_open, facts_of
from huitou.apps.identity.evidence import Evidence, evidence_of
from huitou.apps.identity.models import Membership, ReviewPair, SourceRecord
from huitou.apps.identity.person_file import EPOCH
from huitou.apps.identity.survivorship import rules_in_force
from huitou.core.identity.masks import masked
from huitou.core.identity.naming import assign_ids
from huitou.core.identity.survivorship import Rules, surviving_values

QUEUE_SIZE = 30
_LOOKED_AT = 200  # pairs read at most to fill a page of the queue


@dataclass(frozen=True, slots=True)
class Band:
    """Questions whose probability lies in [low, high); low None: those the matcher gave none."""

    code: str
    low: float | None
    high: float = 0.0

    @property
    def rows(self) -> Q:
        return Q(probability=None) if self.low is None else Q(probability__gte=self.low, probability__lt=self.high)


BANDS = (Band("high", 0.8, 1.01), Band("middle", 0.2, 0.8), Band("low", 0.0, 0.2), Band("none", None))


@dataclass(frozen=True, slots=True)
class ReviewSide:
    """One of the two persons, as the viewer may see them."""

    person_id: int
    record_ids: tuple[int, ...]
    sources: tuple[str, ...]
    fields: Mapping[str, str]
    home_store_id: int | None
    registered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """One question. kept_id: the person whose number stays if they are one."""

    pair_id: int
    reason_code: str
    probability: float | None
    is_postponed: bool
    evidence: tuple[Evidence, ...]
    sides: tuple[ReviewSide, ReviewSide]
    likeness: Mapping[str, Likeness]
    kept_id: int


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One question as the queue lists it; names as the viewer may see them, empty where nobody told one."""

    pair_id: int
    names: tuple[str, str]
    reason_code: str
    probability: float | None
    is_postponed: bool


def review_pairs_in_reach(viewer: Viewer) -> "QuerySet[ReviewPair]":
    """Return the open questions whose two persons the viewer may both see, the most worth asking first, postponed ones last."""
    pairs = ReviewPair.objects.all()
    if viewer.store_ids is not None:
        pairs = pairs.filter(_in_reach(viewer, "record_a"), _in_reach(viewer, "record_b"))
    likelier = F("probability").desc(nulls_last=True)  # among those whose expected answer changes nothing
    return pairs.order_by(F("postponed_at").asc(nulls_first=True), "-worth", likelier, "pk")


def _in_reach(viewer: Viewer, record: str) -> Exists:
    """Ask of each question for itself: there are few beside the records of a store, which a list would name one by one."""
    person = persons_in_reach(viewer).filter(pk=OuterRef("person_id"))
    return Exists(Membership.objects.filter(Exists(person), record_id=OuterRef(record), valid_to=None))


def review_count(viewer: Viewer) -> int:
    """Return how many questions are open."""
    return review_pairs_in_reach(viewer).count()


def review_counts(viewer: Viewer) -> dict[str, int]:
    """Return how many questions are open in each band, by its code, in the order of BANDS."""
    sums = {band.code: Count("pk", filter=band.rows) for band in BANDS}
    return review_pairs_in_reach(viewer).order_by().aggregate(**sums)


def review_queue(viewer: Viewer, *, band: Band | None = None, limit: int = QUEUE_SIZE) -> list[QueueLine]:
    """Return the first questions of the queue, or of one band of it; of those about the same two persons the first."""
    lines: list[QueueLine] = []
    pairs = review_pairs_in_reach(viewer)
    asked = list(_once_per_persons((pairs.filter(band.rows) if band else pairs)[:_LOOKED_AT]))
    for part in chunked(asked, limit):
        lines += [_line(pair, case) for pair, case in _cases(viewer, part)]
        if len(lines) >= limit:
            break
    return lines[:limit]


def _line(pair: ReviewPair, case: ReviewCase) -> QueueLine:
    names = (case.sides[0].fields.get("name", ""), case.sides[1].fields.get("name", ""))
    return QueueLine(pair.pk, names, pair.reason_code, pair.probability, pair.postponed_at is not None)


def _once_per_persons(pairs: Iterable[ReviewPair]) -> Iterator[ReviewPair]:
    """Yield the first question between any two persons: one answer answers them all."""
    asked = list(pairs)
    records = {record for pair in asked for record in (pair.record_a, pair.record_b)}
    owners = dict(Membership.objects.filter(record_id__in=records, valid_to=None).values_list("record_id", "person_id"))
    told: set[frozenset[int | None]] = set()
    for pair in asked:
        persons = frozenset((owners.get(pair.record_a), owners.get(pair.record_b)))
        if persons not in told:
            told.add(persons)
            yield pair


def review_case(viewer: Viewer, pair_id: int) -> ReviewCase | None:
    """Return one open question in reach; None when it was answered meanwhile, or the two are one or gone."""
    pair = review_pairs_in_reach(viewer).filter(pk=pair_id).first()
    case = next((case for _pair, case in _cases(viewer, [pair])), None) if pair is not None else None
    for side in case.sides if case else ():
        seen.note(side.person_id)
    return case


def _cases(viewer: Viewer, pairs: Sequence[ReviewPair]) -> Iterator[tuple[ReviewPair, ReviewCase]]:
    """Yield the cases of questions in their order, without those whose two persons are one, gone, or not both in reach."""
    asked = {record for pair in pairs for record in (pair.record_a, pair.record_b)}
    owners = dict(Membership.objects.filter(record_id__in=asked, valid_to=None).values_list("record_id", "person_id"))
    persons = set(owners.values())
    homes = dict(persons_in_reach(viewer).filter(pk__in=persons).values_list("pk", "home_store_id"))
    owned: dict[int, list[int]] = {}
    for record, person in Membership.objects.filter(person_id__in=persons, valid_to=None).values_list("record_id", "person_id"):
        owned.setdefault(person, []).append(record)
    records = [record for person in homes for record in owned.get(person, ())]
    stored = {row.pk: row for row in SourceRecord.objects.filter(pk__in=records)}
    rules = rules_in_force()
    for pair in pairs:
        one, other = owners.get(pair.record_a), owners.get(pair.record_b)
        if one is None or other is None or one == other or not homes.keys() >= {one, other}:
            continue
        sides = [
            _side(viewer, person, [stored[pk] for pk in owned[person] if pk in stored], homes[person], rules)
            for person in (one, other)
        ]
        yield pair, _case(pair, sides, {record: person for person in (one, other) for record in owned[person]})


def _case(pair: ReviewPair, sides: Sequence[tuple[ReviewSide, dict[str, str]]], map_of: dict[int, int]) -> ReviewCase:
    (one, raw_one), (other, raw_other) = sides
    kept = assign_ids(map_of, [sorted(map_of)]).names[0]
    assert kept is not None
    return ReviewCase(
        pair_id=pair.pk,
        reason_code=pair.reason_code,
        probability=pair.probability,
        is_postponed=pair.postponed_at is not None,
        evidence=evidence_of(pair.levels),
        sides=(one, other),
        likeness={name: likeness(name, raw_one.get(name), raw_other.get(name)) for name in PERSONAL_FIELDS},
        kept_id=kept,
    )


def _side(
    viewer: Viewer, person_id: int, records: Iterable[SourceRecord], home_store_id: int | None, rules: Rules
) -> tuple[ReviewSide, dict[str, str]]:
    """Return one side as the viewer may see it, and its values in clear for the comparison."""
    ring = keyring()
    stored = sorted(records, key=lambda row: (row.received_at, row.pk))
    facts = [facts_of(row.pk, row.source_code, row.version_at or EPOCH, content_open(ring, row.pk, row.fields)) for row in stored]
    values = {name: found["value"] for name, found in surviving_values(facts, rules=rules).items()}
    whole = whole_fields(viewer.role_code)
    moments = [row.registered_at for row in stored if row.registered_at is not None]
    side = ReviewSide(
        person_id=person_id,
        record_ids=tuple(row.pk for row in stored),
        sources=tuple(dict.fromkeys(row.source_code for row in stored)),
        fields={name: text if name in whole else masked(name, text) for name, text in values.items()},
        home_store_id=home_store_id,
        registered_at=min(moments, default=None),
    )
    return side, values

"""A sample of files that stewards judge, and what their judgement says about all files."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity.models import Membership, PersonIdentifier, QualityCase, QualityDraw, ReviewPair
from huitou.apps.identity.queries import SourceView, source_records
from huitou.core.identity.estimate import ShareEstimate, Stratum, stratified_share

VALID_DAYS = 180  # an older judgement says little about today's files
STRATA = ("one", "two", "many")
_LIKE_MOST = 5


def stratum_of(records: int) -> str:
    """Return the stratum of a file with so many records."""
    return STRATA[min(records, len(STRATA)) - 1]


def stratum_sizes() -> dict[str, int]:
    """Return how many living persons each stratum holds."""
    held = Membership.objects.filter(valid_to=None).values("person_id").annotate(records=Count("pk")).values_list("records")
    sizes = Counter(dict.fromkeys(STRATA, 0))
    sizes.update(stratum_of(records) for (records,) in held.iterator(chunk_size=20_000))
    return dict(sizes)


@dataclass(frozen=True, slots=True)
class QualityEstimate:
    """
    pure: the share of files whose records are all one human being; complete: of those that miss no record of theirs. None
    before the first judgement. left: files drawn and not judged yet; drawn_at: the last draw, None before the first.
    """

    pure: ShareEstimate | None
    complete: ShareEstimate | None
    left: int
    drawn_at: datetime | None


def quality_estimate(*, now: datetime) -> QualityEstimate:
    """Return what the judgements of the last 180 days say about all files, by the sizes at the last draw."""
    draw = QualityDraw.objects.order_by("-pk").first()
    if draw is None:
        return QualityEstimate(None, None, 0, None)
    judged = QualityCase.objects.filter(judged_at__gte=now - timedelta(days=VALID_DAYS)).values("stratum_code")
    rows = judged.annotate(
        asked=Count("pk"), pure=Count("pk", Q(is_pure=True)), complete=Count("pk", Q(is_complete=True))
    )  # fmt: skip
    counts = {row["stratum_code"]: {"asked": row["asked"], "pure": row["pure"], "complete": row["complete"]} for row in rows}

    def share(name: str) -> ShareEstimate | None:
        seen_of = {code: (counts[code]["asked"], counts[code][name]) if code in counts else (0, 0) for code in STRATA}
        return stratified_share([Stratum(max(draw.sizes[code], asked), asked, right) for code, (asked, right) in seen_of.items()])

    left = QualityCase.objects.filter(judged_at=None).count()
    return QualityEstimate(share("pure"), share("complete"), left, draw.drawn_at)


@dataclass(frozen=True, slots=True)
class LikeFile:
    """Another person who may be the same one: what they share, as codes of identifiers or "review"."""

    person_id: int
    shares: tuple[str, ...]
    records: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True)
class QualityQuestion:
    """One file to judge, with the files most like it."""

    case_id: int
    person_id: int
    records: tuple[SourceView, ...]
    like: tuple[LikeFile, ...]


def quality_question(viewer: Viewer, *, skipped: Collection[int] = ()) -> QualityQuestion | None:
    """Return the next file to judge in the viewer's reach; files that changed since the draw are passed over. None: none left."""
    cases = QualityCase.objects.filter(judged_at=None).exclude(pk__in=skipped).order_by("pk")
    if viewer.store_ids is not None:
        cases = cases.filter(person_id__in=persons_in_reach(viewer).values("pk"))
    for case in cases:
        records = source_records(viewer, case.person_id)
        if [record.record_id for record in sorted(records, key=_by_id)] != case.record_ids:
            continue
        seen.note(case.person_id)
        return QualityQuestion(case.pk, case.person_id, tuple(records), tuple(_like(viewer, case.person_id, case.record_ids)))
    return None


def _by_id(record: SourceView) -> int:
    return record.record_id


def _like(viewer: Viewer, person_id: int, record_ids: list[int]) -> Iterable[LikeFile]:
    """Yield the persons who share a value or an open question, those who share most first; hubs tie nobody."""
    shared: dict[int, set[str]] = {}
    mine = PersonIdentifier.objects.filter(person_id=person_id, is_hub=False).values_list("kind_code", "value_hash")
    for kind, value_hash in mine:
        others = PersonIdentifier.objects.filter(kind_code=kind, value_hash=value_hash, is_hub=False).exclude(person_id=person_id)
        for other in others.values_list("person_id", flat=True)[:_LIKE_MOST]:
            shared.setdefault(other, set()).add(kind)
    asked = ReviewPair.objects.filter(Q(record_a__in=record_ids) | Q(record_b__in=record_ids))
    ends = {end for pair in asked.values_list("record_a", "record_b")[: _LIKE_MOST * 2] for end in pair} - set(record_ids)
    for other in Membership.objects.filter(record_id__in=ends, valid_to=None).values_list("person_id", flat=True):
        if other != person_id:
            shared.setdefault(other, set()).add("review")
    for other, kinds in sorted(shared.items(), key=lambda item: (-len(item[1]), item[0]))[:_LIKE_MOST]:
        records = source_records(viewer, other)
        if records:
            seen.note(other)
            yield LikeFile(other, tuple(sorted(kinds)), tuple(records))

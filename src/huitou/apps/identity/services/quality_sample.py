"""Draw a random sample of files, and keep what a steward says about one of them."""

import random
from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity.models import Membership, QualityCase, QualityDraw
from huitou.apps.identity.quality import STRATA, stratum_of, stratum_sizes
from huitou.apps.identity.services.errors import ReviewGone

PER_STRATUM = 20
_TRIES = 40  # persons looked at per file wanted; a stratum that is rarer than that gets fewer


def quality_draw(*, by: int, now: datetime, seed: int, per_stratum: int = PER_STRATUM) -> QualityDraw:
    """
    Draw up to `per_stratum` files of each stratum at random; files of earlier draws that nobody judged go.

    The same seed over the same map draws the same files.
    """
    dice = random.Random(seed)
    sizes = stratum_sizes()
    chosen = _chosen(dice, {code: min(per_stratum, sizes[code]) for code in STRATA})
    with transaction.atomic():
        QualityCase.objects.filter(judged_at=None).delete()
        draw = QualityDraw.objects.create(drawn_at=now, by=by, sizes=sizes)
        cases = [
            QualityCase(draw=draw, person_id=person_id, record_ids=records, stratum_code=stratum_of(len(records)))
            for person_id, records in chosen.items()
        ]
        dice.shuffle(cases)
        QualityCase.objects.bulk_create(cases)
        audit_record(
            action_code="identity.sample", subject_kind="draw", subject_id=draw.pk, now=now, user_id=by, files=len(cases)
        )
    return draw


def _chosen(dice: random.Random, wanted: dict[str, int]) -> dict[int, list[int]]:
    """Take persons in random order until every stratum has what is wanted of it, or the tries are used up."""
    held = Membership.objects.filter(valid_to=None)
    ids = list(held.order_by("person_id").values_list("person_id", flat=True).distinct())
    dice.shuffle(ids)
    missing, chosen = dict(wanted), dict[int, list[int]]()
    for person_id in ids[: max(_TRIES * sum(wanted.values()), 1000)]:
        if not any(missing.values()):
            break
        records = sorted(held.filter(person_id=person_id).values_list("record_id", flat=True))
        code = stratum_of(len(records))
        if missing[code]:
            missing[code] -= 1
            chosen[person_id] = records
    return chosen


@transaction.atomic
def quality_judge(*, viewer: Viewer, case_id: int, is_pure: bool, is_complete: bool, now: datetime) -> None:
    """Keep the word. Raises ReviewGone when the case is judged or gone, or its person is out of the viewer's reach."""
    case = QualityCase.objects.select_for_update().filter(pk=case_id, judged_at=None).first()
    if case is None or not persons_in_reach(viewer).filter(pk=case.person_id).exists():
        raise ReviewGone(f"file {case_id} of the sample is not open")
    case.is_pure, case.is_complete = is_pure, is_complete
    case.judged_at, case.judged_by = now, viewer.user_id
    case.save(update_fields=["is_pure", "is_complete", "judged_at", "judged_by"])

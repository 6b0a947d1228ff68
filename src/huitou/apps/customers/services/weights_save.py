"""Weigh the key fields of completeness otherwise, and count every file anew."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Expression, F, FloatField, Max, Min, Value, When
from django.db.models.functions import Cast, Round

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.pace import Pace
from huitou.apps.customers.models import CompletenessWeights, Person
from huitou.apps.customers.weights import weights_in_force
from huitou.core.identity.completeness import check_weights

RECOUNT_JOB = "customers.completeness"


@transaction.atomic
def weights_save(weights: Mapping[str, float], *, by: int, now: datetime) -> None:
    """
    Keep the weights beside those of before and plan that every file is counted anew; those in force change nothing.

    weights: share 0..1 per key field. Raises ValueError when they are not the key fields or do not sum to 1.
    """
    check_weights(weights)
    if weights == weights_in_force():
        return
    CompletenessWeights.objects.create(weights=dict(weights), saved_at=now, by=by)
    audit_record(
        action_code="customers.completeness", subject_kind="rule", subject_id=0, now=now, user_id=by, weights=dict(weights)
    )
    jobs.plan(RECOUNT_JOB, now=now)


def completeness_recount() -> int:
    """Count the share of every living person by the weights in force, without opening a file; return how many changed."""
    ends = Person.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return 0
    share = _share(weights_in_force())
    changed = 0
    for ids in Pace().cut(range(ends["first"], ends["last"] + 1)):
        living = Person.objects.filter(pk__range=(ids[0], ids[-1]), is_live=True, filled_bits__isnull=False)
        changed += living.exclude(completeness_share=share).update(completeness_share=share)
    return changed


def _share(weights: Mapping[str, float]) -> Round:
    """Return the weighted share as the database computes it; the home store is the one that orders may have set."""
    total: Expression = Case(
        When(home_store_id__isnull=False, then=Value(weights["store"])), default=Value(0.0), output_field=FloatField()
    )
    for place, (field, weight) in enumerate(weights.items()):
        if field != "store":
            total = total + Cast(F("filled_bits").bitrightshift(place).bitand(1), FloatField()) * Value(weight)
    return Round(total, precision=6)

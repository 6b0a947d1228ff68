"""Why dormant customers stay away, as far as anybody told."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from huitou.apps.base.scope import Viewer
from huitou.apps.value.models import ValueRun
from huitou.core.value.churn import Pareto, Source, pareto


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons as counted after a night's run, as of its day."""

    as_of: date
    pareto: Pareto


def churn_reasons(viewer: Viewer) -> Reasons | None:
    """Return the reasons of the dormant persons in reach; None before anything was counted."""
    run = ValueRun.objects.filter(reasons__isnull=False).order_by("-pk").values("as_of", "reasons").first()
    if run is None:
        return None
    counts: Counter[tuple[str, Source]] = Counter()
    for store_id, code, source, persons in run["reasons"] or ():
        if viewer.store_ids is None or store_id in viewer.store_ids:
            counts[code, Source(source)] += persons
    return Reasons(run["as_of"], pareto(counts))

"""Group the customers who are scored, keep the numbers of groups that are still there, write who changed group."""

from datetime import datetime

import numpy as np
from django.db import transaction

from huitou.apps.base import leases
from huitou.apps.base.bulk import rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.value.groups import Ints, clusters_in_force, features_of_everybody
from huitou.apps.value.models import ClusterRun, PersonCluster, RunKind, ValueRun
from huitou.core.value.clusters import FEATURES, ClustersRefused, clusters

CLUSTER_LEASE = "value.clusters"
_SCORED, _SPEND = 0, 2  # places in FEATURES: the R score, which only buyers of the window have, and their net spend


def clusters_run(*, now: datetime, pace: Pace | None = None) -> ClusterRun | None:
    """
    Group by the stored values of the last full run; None before the first. A refused run leaves the groups of the last good one.

    Raises LeaseTaken while another is at work.
    """
    with leases.hold(CLUSTER_LEASE):
        value_run = ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk").first()
        if value_run is None:
            return None
        run = ClusterRun(value_run_id=value_run.pk, as_of=value_run.as_of, computed_at=now)
        ids, values = features_of_everybody([feature.name for feature in FEATURES])
        scored = ~np.isnan(values[:, _SCORED])
        ids, values = ids[scored], values[scored]
        before = clusters_in_force()
        try:
            found = clusters(ids, values, before=() if before is None else before.clusters)
        except ClustersRefused as refused:
            run.refusal, run.persons = refused.reason, ids.size
            run.save()
            return run
        spend = np.nan_to_num(values[:, _SPEND])
        run.persons, run.k, run.means = ids.size, found.k, dict(found.means)
        run.silhouettes = {str(k): round(value, 4) for k, value in found.silhouettes.items()}
        run.groups = [
            {
                "number": one.number, "size": one.size, "net_fen": int(spend[found.numbers == one.number].sum()),
                "means": dict(one.means), "spreads": dict(one.spreads), "centre": list(one.centre),
            }
            for one in found.clusters
        ]  # fmt: skip
        run.save()
        _write(ids, found.numbers, pace or Pace())
    return run


def _write(ids: Ints, numbers: Ints, pace: Pace) -> None:
    """Write the differences, in short transactions."""
    old = dict(PersonCluster.objects.values_list("pk", "code").iterator(chunk_size=20_000))
    rows = [(person, f"g{number}") for person, number in zip(ids.tolist(), numbers.tolist(), strict=True)]
    for chunk in pace.cut(row for row in rows if old.get(row[0]) != row[1]):
        with transaction.atomic():
            rows_write(PersonCluster, ("person", "code"), chunk, conflict=("person",), update=("code",))
    for gone in pace.cut(sorted(old.keys() - {row[0] for row in rows})):
        PersonCluster.objects.filter(pk__in=gone).delete()

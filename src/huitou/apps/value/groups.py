"""Stored groups of customers that behave alike, and the stored values as features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.apps.value.models import ClusterRun, PersonValue
from huitou.core.value.clusters import Cluster

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_READ_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Grouping:
    """The run in force with its groups by number; net_fen by number: net spend of the group in 365 days."""

    run: ClusterRun
    clusters: tuple[Cluster, ...]
    net_fen: Mapping[int, int]


def clusters_in_force() -> Grouping | None:
    """Return the newest good run; None before the first."""
    run = ClusterRun.objects.filter(refusal="").order_by("-pk").first()
    if run is None:
        return None
    clusters = tuple(
        Cluster(one["number"], one["size"], one["means"], one["spreads"], tuple(one["centre"])) for one in run.groups
    )  # fmt: skip
    return Grouping(run, clusters, {one["number"]: one["net_fen"] for one in run.groups})


def features_of_everybody(names: Sequence[str]) -> tuple[Ints, Floats]:
    """Return everybody with stored values in rising id, and these columns (n, k), NaN for no answer. For jobs, no screen."""
    rows = list(PersonValue.objects.order_by("pk").values_list("pk", *names).iterator(chunk_size=_READ_ROWS))
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    features = np.array([[np.nan if value is None else value for value in row[1:]] for row in rows], dtype=np.float64)
    return ids, features.reshape(ids.size, len(names))

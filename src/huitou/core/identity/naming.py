"""
Least-churn naming: which person id a freshly resolved cluster keeps.

An id stays with the part that holds most of the cluster's records; among equals with the older (smaller) id. An id that
no cluster keeps is closed; a cluster that gets no id needs a new one. Nothing moves when nothing changed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Naming:
    """
    names: the person id of each cluster, in the order given; None: a new id is needed.
    absorbed: closed ids and the index of the cluster that took most of their records.
    """

    names: tuple[int | None, ...]
    absorbed: Mapping[int, int]


def assign_ids(previous: Mapping[int, int], clusters: Sequence[Sequence[int]]) -> Naming:
    """
    Give each cluster of records the id it keeps.

    previous: record -> person id before. clusters: disjoint record lists that hold every record of the persons concerned.
    Bids are served in order of most shared records, then older id, then the cluster's smallest record.
    """
    shares = [Counter(previous[record] for record in cluster if record in previous) for cluster in clusters]
    bids = sorted(
        (-held, person, min(clusters[index]), index) for index, share in enumerate(shares) for person, held in share.items()
    )
    names: dict[int, int] = {}
    owner: dict[int, int] = {}
    for _, person, _, index in bids:
        if index not in names and person not in owner:
            names[index] = person
            owner[person] = index
    absorbed: dict[int, int] = {}
    for _, person, _, index in bids:  # best bid first
        if person not in owner:
            absorbed.setdefault(person, index)
    return Naming(tuple(names.get(index) for index in range(len(clusters))), absorbed)

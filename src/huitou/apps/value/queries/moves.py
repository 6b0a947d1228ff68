"""How many persons stand in a better or a worse tier than at the end of last month, as counted with a run."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from huitou.apps.base.scope import Viewer
from huitou.apps.value.models import RunKind, ValueRun
from huitou.apps.value.schemes import InForce


@dataclass(frozen=True, slots=True)
class TierMoves:
    """
    Persons in reach whose tier rose or fell between the end of last month (`base`: its last computed day) and as_of. counts: by
    the tiers at both ends. stayed: who did neither, by tier; None where a run of an earlier release did not count them.
    """

    up: int
    down: int
    counts: Counter[tuple[str, str]]
    stayed: Counter[str] | None
    base: date
    as_of: date

    @property
    def persons(self) -> int:
        return self.up + self.down

    @property
    def stayed_persons(self) -> int:
        return 0 if self.stayed is None else self.stayed.total()


def tier_moves(viewer: Viewer, one: InForce) -> TierMoves | None:
    """
    Return the moves by home store in reach; None before they were counted, and where last month ended with tiers of other rules.
    """
    counted = ValueRun.objects.filter(kind_code=RunKind.FULL, moves__isnull=False).order_by("-pk")
    found = counted.values_list("as_of", f"moves__{one.code}").first()
    if found is None or found[1] is None or found[1]["number"] != one.number:
        return None
    as_of, kept = found
    counts: Counter[tuple[str, str]] = Counter()
    for store_id, before, now, persons in kept["rows"]:
        if viewer.store_ids is None or store_id in viewer.store_ids:
            counts[before, now] += persons
    stayed: Counter[str] | None = Counter() if "stayed" in kept else None
    if stayed is not None:
        for store_id, tier, persons in kept["stayed"]:
            if viewer.store_ids is None or store_id in viewer.store_ids:
                stayed[tier] += persons
    places = {code: place for place, code in enumerate(one.scheme.codes)}
    up = sum(persons for (before, now), persons in counts.items() if places[now] < places[before])
    return TierMoves(up, counts.total() - up, counts, stayed, date.fromisoformat(kept["base"]), as_of)

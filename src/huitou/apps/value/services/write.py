"""The differences between what a run found and what is stored, written in short transactions that log and tell each change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from huitou.apps.base import hooks, leases
from huitou.apps.base.bulk import ids_reserve, rows_write
from huitou.apps.base.hooks import Hook, TierMove, TiersChanged
from huitou.apps.base.pace import Pace
from huitou.apps.value import stored
from huitou.apps.value.models import StageChange, TierChange, ValueRun
from huitou.apps.value.schemes import InForce
from huitou.core.value.tiers import Places

Flags = npt.NDArray[np.bool_]
_TIER_CHANGE = ("id", "person_id", "scheme_id", "from_code", "to_code", "scheme_version", "run_id", "changed_on")
_STAGE_CHANGE = ("person_id", "from_stage", "to_stage", "run_id", "changed_on")


@dataclass(slots=True)
class Differences:
    """
    What a run found, in rising person_id, beside what is stored of the same persons (None where there is no row).

    changed: rows that differ; differing: the columns in which any does. moved: by scheme, whose tier changed and is news.
    gone: persons with a row and no facts.
    """

    run: ValueRun
    schemes: Sequence[InForce]
    person_ids: npt.NDArray[np.int64]
    new: dict[str, stored.Column]
    old: dict[str, stored.Column]
    known: Flags
    changed: Flags
    differing: tuple[str, ...]
    moved: Mapping[str, Flags]
    restaged: Flags
    gone: list[int]
    gone_rows: stored.Rows
    written: int = 0
    deleted: int = 0
    tier_changes: int = 0

    @classmethod
    def of(
        cls,
        run: ValueRun,
        person_ids: npt.NDArray[np.int64],
        columns: Mapping[str, npt.NDArray[np.float64]],
        places: Mapping[str, Places],
        schemes: Sequence[InForce],
        known: Flags,
        before: dict[str, stored.Column],
        old: stored.Rows,
        *,
        told: frozenset[str],
    ) -> "Differences":
        """Turn scores and places into stored columns and compare; `since` moves where the tier does."""
        new = {name: stored.whole_column(columns[name]) for name in stored.WHOLE}
        new |= {name: stored.share_column(columns[name]) for name in stored.SHARES}
        new |= {
            name: stored.code_column(np.nan_to_num(columns[name], nan=-1).astype(np.int8), codes)
            for name, codes in stored.CODES.items()
        }
        nobody = np.full(person_ids.size, None, dtype=object)
        today = run.as_of.isoformat()
        moved = {}
        in_force = {one.column: one for one in schemes}
        for column in stored.TIERS:
            one = in_force.get(column)
            since = f"{column}_since"
            if one is None:
                new[column] = new[since] = nobody
                continue
            new[column] = stored.code_column(places[one.code], one.scheme.codes)
            differs = known & (new[column] != before[column])
            is_news = differs if one.code in told else np.zeros_like(differs)
            moved[one.code] = is_news
            new[since] = np.where(is_news, today, np.where(differs, nobody, before[since]))
        new |= {name: stored.flag_column(columns[name]) if name in columns else nobody for name in stored.FLAGS}
        changed, differing = ~known, []
        for name in stored.COLUMNS:
            differs = new[name] != before[name]
            if differs.any():
                differing.append(name)
                changed |= differs
        stage = before["stage"]
        restaged = known & (stage != np.array(None)) & (new["stage"] != stage)
        is_gone = ~np.isin(old.person_ids, person_ids, assume_unique=True)
        gone_rows = stored.Rows(old.person_ids[is_gone], {name: values[is_gone] for name, values in old.columns.items()})
        return cls(
            run=run, schemes=schemes, person_ids=person_ids, new=new, old=before, known=known, changed=changed,
            differing=tuple(differing), moved=moved, restaged=restaged,
            gone=old.person_ids[is_gone].tolist(), gone_rows=gone_rows,
        )  # fmt: skip

    def coverage(self) -> dict[str, int]:
        """Return how many persons have an answer, by column; of a flag, for how many it is true."""
        counts = {name: int(np.count_nonzero(self.new[name] != np.array(None))) for name in stored.COLUMNS}
        return counts | {name: int(np.count_nonzero(self.new[name] == np.array(True))) for name in stored.FLAGS}


def differences_write(diff: Differences, *, lease: leases.Held, pace: Pace, now: datetime) -> None:
    """Write the rows that differ and delete those without facts. Cut short, it leaves whole persons, each with its log."""
    for positions in pace.cut(np.flatnonzero(diff.changed).tolist()):
        lease.check()
        with transaction.atomic():
            ids = diff.person_ids[positions].tolist()
            stored.rows_write(ids, diff.run.pk, diff.new, positions, diff.differing)
            diff.tier_changes += _tiers_log(diff, positions, now)
            _stages_log(diff, positions)
        diff.written += len(positions)
    for deleted in stored.rows_delete(diff.gone):
        lease.check()
        diff.deleted += deleted


def _tiers_log(diff: Differences, positions: list[int], now: datetime) -> int:
    """Log and tell the tier changes of these rows."""
    at = np.array(positions)
    changes = [(one, place) for one in diff.schemes for place in at[diff.moved[one.code][at]].tolist()]
    ids = ids_reserve(TierChange, len(changes))
    moves = tuple(
        TierMove(pk, int(diff.person_ids[place]), one.code, diff.old[one.column][place] or "", diff.new[one.column][place] or "")
        for pk, (one, place) in zip(ids, changes, strict=True)
    )
    told_as = (diff.run.pk, diff.run.as_of.isoformat())
    rows = [
        (move.change_id, move.person_id, one.scheme_id, move.from_code, move.to_code, one.number, *told_as)
        for move, (one, _) in zip(moves, changes, strict=True)
    ]
    rows_write(TierChange, _TIER_CHANGE, rows)
    if moves:
        hooks.run(Hook.TIERS_CHANGED, TiersChanged(moves, diff.run.pk, diff.run.as_of, now))
    return len(rows)


def _stages_log(diff: Differences, positions: list[int]) -> None:
    at = np.array(positions)
    told_as = (diff.run.pk, diff.run.as_of.isoformat())
    rows = [
        (int(diff.person_ids[place]), diff.old["stage"][place], diff.new["stage"][place], *told_as)
        for place in at[diff.restaged[at]].tolist()
    ]
    rows_write(StageChange, _STAGE_CHANGE, rows)

"""Values that identify nobody: found among the identifiers, blocked by hand, birthdays of far too many; they are forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.distinct import distinct
from huitou.core.identity.match import fields as f
from huitou.core.identity.match import notes, row_keys, runs
from huitou.core.identity.match.features import KIND_COLUMNS, Features, codes_of
from huitou.core.identity.match.keys import name_key
from huitou.core.identity.policy import KINDS, Policy

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hub:
    """A value of a kind (its code in KINDS) that identifies nobody; rows: its holders."""

    kind: int
    code: int
    rows: Ints
    names: int
    reason: str

    @property
    def kind_name(self) -> str:
        return KINDS[self.kind]


def hubs_and_pairs(features: Features, policy: Policy, bits: int, kind: int) -> tuple[list[Hub], Ints]:
    """
    Find the hubs among the identifiers of one kind, forget their values, and return the pairs that share what is left.

    Every kind has columns of its own, so that all of them can run side by side.
    """
    packed = _postings(features, kind, bits)
    starts, sizes = runs.sorted_runs(packed, bits)
    names = np.zeros(len(starts), np.int64)
    flags = notes.hub_flags(features.matrix, packed, bits, starts, sizes, policy.hub_records, policy.hub_names, names)
    found = [
        Hub(kind, _shared_code(features, kind, rows), np.sort(rows), int(names[at]), _hub_reason(int(sizes[at]), policy))
        for at in np.flatnonzero(flags)
        for rows in [packed[starts[at] : starts[at] + sizes[at]] & ((1 << bits) - 1)]
    ]
    blocked = _blocked(features, policy, kind)
    if kind == 0:
        notes.note_holders(features.matrix, packed, bits, starts[~flags], sizes[~flags], names[~flags])
    codes = {hub.code for hub in blocked}
    hubs = [hub for hub in found if hub.code not in codes] + blocked
    _forget(features, hubs)
    shared = runs.pairs_of(packed, bits, starts[~flags], sizes[~flags], policy.hub_records, len(features.ids))
    if blocked:
        gone = np.concatenate([hub.rows for hub in blocked])
        shared = shared[~(np.isin(shared // len(features.ids), gone) & np.isin(shared % len(features.ids), gone))]
    return hubs, shared


def _postings(features: Features, kind: int, bits: int) -> Ints:
    """Return the sorted packed keys of one kind of identifier, further ones included."""
    buffer = np.empty(len(features.ids), np.int64)
    packed = buffer[: row_keys.packed_keys(features.matrix, kind, bits, buffer)]
    if features.extras is not None:
        chosen = features.extras.kind == kind
        more = row_keys.packed_codes(features.extras.code[chosen], features.extras.row[chosen], kind, bits)
        return distinct(np.concatenate([packed, more]))
    packed.sort()
    return packed


def _hub_reason(size: int, policy: Policy) -> str:
    return "records" if size > policy.hub_records else "names"


def _shared_code(features: Features, kind: int, rows: Ints) -> int:
    """Return the code that all these rows hold."""
    held = features.matrix[rows, KIND_COLUMNS[kind]]
    if (held == held[0]).all():
        return int(held[0])
    sets = []
    for row, own in zip(rows.tolist(), held.tolist(), strict=True):
        sets.append({own, *features.links[features.spans[kind, row] : features.spans[kind, row + 1]].tolist()})
    return int(max(set.intersection(*sets), default=0))


def _blocked(features: Features, policy: Policy, kind: int) -> list[Hub]:
    """Return a hub for every value that the policy blocks and somebody holds."""
    values = sorted(policy.blocked_values(KINDS[kind]))
    if not values:
        return []
    found, extras = [], features.extras
    for code in codes_of(kind, pa.array(values, pa.string())).tolist():
        rows = np.flatnonzero(features.matrix[:, KIND_COLUMNS[kind]] == code) if code > 0 else np.empty(0, np.int64)
        if extras is not None and code > 0:
            rows = np.union1d(rows, extras.row[(extras.kind == kind) & (extras.code == code)])
        if len(rows):
            names = len({key for row in rows.tolist() if (key := name_key(features.matrix[row, f.NAME]))})
            found.append(Hub(kind, code, rows, names, "blocked"))
    return found


def _forget(features: Features, hubs: Sequence[Hub]) -> None:
    """Take hub values out of the matrix and the links; a record with another value of the kind keeps that one."""
    for hub in hubs:
        column = KIND_COLUMNS[hub.kind]
        held = hub.rows[features.matrix[hub.rows, column] == hub.code]
        features.matrix[held, column] = 0
        if column == f.CARD:
            features.matrix[held, f.CARD_CODE] = 0
        if not features.links.size:
            continue
        for row in hub.rows.tolist():
            low, high = features.spans[hub.kind, row], features.spans[hub.kind, row + 1]
            for at in range(low, high):
                if features.links[at] == hub.code:
                    features.links[at] = -at - 2  # equal to nothing
                elif features.links[at] > 0 and features.matrix[row, column] == 0:
                    features.matrix[row, column] = features.links[at]


def crowded_days(matrix: Ints) -> Ints:
    """Return birthdays that far too many records hold: what a form or a till writes when nobody said."""
    days = matrix[:, f.FACTS] & f.BIRTHDAY_MASK
    return crowded(*np.unique(days[days > 0], return_counts=True))


def drop_days(matrix: Ints, gone: Ints) -> None:
    if len(gone):
        matrix[np.isin(matrix[:, f.FACTS] & f.BIRTHDAY_MASK, gone), f.FACTS] &= ~np.int64(f.BIRTHDAY_MASK)


def crowded(days: Ints, counts: Ints) -> Ints:
    """Return those of these distinct days that far too many records hold; with few records none."""
    if counts.sum() < 5_000:
        return np.empty(0, np.int64)
    return days[counts > 10 * np.median(counts) + 20]

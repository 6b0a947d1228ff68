"""
The same method for any table of texts: a policy names the fields, the blocks and nothing else (Febrl is the example).

Levels are edit distances instead of typed comparisons; weights, components and guard are those of the retail matcher.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from huitou.core.distinct import distinct
from huitou.core.identity.match import clusters, runs
from huitou.core.identity.match.levels import Field
from huitou.core.identity.match.model import Model, fit, pattern_weights

Ints = npt.NDArray[np.int64]

_LEVELS = ("unknown", "equal", "one_edit", "two_edits", "swapped", "other")
_START = (0.0, 4.0, 3.0, 1.5, 3.0, -3.0)
_WIDTH = 24  # bytes of a value that are compared


@dataclass(frozen=True, slots=True)
class TextPolicy:
    """
    fields: column names to compare. blocks: field combinations; two records are compared when all fields of one are equal
    and known, in any order of the values. swapped: pairs of fields whose values are sometimes exchanged.
    largest_block: a block of more records says too little. threshold, doubt: as in Policy.
    """

    fields: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    swapped: tuple[tuple[str, str], ...] = ()
    largest_block: int = 60
    threshold: float = 0.5
    doubt: float = 8.0
    version: str = "texts-1"

    def __post_init__(self) -> None:
        named = {name for group in (*self.blocks, *self.swapped) for name in group}
        if not self.fields or not self.blocks or not named <= set(self.fields):
            raise ValueError(f"blocks and swapped fields must name fields of the policy: {sorted(named - set(self.fields))}")
        if len(self.fields) > 20:
            raise ValueError(f"at most 20 fields, got {len(self.fields)}")


FEBRL = TextPolicy(
    fields=(
        "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth",
        "soc_sec_id",
    ),
    blocks=(
        ("soc_sec_id",), ("date_of_birth",), ("given_name", "surname"), ("surname", "postcode"), ("given_name", "postcode"),
        ("given_name", "suburb"), ("surname", "suburb"), ("address_1", "street_number"), ("address_1", "suburb"),
        ("address_2", "suburb"), ("address_2", "postcode"), ("given_name", "address_1"), ("surname", "address_1"),
    ),
    swapped=(("given_name", "surname"),),
)  # fmt: skip


def resolve_texts(sources: Mapping[str, pa.Table], policy: TextPolicy, *, link_only: bool = False) -> pa.Table:
    """
    Return record_id, entity_id (the first record's id) for tables of text columns; values are compared in lower case.

    link_only: every table is free of duplicates, only records of different tables are compared. Raises ValueError without
    record_id or any of the policy's fields.
    """
    for code, table in sources.items():
        if "record_id" not in table.column_names or not set(policy.fields) & set(table.column_names):
            raise ValueError(f"table {code!r} needs record_id and some of {policy.fields}; it has {table.column_names}")
    ids = [str(record) for table in sources.values() for record in table.column("record_id").to_pylist()]
    order = np.argsort(np.array(ids), kind="stable") if ids else np.empty(0, np.int64)
    source = np.repeat(np.arange(len(sources)), [len(table) for table in sources.values()])[order]
    columns = {name: _values(sources, name)[order] for name in policy.fields}
    pairs = _pairs(columns, policy)
    if link_only:
        pairs = pairs[source[pairs // len(ids)] != source[pairs % len(ids)]]
    fields = tuple(Field(name, 3 * at, 3, _LEVELS) for at, name in enumerate(policy.fields))
    stacked = np.ascontiguousarray(np.stack([columns[name].view(np.uint8).reshape(len(ids), _WIDTH) for name in policy.fields]))
    partner = np.full(len(fields), -1, np.int64)
    for one, two in policy.swapped:
        partner[policy.fields.index(one)], partner[policy.fields.index(two)] = policy.fields.index(two), policy.fields.index(one)
    seen = text_patterns(stacked, partner, pairs, len(ids))
    distinct, counts = np.unique(seen, return_counts=True)
    start = Model("texts-start", (-1.0,), dict.fromkeys(policy.fields, _START))
    model = fit(distinct, counts, start, version=policy.version, strength=50.0, fields=fields)
    offset = log(policy.threshold / (1 - policy.threshold))
    weights = pattern_weights(distinct, model, fields)[np.searchsorted(distinct, seen)] - offset
    linked = weights > 0
    roots = clusters.roots_of(pairs[linked] // len(ids), pairs[linked] % len(ids), len(ids))
    roots = _guarded(roots, stacked, partner, model, fields, policy, offset)
    names = np.array(ids)[order]
    return pa.table({"record_id": pa.array(names.tolist()), "entity_id": pa.array(names[roots].tolist())})


def _values(sources: Mapping[str, pa.Table], name: str) -> npt.NDArray[np.bytes_]:
    found: list[bytes] = []
    for table in sources.values():
        texts = table.column(name).to_pylist() if name in table.column_names else [None] * len(table)
        found += [b"" if text is None else str(text).strip().lower().encode()[:_WIDTH] for text in texts]
    return np.array(found, f"S{_WIDTH}")


def _pairs(columns: Mapping[str, npt.NDArray[np.bytes_]], policy: TextPolicy) -> Ints:
    """Return the packed pairs that share all values of a block."""
    count = len(next(iter(columns.values())))
    codes = {name: np.unique(values, return_inverse=True)[1].astype(np.int64) for name, values in columns.items()}
    found = []
    for block in policy.blocks:
        known = np.flatnonzero(np.all([columns[name] != b"" for name in block], axis=0))
        key = np.zeros(len(known), np.int64)
        for name in block:
            key = key * (int(codes[name].max()) + 1) + codes[name][known]
        grouped = np.unique(key, return_inverse=True)[1].astype(np.int64)
        bits = runs.row_bits(count)
        packed = np.sort(grouped << bits | known)
        starts, sizes = runs.sorted_runs(packed, bits)
        found.append(runs.pairs_of(packed, bits, starts, sizes, policy.largest_block, count))
    return distinct(np.concatenate(found))


@njit(cache=True, nogil=True)
def edits(one, two):
    """Return the edits between two zero-padded byte strings: changes, swapped neighbours, signs more or less; 9 from three on."""
    size, other = 0, 0
    while size < one.size and one[size] != 0:
        size += 1
    while other < two.size and two[other] != 0:
        other += 1
    if abs(size - other) > 2:
        return 9
    table = np.zeros((size + 1, other + 1), np.int64)
    for i in range(size + 1):
        table[i, 0] = i
    for j in range(other + 1):
        table[0, j] = j
    for i in range(1, size + 1):
        for j in range(1, other + 1):
            cost = 0 if one[i - 1] == two[j - 1] else 1
            best = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == two[j - 2] and one[i - 2] == two[j - 1]:
                best = min(best, table[i - 2, j - 2] + 1)
            table[i, j] = best
    return table[size, other] if table[size, other] < 3 else 9


@njit(cache=True, nogil=True)
def text_patterns(stacked, partner, pairs, count):
    """Return the packed levels of each pair; stacked: (fields, records, bytes)."""
    found = np.zeros(pairs.size, np.int64)
    for at in range(pairs.size):
        i, j = pairs[at] // count, pairs[at] % count
        packed = np.int64(0)
        for field in range(stacked.shape[0]):
            level = np.int64(0)
            if stacked[field, i, 0] != 0 and stacked[field, j, 0] != 0:
                distance = edits(stacked[field, i], stacked[field, j])
                level = np.int64(1 if distance == 0 else 2 if distance == 1 else 3 if distance == 2 else 5)
                if level == 5 and partner[field] >= 0 and edits(stacked[field, i], stacked[partner[field], j]) <= 1:
                    level = np.int64(4)
            packed |= level << (3 * field)
        found[at] = packed
    return found


def _guarded(
    roots: Ints,
    stacked: npt.NDArray[np.uint8],
    partner: Ints,
    model: Model,
    fields: tuple[Field, ...],
    policy: TextPolicy,
    offset: float,
) -> Ints:
    """Part the components of three and more records where the doubts between members outweigh the links."""
    parted, count = roots.copy(), len(roots)
    sizes = np.bincount(roots, minlength=count)
    for root in np.flatnonzero(sizes >= 3):
        rows = np.flatnonzero(roots == root)
        left, right = np.triu_indices(len(rows), 1)
        seen = text_patterns(stacked, partner, rows[left] * count + rows[right], count)
        net = np.zeros((4, len(rows), len(rows)))
        weights = np.maximum(pattern_weights(seen, model, fields) - offset, -policy.doubt)
        for i, j, weight in zip(left, right, weights, strict=True):
            clusters.say(net, i, j, weight)
        group, alive = np.arange(len(rows)), np.ones(len(rows), bool)
        clusters.contract(net, group, alive, 0.0, rows, np.zeros(count, np.int64))
        parted[rows] = rows[group]
    return parted

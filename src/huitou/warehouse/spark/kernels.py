"""
What Spark's workers do with Arrow batches: the matcher's own parsers, keys, comparison and guard, a part of the rows at a time.

A record is a row (id, rank, row, names, chars): rank is the number that stands for it everywhere, row its 14 integers
(core.identity.match.fields), names the key of its whole name by sound and chars that of its very signs, 0: none.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.identity.match import blocks, clusters, notes, phones_alike, row_keys
from huitou.core.identity.match import fields as f
from huitou.core.identity.match.entities import MASKS, SHIFTS
from huitou.core.identity.match.features import KIND_COLUMNS, gather
from huitou.core.identity.match.fitting import drawn
from huitou.core.identity.match.keys import name_key
from huitou.core.identity.match.levels import patterns
from huitou.core.identity.policy import KINDS, WEAK_BLOCKS, Policy

Ints = npt.NDArray[np.int64]
Batches = Iterator[pa.RecordBatch]
Worker = Callable[[Batches], Batches]

RECORD = "id {id}, rank bigint, row array<bigint>, names bigint, chars bigint"
KEY = "rank bigint, phone bigint, store bigint, block int, key bigint"
PAIR = "a bigint, b bigint, block int, alike int"
COMPARED = "a bigint, b bigint, seen bigint, checked int"
LABEL = "rank bigint, label bigint"
NO_LINKS, NO_SPANS = np.empty(0, np.int64), np.zeros((len(KINDS), 1), np.int64)


def parsed(batches: Batches) -> Batches:
    """Parse text columns."""
    for batch in batches:
        if batch.num_rows:
            features = gather({"records": batch}, None)
            yield _records(features.ids, features.ranks, features.matrix)


def nicknamer(none: Ints) -> Worker:
    """Make nicknames of what was read as these names."""

    def name(batches: Batches) -> Batches:
        for batch in batches:
            matrix = matrix_of(batch.column("row"))
            notes.note_nicknames(matrix, np.flatnonzero(np.isin(_ints(batch.column("names")), none)))
            yield _records(batch.column("id"), _ints(batch.column("rank")), matrix)

    return name


def cleaner(hubs: Mapping[int, Ints], days: Ints) -> Worker:
    """Forget the codes of hubs, by kind, and birthdays that far too many records hold."""

    def clean(batches: Batches) -> Batches:
        for batch in batches:
            matrix = matrix_of(batch.column("row"))
            for kind, codes in hubs.items():
                held = np.isin(matrix[:, KIND_COLUMNS[kind]], codes)
                matrix[held, KIND_COLUMNS[kind]] = 0
                if KIND_COLUMNS[kind] == f.CARD:
                    matrix[held, f.CARD_CODE] = 0
            matrix[np.isin(matrix[:, f.FACTS] & f.BIRTHDAY_MASK, days), f.FACTS] &= ~np.int64(f.BIRTHDAY_MASK)
            yield _records(batch.column("id"), _ints(batch.column("rank")), matrix)

    return clean


def marked(batches: Batches) -> Batches:
    """Write the marks (column mark, of the facts) that other records with the same phone or name give a record."""
    for batch in batches:
        matrix = matrix_of(batch.column("row"))
        matrix[:, f.FACTS] |= _ints(batch.column("mark"))
        yield _records(batch.column("id"), _ints(batch.column("rank")), matrix)


def keyer(chosen: tuple[str, ...]) -> Worker:
    """Return the blocking keys of each record: its identifiers, and the chosen weak blocks; block: a place in BLOCKS."""
    allowed = np.zeros((len(row_keys.BLOCKS), 1), bool)
    allowed[: len(KINDS)] = True
    allowed[[len(KINDS) + WEAK_BLOCKS.index(name) for name in chosen]] = True

    def keys(batches: Batches) -> Batches:
        for batch in batches:
            matrix, ranks = matrix_of(batch.column("row")), _ints(batch.column("rank"))
            found = np.empty((len(row_keys.BLOCKS), len(matrix)), np.int64)
            row_keys.whole_keys(matrix, found)
            kinds, rows = np.nonzero(found * allowed)
            columns = ranks[rows], matrix[rows, f.PHONE], matrix[rows, f.STORE], kinds.astype(np.int32), found[kinds, rows]
            yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], ["rank", "phone", "store", "block", "key"])

    return keys


def paired(batches: Batches) -> Batches:
    """Say of the pairs of blocks by phone how alike the two are (null in other blocks)."""
    by_phone = np.array([row_keys.BLOCKS.index(name) for name in blocks.BY_PHONE])
    for batch in batches:
        alike, other = np.empty(batch.num_rows, np.int64), ~np.isin(_ints(batch.column("block")), by_phone)
        phones_alike.each_alike(_ints(batch.column("phone_a")), _ints(batch.column("phone_b")), alike)
        columns = [*(batch.column(name) for name in ("a", "b", "block")), pa.array(alike, pa.int32(), mask=other)]
        yield pa.RecordBatch.from_arrays(columns, ["a", "b", "block", "alike"])


def compared(batches: Batches) -> Batches:
    """Return the pattern of levels of each pair, and how many of its two sides verified a phone that both hold."""
    for batch in batches:
        left, right = matrix_of(batch.column("left_row")), matrix_of(batch.column("right_row"))
        count = len(left)
        matrix, seen = np.concatenate([left, right]), np.empty(count, np.int64)
        places = np.arange(count, dtype=np.int64)
        patterns(matrix, NO_LINKS, NO_SPANS, places * (2 * count) + places + count, 2 * count, seen)
        phone, marks = seen >> 4 & 7, matrix[:, f.FACTS] >> f.VERIFIED_SHIFT & 1
        checked = ((phone >= 1) & (phone <= 3)) * (marks[:count] + marks[count:])
        columns = [batch.column("a"), batch.column("b"), pa.array(seen), pa.array(checked.astype(np.int32))]
        yield pa.RecordBatch.from_arrays(columns, ["a", "b", "seen", "checked"])


def drawer(records: int) -> Worker:
    """Keep the records that pairs of strangers are drawn from."""

    def draw(batches: Batches) -> Batches:
        for batch in batches:
            yield batch.filter(pa.array(drawn(_ints(batch.column("rank")), records)))

    return draw


def guarder(policy: Policy, table: npt.NDArray[np.float64], priors: npt.NDArray[np.float64]) -> Callable[[pa.Table], pa.Table]:
    """Part whole components (rank, row, root) by the guard; label: the rank that stands for the entity."""

    def guard(part: pa.Table) -> pa.Table:
        part = part.sort_by([("root", "ascending"), ("rank", "ascending")])
        matrix, ranks, roots = matrix_of(part.column("row")), _ints(part.column("rank")), _ints(part.column("root"))
        count = len(ranks)
        members, labels, contested = np.arange(count), np.arange(count), np.zeros(count, np.int64)
        starts = np.append(np.flatnonzero(np.append(True, roots[1:] != roots[:-1])), count)
        clusters.guard(
            matrix, NO_LINKS, NO_SPANS, members, starts, ranks, table, SHIFTS, MASKS, priors, policy.doubt, policy.verified_bonus,
            np.empty(0, np.int64), np.empty(0, np.float64), count, policy.tie, labels, contested,
        )  # fmt: skip
        return pa.table({"rank": ranks, "label": ranks[labels]})

    return guard


def matrix_of(column: pa.Array | pa.ChunkedArray) -> Ints:
    """Return a list column as (n, WIDTH), to be written to."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return np.array(whole.flatten(), dtype=np.int64).reshape(-1, f.WIDTH)


def _records(ids: pa.Array, ranks: Ints, matrix: Ints) -> pa.RecordBatch:
    held = matrix[:, f.NAME]
    names = np.array([name_key(name) for name in held], np.int64)
    whole = (held >> f.KIND_SHIFT & f.KIND_MASK == f.FULL) & (held >> f.SECOND_SHIFT & f.SOUND_MASK != 0)
    rows = pa.ListArray.from_arrays(np.arange(0, matrix.size + 1, f.WIDTH, dtype=np.int32), pa.array(matrix.ravel()))
    columns = [ids, pa.array(ranks), rows, pa.array(names), pa.array(np.where(whole, matrix[:, f.CHARS], 0))]
    return pa.RecordBatch.from_arrays(columns, ["id", "rank", "row", "names", "chars"])


def _ints(column: pa.Array | pa.ChunkedArray) -> Ints:
    return np.array(column, dtype=np.int64)

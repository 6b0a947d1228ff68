"""
Which pairs are worth comparing: records that share a key of one of the BLOCKS.

Keys are hashed, packed with the row into one int64 and sorted; equal neighbours are a block.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.features import Features, gather
from huitou.core.identity.match.keys import mixed, mixed_all, name_key
from huitou.core.identity.match.levels import near_numbers
from huitou.core.identity.policy import KINDS, WEAK_BLOCKS

Ints = npt.NDArray[np.int64]

BLOCKS = (*KINDS, *WEAK_BLOCKS)
_KINDS, _WEAK = len(KINDS), len(WEAK_BLOCKS)
_RARE = BLOCKS.index("rare_name")
_PARTS = 2  # stretches whose keys are made side by side
_KEYS_AT_ONCE = 24_000_000  # keys held in memory at a time
BY_PHONE = ("masked_phone", "masked_store", "near_phone", "near_store")  # of their pairs only those with phones alike are kept
EQUAL, APART, NEAR, MASKED = range(4)  # how two phones of such a block are alike
NEAR_BY_CHANCE = 39 / 9_960  # four free figures: 36 numbers differ in one of them, 3 by two neighbours swapped
NICKNAME_RECORDS, NICKNAME_TIMES = 30, 20  # so many of one "name", and so many times what chance would give: 向日葵 is nobody's
FEW = 5  # records of one name, for it to be rare
IDENTIFIERS = len(KINDS)  # the first blocks hold equal identifiers
LARGEST = dict(
    zip(WEAK_BLOCKS, (12, 12, 12, 12, 8, 8, 12, 6, FEW, 3, 6, 12, 6), strict=True)
)  # records; a larger weak block says too little


@njit(cache=True, nogil=True)
def identifier_key(row, kind):
    """Return the key of one record's identifier, 0: none."""
    value = row[f.PHONE if kind == 0 else f.CARD if kind == 1 else f.OPENID if kind == 2 else f.UNIONID if kind == 3 else f.EMAIL]
    return mixed(value + kind * 7919) if value > 0 else np.int64(0)


@njit(cache=True, nogil=True)
def weak_keys(row, keys):
    """Write the key of one record for each of WEAK_BLOCKS, in order, 0: none."""
    keys[:] = 0
    name, facts, store, phone, unit = row[f.NAME], row[f.FACTS], row[f.STORE], row[f.PHONE], row[f.UNIT]
    birthday = facts & f.BIRTHDAY_MASK
    whole_day = birthday > 18_000_000 and birthday % 100 != 0
    mobile = phone != 0 and phone < 1 << 60
    family = name & f.SURNAME_MASK
    if mobile and (family != 0 or store != 0):
        tail = phone // 100000000 * 10000 + phone % 10000 if phone > 0 else -phone
        head = phone // 10000 if phone > 0 else np.int64(0)
        if family != 0:
            keys[3] = mixed(mixed(tail + 211) + family)
            keys[11] = mixed(mixed(head + 811) + family) if head != 0 else np.int64(0)
        if store != 0:
            keys[10] = mixed(mixed(tail + 711) ^ store)
            keys[12] = mixed(mixed(head + 911) ^ store) if head != 0 else np.int64(0)
    if row[f.MAILBOX] != 0:
        keys[5] = mixed(row[f.MAILBOX] + 251)
    if whole_day and unit != 0:
        keys[7] = mixed(mixed(birthday + 411) ^ unit)
    full = name_key(name)
    if full == 0:
        return
    if whole_day:
        keys[0] = mixed(full ^ mixed(birthday % 10000 + 31))
    if mobile:
        keys[1] = mixed(full ^ mixed(abs(phone) % 10000 + 131))
        if phone > 0:
            keys[2] = mixed(full ^ mixed(phone // 10000 + 171))
    if row[f.PLACE] != 0:
        keys[4] = mixed(full ^ mixed(row[f.PLACE]))
    code = row[f.CARD_CODE]
    if code != 0:
        keys[6] = mixed(full ^ mixed((code % 1_679_616 if code > 0 else -code - 1) + 311))
    namesakes = facts >> f.NAMESAKES_SHIFT & 3
    if namesakes != 0:
        keys[8] = mixed(row[f.CHARS] + 511)
    elif store != 0 and facts >> f.FREQUENCY_SHIFT & 3 != 2:
        keys[9] = mixed(mixed(row[f.CHARS] + 611) ^ store)


@njit(cache=True, nogil=True)
def stretch_keys(matrix, low, high, wanted, bits, found, counts):
    """Write key (high bits) | row into found[w] for the rows low..high - 1 that have a key of block wanted[w]; count them."""
    keys, mask = np.zeros(_WEAK, np.int64), (np.int64(1) << bits) - 1
    for row in range(low, high):
        weak_keys(matrix[row], keys)
        for which in range(wanted.size):
            key = keys[wanted[which]]
            if key != 0:
                found[which, counts[which]] = key & ~mask | row
                counts[which] += 1


@njit(cache=True, nogil=True)
def note_namesakes(matrix, packed, bits, starts, sizes, holders, few):
    """
    Mark how many records hold the same characters as a name: 1 two, 2 three, 3 up to `few`, 0 more. holders: of each run, how
    many there are in all; sizes: how many of them are here.
    """
    mask = (np.int64(1) << bits) - 1
    for run in range(starts.size):
        held = np.int64(holders[run] - 1 if holders[run] <= 3 else 3 if holders[run] <= few else 0) << f.NAMESAKES_SHIFT
        for at in range(starts[run], starts[run] + sizes[run]):
            matrix[packed[at] & mask, f.FACTS] |= held


@njit(cache=True, nogil=True)
def char_keys(matrix, bits, found):
    """Write the key of the characters | row of every whole name with two given ones; return how many."""
    count, mask = 0, (np.int64(1) << bits) - 1
    for row in range(matrix.shape[0]):
        name = matrix[row, f.NAME]
        if name >> f.KIND_SHIFT & f.KIND_MASK == f.FULL and name >> f.SECOND_SHIFT & f.SOUND_MASK != 0:
            found[count] = mixed(matrix[row, f.CHARS]) & ~mask | row
            count += 1
    return count


@njit(cache=True, nogil=True)
def packed_keys(matrix, kind, bits, found):
    """Write key (high bits) | row into `found` for every record that has the identifier; return how many."""
    count, mask = 0, (np.int64(1) << bits) - 1
    for row in range(matrix.shape[0]):
        key = identifier_key(matrix[row], kind)
        if key != 0:
            found[count] = key & ~mask | row
            count += 1
    return count


@njit(cache=True, nogil=True)
def whole_keys(matrix, found):
    """Write the keys of every record for all BLOCKS into found (blocks, records), 0: none."""
    keys = np.zeros(_WEAK, np.int64)
    for row in range(matrix.shape[0]):
        for kind in range(_KINDS):
            found[kind, row] = identifier_key(matrix[row], kind)
        weak_keys(matrix[row], keys)
        for kind in range(_WEAK):
            found[_KINDS + kind, row] = keys[kind]


@njit(cache=True, nogil=True)
def runs(packed, bits, starts, sizes, smallest):
    """Write start and size of each run of equal keys of at least `smallest`; return how many."""
    count, begin = 0, 0
    for at in range(1, packed.size + 1):
        if at == packed.size or packed[at] >> bits != packed[begin] >> bits:
            if at - begin >= smallest:
                starts[count], sizes[count] = begin, at - begin
                count += 1
            begin = at
    return count


@njit(cache=True, nogil=True)
def run_pairs(packed, bits, starts, sizes, largest, total, pairs):
    """Write all pairs (left row < right row, packed left * total + right) of the runs up to `largest`; return how many."""
    count, mask = 0, (np.int64(1) << bits) - 1
    for run in range(starts.size):
        if sizes[run] > largest:
            continue
        for one in range(starts[run], starts[run] + sizes[run]):
            for two in range(one + 1, starts[run] + sizes[run]):
                left, right = packed[one] & mask, packed[two] & mask
                if left != right:
                    pairs[count] = min(left, right) * total + max(left, right)
                    count += 1
    return count


@njit(cache=True, nogil=True)
def distinct_names(matrix, packed, bits, start, size):
    """How many different whole names (by sound) hold this value? Counts to at most 64 records."""
    seen, count, mask = np.empty(64, np.int64), 0, (np.int64(1) << bits) - 1
    for at in range(start, start + min(size, 64)):
        key = name_key(matrix[packed[at] & mask, f.NAME])
        if key == 0:
            continue
        new = True
        for other in range(count):
            new &= seen[other] != key
        if new:
            seen[count] = key
            count += 1
    return count


@njit(cache=True, nogil=True)
def hub_flags(matrix, packed, bits, starts, sizes, hub_records, hub_names, names):
    """Write the number of names of each run; return flags of the runs that identify nobody."""
    flags = np.zeros(starts.size, np.bool_)
    for run in range(starts.size):
        if sizes[run] > 2 or sizes[run] >= hub_names:
            names[run] = distinct_names(matrix, packed, bits, starts[run], sizes[run])
        flags[run] = sizes[run] > hub_records or names[run] >= hub_names
    return flags


@njit(cache=True, nogil=True)
def note_holders(matrix, packed, bits, starts, sizes, names):
    """
    Mark the holders of each value: 1 two records, 2 more under one full name at most, 3 more under several names; and for
    each how many records, names, named records and records of its own name hold it.
    """
    mask, keys = (np.int64(1) << bits) - 1, np.empty(15, np.int64)
    for run in range(starts.size):
        size = min(sizes[run], 15)
        held = np.int64(1 if size <= 2 else 2 if names[run] <= 1 else 3) << f.HOLDERS_SHIFT
        named = 0
        for at in range(size):
            keys[at] = name_key(matrix[packed[starts[run] + at] & mask, f.NAME])
            named += keys[at] != 0
        different = distinct_names(matrix, packed, bits, starts[run], size)
        for at in range(starts[run], starts[run] + sizes[run]):
            row = packed[at] & mask
            matrix[row, f.FACTS] = matrix[row, f.FACTS] & ~(np.int64(15) << f.HOLDERS_SHIFT) | held
            mine, own = 0, keys[min(at - starts[run], 14)]
            for other in range(size):
                mine += own != 0 and keys[other] == own
            matrix[row, f.FACTS] |= np.int64(size | different << 4 | named << 8 | mine << 12) << f.STANDING_SHIFT


@njit(cache=True, nogil=True)
def nickname_flags(matrix, packed, bits, starts, sizes):
    """
    Return flags of the runs of names that are none: held by many, and by far more than would be if surname and given sounds
    met by chance.
    """
    mask, flags, total = (np.int64(1) << bits) - 1, np.zeros(starts.size, np.bool_), max(packed.size, 1)
    family, one, two = np.zeros(f.SURNAME_MASK + 1), np.zeros(f.SOUND_MASK + 1), np.zeros(f.SOUND_MASK + 1)
    for at in range(packed.size):
        name = matrix[packed[at] & mask, f.NAME]
        family[name & f.SURNAME_MASK] += 1
        one[name >> f.FIRST_SHIFT & f.SOUND_MASK] += 1
        two[name >> f.SECOND_SHIFT & f.SOUND_MASK] += 1
    for run in range(starts.size):
        if sizes[run] >= NICKNAME_RECORDS:
            usual = 0.0
            for at in range(starts[run], starts[run] + sizes[run]):
                name = matrix[packed[at] & mask, f.NAME]
                given = one[name >> f.FIRST_SHIFT & f.SOUND_MASK] * two[name >> f.SECOND_SHIFT & f.SOUND_MASK]
                usual = max(usual, family[name & f.SURNAME_MASK] * given / total / total)
            flags[run] = sizes[run] >= NICKNAME_TIMES * usual
    return flags


@njit(cache=True, nogil=True)
def note_nicknames(matrix, rows):
    """Make nicknames of what was read as the names of these rows."""
    for at in range(rows.size):
        row = rows[at]
        if matrix[row, f.CHARS] == 0:
            matrix[row, f.CHARS] = mixed(name_key(matrix[row, f.NAME]))
        matrix[row, f.NAME] = np.int64(f.NICKNAME) << f.KIND_SHIFT


@njit(cache=True, nogil=True)
def note_frequency(matrix, packed, bits, starts, sizes, medium, common):
    mask = (np.int64(1) << bits) - 1
    for run in range(starts.size):
        level = np.int64(2 if sizes[run] >= common else 1 if sizes[run] >= medium else 0) << f.FREQUENCY_SHIFT
        for at in range(starts[run], starts[run] + sizes[run]):
            row = packed[at] & mask
            matrix[row, f.FACTS] = matrix[row, f.FACTS] & ~(np.int64(3) << f.FREQUENCY_SHIFT) | level


@njit(cache=True, nogil=True)
def name_keys(matrix, bits, found):
    count, mask = 0, (np.int64(1) << bits) - 1
    for row in range(matrix.shape[0]):
        key = name_key(matrix[row, f.NAME])
        if key != 0:
            found[count] = mixed(key) & ~mask | row
            count += 1
    return count


@njit(cache=True, nogil=True)
def alike(left, right):
    """Say how two phones of one block are alike: EQUAL, APART, NEAR or MASKED."""
    if left < 0 or right < 0:
        return MASKED
    if left == right:
        return EQUAL
    return NEAR if near_numbers(left, right, np.int64(10), np.int64(11)) else APART


@njit(cache=True, nogil=True)
def each_alike(left, right, found):
    for at in range(left.size):
        found[at] = alike(left[at], right[at])


@njit(cache=True, nogil=True)
def alike_pairs(matrix, pairs, count, kept, numbers):
    """Write the pairs with a near or masked phone into `kept`; return how many. numbers: how many pairs are alike in each way."""
    found = 0
    for at in range(pairs.size):
        how = alike(matrix[pairs[at] // count, f.PHONE], matrix[pairs[at] % count, f.PHONE])
        numbers[how] += 1
        if how >= NEAR:
            kept[found] = pairs[at]
            found += 1
    return found


@njit(cache=True, nogil=True)
def stated_phones(matrix, numbers):
    """Count the records with a store that hold a whole phone and a masked one."""
    for row in range(matrix.shape[0]):
        if matrix[row, f.STORE] != 0:
            numbers[0] += matrix[row, f.PHONE] > 0
            numbers[1] += matrix[row, f.PHONE] < 0


def row_bits(count: int) -> int:
    return max(1, int(count).bit_length())


def sorted_runs(packed: Ints, bits: int, smallest: int = 2) -> tuple[Ints, Ints]:
    """Return starts and sizes of the runs of equal keys in a sorted array."""
    starts, sizes = np.empty(packed.size // smallest + 1, np.int64), np.empty(packed.size // smallest + 1, np.int64)
    count = runs(packed, bits, starts, sizes, smallest)
    return starts[:count], sizes[:count]


def weak_pairs(matrix: Ints, bits: int, names: Sequence[str], pool: Executor, crowds: "Crowds | None" = None) -> list[Ints]:
    """
    Return the packed pairs of each of these blocks beyond the identifiers; keys are made for some blocks in one pass.

    crowds: what is known of the whole data when this is a part of it.
    """
    count, pairs = len(matrix), list[Ints]()
    at_once = max(1, _KEYS_AT_ONCE // max(count, 1))
    for first in range(0, len(names), at_once):
        group = names[first : first + at_once]
        wanted = np.array([WEAK_BLOCKS.index(name) for name in group], np.int64)

        def keys_of(stretch: tuple[int, int], wanted: Ints = wanted) -> list[Ints]:
            low, high = stretch
            found, counts = np.empty((len(wanted), high - low), np.int64), np.zeros(len(wanted), np.int64)
            stretch_keys(matrix, low, high, wanted, bits, found, counts)
            return [found[which, : counts[which]] for which in range(len(wanted))]

        parts = list(pool.map(keys_of, [(count * part // _PARTS, count * (part + 1) // _PARTS) for part in range(_PARTS)]))

        def pairs_by(which: int, parts: list[list[Ints]] = parts, group: Sequence[str] = group) -> Ints:
            packed = np.concatenate([part[which] for part in parts])
            packed.sort()
            starts, sizes = sorted_runs(packed, bits)
            if crowds is not None:
                sizes = np.where(crowds.of(group[which], packed[starts], bits) > LARGEST[group[which]], 0, sizes)
            return pairs_of(packed, bits, starts, sizes, LARGEST[group[which]], count)

        pairs += pool.map(pairs_by, range(len(group)))
    return pairs


def alike_of(matrix: Ints, pairs: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of a block whose phones are near each other or masked, and how many are EQUAL, APART, NEAR, MASKED."""
    kept, numbers = np.empty(len(pairs), np.int64), np.zeros(4, np.int64)
    found = alike_pairs(matrix, pairs, max(len(matrix), 1), kept, numbers)
    return kept[:found].copy(), numbers


def stated_of(matrix: Ints) -> tuple[int, int]:
    """Return how many records with a store hold a whole phone and a masked one."""
    numbers = np.zeros(2, np.int64)
    stated_phones(matrix, numbers)
    return int(numbers[0]), int(numbers[1])


def chances(counted: Mapping[str, Ints], stated: tuple[int, int]) -> dict[str, float]:
    """
    Return the share of the pairs with one store that came together by chance, per kind of tie: two whole numbers that are
    apart are two numbers, and of such pairs so many would be near or, had one been masked, would end alike.

    counted: per block what `alike_of` counts. stated: what `stated_of` returns.
    """
    shares = {}
    if (ends := counted.get("masked_store")) is not None:
        whole, hidden = (float(number) for number in stated)
        shares["masked_store"] = ends[APART] * (hidden * whole + hidden**2 / 2) / max(whole**2 / 2, 1.0) / max(ends[MASKED], 1)
    near = [counted[name] for name in ("masked_store", "near_store") if name in counted]
    if near:
        apart, alike = (float(sum(numbers[how] for numbers in near)) for how in (APART, NEAR))
        shares["near_store"] = apart * NEAR_BY_CHANCE / max(alike, 1.0)
    return shares


Ask = Callable[[Ints, Ints], Ints]  # kinds (places in BLOCKS) and keys -> how many records of the whole data hold each


@dataclass(frozen=True, slots=True)
class Crowds:
    """How many records of the whole data hold a blocking key, where only a part of them is here: per block keys and counts."""

    counts: Mapping[str, tuple[Ints, Ints]]

    @classmethod
    def asked(cls, features: Features, ask: "Ask") -> "Crowds":
        """Ask for the keys of these records."""
        _, kinds, keys = weak_keys_of(features)
        records, counts = ask(kinds, keys), {}
        for kind in np.unique(kinds).tolist():
            chosen = np.flatnonzero(kinds == kind)
            order = chosen[np.argsort(keys[chosen], kind="stable")]
            counts[BLOCKS[kind]] = keys[order], records[order]
        return cls(counts)

    def of(self, kind: str, keys: Ints, bits: int = 0) -> Ints:
        """Return the count of each key, 0 where none is known; `bits` low bits of a key do not count."""
        known, records = self.counts.get(kind, (np.empty(0, np.int64), np.empty(0, np.int64)))
        if not len(known):
            return np.zeros(len(keys), np.int64)
        at = np.minimum(np.searchsorted(known >> bits, keys >> bits), len(known) - 1)
        return np.where(known[at] >> bits == keys >> bits, records[at], 0)


def weak_keys_of(features: Features) -> tuple[Ints, Ints, Ints]:
    """Return row, kind (a place in BLOCKS) and key of every key that is no identifier."""
    found = np.empty((len(BLOCKS), len(features.matrix)), np.int64)
    whole_keys(features.matrix, found)
    found[_RARE] = _rare_keys(features.matrix)
    kinds, rows = np.nonzero(found[IDENTIFIERS:])
    return rows, kinds + IDENTIFIERS, found[kinds + IDENTIFIERS, rows]


def block_keys(sources: Mapping[str, pa.Table], *, identifiers: pa.Table | None = None) -> pa.Table:
    """
    Return record_id, kind, key: one row per blocking key of a record. Two records are compared when they share a row's
    (kind, key) and not too many records hold it (LARGEST), so that who shares one is all that a changed record can concern.
    Every whole name of three signs has a key of the block of rare names: how many hold the key tells whether it is rare.
    """
    features = gather(sources, identifiers)
    rows, kinds, keys = [], [], []
    found = np.empty((len(BLOCKS), len(features.matrix)), np.int64)
    whole_keys(features.matrix, found)
    found[_RARE] = _rare_keys(features.matrix)
    for kind in range(len(BLOCKS)):
        held = np.flatnonzero(found[kind])
        rows.append(held)
        kinds.append(np.full(len(held), kind))
        keys.append(found[kind, held])
        if features.extras is not None and kind < IDENTIFIERS:
            chosen = features.extras.kind == kind
            rows.append(features.extras.row[chosen])
            kinds.append(np.full(int(chosen.sum()), kind))
            keys.append(packed_codes(features.extras.code[chosen], np.zeros(int(chosen.sum()), np.int64), kind, 0))
    unique = np.unique(np.stack([np.concatenate(rows), np.concatenate(kinds), np.concatenate(keys)]), axis=1)
    return pa.table({
        "record_id": features.ids.take(pa.array(unique[0])),
        "kind": pa.array(BLOCKS).take(pa.array(unique[1])),
        "key": pa.array(unique[2]),
    })  # fmt: skip


def _rare_keys(matrix: Ints) -> Ints:
    """Return for every record the key of the block of rare names as if its name were one, 0: none."""
    names = matrix[:, f.NAME]
    whole = (names >> f.KIND_SHIFT & f.KIND_MASK == f.FULL) & (names >> f.SECOND_SHIFT & f.SOUND_MASK != 0)
    return np.where(whole, rare_key(matrix[:, f.CHARS]), 0)


def rare_key(chars: Ints) -> Ints:
    """Return the keys of the block of rare names, by the hashes of the names' signs."""
    return np.asarray(mixed_all(np.ascontiguousarray(chars + 511)))


def pairs_of(packed: Ints, bits: int, starts: Ints, sizes: Ints, largest: int, total: int) -> Ints:
    kept = sizes[sizes <= largest]
    pairs = np.empty(int((kept * (kept - 1) // 2).sum()), np.int64)
    return pairs[: run_pairs(packed, bits, starts, sizes, largest, total, pairs)]


@njit(cache=True, nogil=True)
def note_known_frequency(matrix, packed, bits, counts, medium, common):
    """As `note_frequency`, from counts of a whole chain; counts: one per run of `packed`, in order."""
    mask, run = (np.int64(1) << bits) - 1, -1
    for at in range(packed.size):
        if at == 0 or packed[at] >> bits != packed[at - 1] >> bits:
            run += 1
        row = packed[at] & mask
        level = np.int64(2 if counts[run] >= common else 1 if counts[run] >= medium else 0) << f.FREQUENCY_SHIFT
        matrix[row, f.FACTS] = matrix[row, f.FACTS] & ~(np.int64(3) << f.FREQUENCY_SHIFT) | level


@njit(cache=True, nogil=True)
def packed_codes(codes, rows, block, bits):
    """As `packed_keys`, for further identifiers."""
    found, mask = np.empty(codes.size, np.int64), (np.int64(1) << bits) - 1
    for at in range(codes.size):
        found[at] = mixed(codes[at] + block * 7919) & ~mask | rows[at]
    return found

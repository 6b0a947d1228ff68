"""The run itself: features -> hubs -> candidate pairs -> weights -> components -> guard."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import log
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.identity.match import blocks, clusters
from huitou.core.identity.match import fields as f
from huitou.core.identity.match.density import lowered, near_shares
from huitou.core.identity.match.features import KIND_COLUMNS, Features, chunks_of, codes_of
from huitou.core.identity.match.keys import mixed_all, name_key
from huitou.core.identity.match.levels import CONTRADICTION, FIELDS, patterns
from huitou.core.identity.match.model import BUILT_IN, Floats, Model, fit, pattern_weights
from huitou.core.identity.match.parse.text import smallest_texts
from huitou.core.identity.match.tally import Tally, summed, tally
from huitou.core.identity.policy import KINDS, Policy

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Runs = tuple[Ints, Ints, Ints]  # sorted packed keys, the start and the size of each run of equal ones

LARGEST_COMPONENT = 120  # records; a larger one is cut at its weaker links before the guard looks at it
SHIFTS = np.array([one.shift for one in FIELDS], np.int64)
MASKS = np.array([(1 << one.bits) - 1 for one in FIELDS], np.int64)
SMALL = 2_000  # records; fewer are matched in one thread, and never fitted to
_RANDOM_ROWS = 40_000  # records that pairs of strangers are drawn from
_COMPONENTS = 4_000  # components guarded in one go
_WHOLE = 0.8  # of a model's records: with fewer, a name that looks rare here may be common elsewhere
_PART = 100_000  # pairs compared in one go
_COMMON_NAMES = 60_000  # name keys kept in a model


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


@dataclass(frozen=True, slots=True)
class Names:
    """What a model keeps of names: the keys of those that are not rare and how often each occurs, and of those that are none."""

    counted: Mapping[int, int]
    nicknames: Sequence[int]


@dataclass(frozen=True, slots=True)
class Match:
    """
    pairs: packed candidates (left row * n + right row, left < right). patterns, weights: of each; weights are log odds
    over the threshold. roots: (n,) the row that stands for the entity. contested: (n,) 0/1.
    """

    features: Features
    pairs: Ints
    patterns: Ints
    weights: Floats
    roots: Ints
    contested: Ints
    hubs: Sequence[Hub]
    model: Model
    joins: Ints


def match(
    features: Features,
    policy: Policy,
    joins: Ints,
    vetoes: Ints,
    model: Model | None,
    scorer: Callable[[Ints], Floats] | None = None,
    crowds: blocks.Crowds | None = None,
) -> Match:
    """
    Find the entities. joins, vetoes: sorted packed pairs decided by hand. scorer: log odds of patterns, not the model's.
    crowds: what is known of the whole data when this is a part of it.
    """
    if len(features.ids) < SMALL:
        return _match(features, policy, joins, vetoes, model, scorer, crowds, InTurn())
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # the kernels let go of the interpreter's lock
        return _match(features, policy, joins, vetoes, model, scorer, crowds, pool)


class InTurn(Executor):
    """Does at once what it is given: for few records threads cost more than they do."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done

    def map(
        self, fn: Callable[..., T], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        return iter([fn(*each) for each in zip(*iterables, strict=False)])


def _match(
    features: Features,
    policy: Policy,
    joins: Ints,
    vetoes: Ints,
    model: Model | None,
    scorer: Callable[[Ints], Floats] | None,
    crowds: blocks.Crowds | None,
    pool: Executor,
) -> Match:
    matrix, count = features.matrix, len(features.ids)
    bits = blocks.row_bits(count)
    hubs, names, own = _identified(features, policy, bits, model, crowds, pool)
    random = pool.submit(_random_patterns, features) if model is None and count >= SMALL else None
    weak, chance = _weak_pairs(matrix, bits, policy, crowds, pool)
    pairs = _distinct(np.concatenate([*own, *weak, joins]))
    del own, weak  # at ten million records half a gigabyte
    seen = np.empty(len(pairs), np.int64)
    parts = [slice(low, low + _PART) for low in range(0, len(pairs), _PART)]

    def compare(part: slice) -> Tally:
        patterns(matrix, features.links, features.spans, pairs[part], count, seen[part])
        return tally(seen[part])

    tallies = list(pool.map(compare, parts))
    distinct, counts, places = summed(tallies)
    used = fitted_model(distinct, counts, model, policy, names, count, chance, random, lambda: matrix[_drawn_rows(features)])
    offset = log(policy.threshold / (1 - policy.threshold))
    table = used.table()
    by_pattern = (pattern_weights(distinct, used) if scorer is None else scorer(distinct)) - offset
    weights = np.empty(len(pairs))

    def weigh(part: slice, one: Tally, among: Ints) -> None:
        weights[part] = by_pattern[among][one.places]

    list(pool.map(weigh, parts, tallies, places))
    del tallies
    weights += policy.verified_bonus * _verified(matrix, seen, pairs, count)
    linked = (weights > 0) & (seen & CONTRADICTION == 0)
    forced, values = _forced(joins, vetoes)
    if len(forced):
        linked[np.isin(pairs, joins)] = True
        linked[np.isin(pairs, vetoes)] = False
    roots, contested = _entities(
        features, pairs[linked], weights[linked], policy, table, np.array(used.priors) - offset, forced, values, count, pool
    )
    return Match(features, pairs, seen, weights, roots, contested, hubs, used, joins)


def _identified(
    features: Features, policy: Policy, bits: int, model: Model | None, crowds: blocks.Crowds | None, pool: Executor
) -> tuple[list[Hub], Names, list[Ints]]:
    """Find hubs, note what each record needs to know of the others, and return the pairs that share an identifier per kind."""
    matrix = features.matrix
    days, names = pool.submit(_crowded_days, matrix), pool.submit(_name_runs, matrix, bits).result()
    names, nicknames = _without_nicknames(matrix, bits, names, model, policy.enough_names)
    kinds = [pool.submit(_identifier, features, policy, bits, kind) for kind in range(len(KINDS))]
    signs = pool.submit(_sign_runs, matrix, bits)
    found = [kind.result() for kind in kinds]
    _drop_days(matrix, days.result())
    counted = _note_frequencies(matrix, bits, names, signs.result(), model, policy.enough_names, crowds)
    told = Names(counted, nicknames)
    return [hub for hubs, _ in found for hub in hubs], told, [shared for _, shared in found]


def _weak_pairs(
    matrix: Ints, bits: int, policy: Policy, crowds: blocks.Crowds | None, pool: Executor
) -> tuple[list[Ints], dict[str, float]]:
    """Return the pairs that share something weaker, per block, and how many of a block came together by chance, where counted."""
    weak: dict[str, Ints] = dict(zip(policy.blocks, blocks.weak_pairs(matrix, bits, policy.blocks, pool, crowds), strict=True))
    chosen = [name for name in blocks.BY_PHONE if name in weak]
    kept = dict(zip(chosen, pool.map(lambda name: blocks.alike_of(matrix, weak[name]), chosen), strict=True))
    weak.update((name, pairs) for name, (pairs, _) in kept.items())
    counted = {name: numbers for name, (_, numbers) in kept.items()}
    return list(weak.values()), blocks.chances(counted, blocks.stated_of(matrix))


def _distinct(found: Ints) -> Ints:
    found.sort()
    if not len(found):
        return found
    kept = np.ones(len(found), bool)
    kept[1:] = found[1:] != found[:-1]
    return found[kept]


def _identifier(features: Features, policy: Policy, bits: int, kind: int) -> tuple[list[Hub], Ints]:
    """
    Find the hubs among the identifiers of one kind, forget their values, and return the pairs that share what is left.

    Every kind has columns of its own, so that all of them can run side by side.
    """
    packed = _postings(features, kind, bits)
    starts, sizes = blocks.sorted_runs(packed, bits)
    names = np.zeros(len(starts), np.int64)
    flags = blocks.hub_flags(features.matrix, packed, bits, starts, sizes, policy.hub_records, policy.hub_names, names)
    found = [
        Hub(kind, _shared_code(features, kind, rows), np.sort(rows), int(names[at]), _hub_reason(int(sizes[at]), policy))
        for at in np.flatnonzero(flags)
        for rows in [packed[starts[at] : starts[at] + sizes[at]] & ((1 << bits) - 1)]
    ]
    blocked = _blocked(features, policy, kind)
    if kind == 0:
        blocks.note_holders(features.matrix, packed, bits, starts[~flags], sizes[~flags], names[~flags])
    codes = {hub.code for hub in blocked}
    hubs = [hub for hub in found if hub.code not in codes] + blocked
    _forget(features, hubs)
    shared = blocks.pairs_of(packed, bits, starts[~flags], sizes[~flags], policy.hub_records, len(features.ids))
    if blocked:
        gone = np.concatenate([hub.rows for hub in blocked])
        shared = shared[~(np.isin(shared // len(features.ids), gone) & np.isin(shared % len(features.ids), gone))]
    return hubs, shared


def _postings(features: Features, kind: int, bits: int) -> Ints:
    """Return the sorted packed keys of one kind of identifier, further ones included."""
    buffer = np.empty(len(features.ids), np.int64)
    packed = buffer[: blocks.packed_keys(features.matrix, kind, bits, buffer)]
    if features.extras is not None:
        chosen = features.extras.kind == kind
        more = blocks.packed_codes(features.extras.code[chosen], features.extras.row[chosen], kind, bits)
        return np.unique(np.concatenate([packed, more]))
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


def _crowded_days(matrix: Ints) -> Ints:
    """Return birthdays that far too many records hold: what a form or a till writes when nobody said."""
    days = matrix[:, f.FACTS] & f.BIRTHDAY_MASK
    return crowded(*np.unique(days[days > 0], return_counts=True))


def _drop_days(matrix: Ints, gone: Ints) -> None:
    if len(gone):
        matrix[np.isin(matrix[:, f.FACTS] & f.BIRTHDAY_MASK, gone), f.FACTS] &= ~np.int64(f.BIRTHDAY_MASK)


def crowded(days: Ints, counts: Ints) -> Ints:
    """Return those of these distinct days that far too many records hold; with few records none."""
    if counts.sum() < 5_000:
        return np.empty(0, np.int64)
    return days[counts > 10 * np.median(counts) + 20]


def _name_runs(matrix: Ints, bits: int) -> Runs:
    """Return the sorted keys of all whole names by sound, where each begins and how many records hold it."""
    buffer = np.empty(len(matrix), np.int64)
    packed = buffer[: blocks.name_keys(matrix, bits, buffer)]
    packed.sort()
    return (packed, *blocks.sorted_runs(packed, bits, 1))


def _without_nicknames(matrix: Ints, bits: int, names: Runs, model: Model | None, enough: int) -> tuple[Runs, Sequence[int]]:
    """Make nicknames of names that are none, as told by the model or by these records; return the other runs, and their keys."""
    packed, starts, sizes = names
    if model is not None:
        none = np.isin(packed[starts] >> 24, np.array(model.nicknames, np.int64))
    elif len(matrix) >= enough:
        none = blocks.nickname_flags(matrix, packed, bits, starts, sizes)
    else:
        return names, ()
    of_none = np.repeat(none, sizes)
    blocks.note_nicknames(matrix, packed[of_none] & ((1 << bits) - 1))
    kept = packed[~of_none]
    return (kept, *blocks.sorted_runs(kept, bits, 1)), tuple(np.sort(packed[starts[none]] >> 24).tolist())


def nickname_keys(names: Ints) -> Sequence[int]:
    """Return what a model keeps of distinct names (`keys.name_key`) that are none."""
    return tuple(np.sort(mixed_all(names) >> 24).tolist())


def _sign_runs(matrix: Ints, bits: int) -> Runs:
    """The same of names of three characters by their very characters, of those that two records or more hold."""
    buffer = np.empty(len(matrix), np.int64)
    packed = buffer[: blocks.char_keys(matrix, bits, buffer)]
    packed.sort()
    return (packed, *blocks.sorted_runs(packed, bits))


def _note_frequencies(
    matrix: Ints, bits: int, names: Runs, signs: Runs, model: Model | None, enough: int, crowds: blocks.Crowds | None
) -> dict[int, int]:
    """Mark every full name as rare, middling or common; return the keys of those that are not rare and their counts."""
    packed, starts, sizes = names
    records = len(matrix)
    known = model is not None and model.records > 0
    if model is not None and known:
        records = model.records
        sizes = np.array([model.name_counts.get(int(key), 1) for key in packed[starts] >> 24], np.int64)
    elif records < enough:
        matrix[:, f.FACTS] |= np.int64(2) << f.FREQUENCY_SHIFT
        return {}
    _note_namesakes(matrix, bits, signs, known and len(matrix) < _WHOLE * records, crowds)
    medium, common = name_steps(records)
    if known:
        blocks.note_known_frequency(matrix, packed, bits, sizes, medium, common)
    else:
        blocks.note_frequency(matrix, packed, bits, starts, sizes, medium, common)
    frequent = sizes >= medium
    return _kept_names(packed[starts[frequent]] >> 24, sizes[frequent])


def name_steps(records: int) -> tuple[int, int]:
    """Return from how many of so many records on a name is middling, and common."""
    return max(4, round(records * 5e-6)), max(30, round(records * 5e-5))


def frequent_names(names: Ints, counts: Ints) -> dict[int, int]:
    """Return what a model keeps of names that are not rare (distinct `keys.name_key`) and how often each occurs."""
    keys = mixed_all(names) >> 24
    order = np.argsort(keys, kind="stable")
    return _kept_names(keys[order], counts[order])


def _kept_names(keys: Ints, counts: Ints) -> dict[int, int]:
    order = np.argsort(-counts, kind="stable")[:_COMMON_NAMES]
    return dict(zip(keys[order].tolist(), counts[order].tolist(), strict=True))


def _note_namesakes(matrix: Ints, bits: int, signs: Runs, part: bool, crowds: blocks.Crowds | None) -> None:
    """
    Mark names by how many records hold their very characters.

    part: only a part of the data is here, so that what looks rare may be common elsewhere: without `crowds` nothing is marked.
    """
    if part and crowds is None:
        return
    packed, starts, sizes = signs
    holders = sizes
    if crowds is not None:
        first = packed[starts] & ((1 << bits) - 1)
        holders = np.maximum(sizes, crowds.of("rare_name", blocks.rare_key(matrix[first, f.CHARS])))
    blocks.note_namesakes(matrix, packed, bits, starts, sizes, holders, blocks.FEW)


def fitted_model(
    distinct: Ints,
    counts: Ints,
    model: Model | None,
    policy: Policy,
    names: Names,
    records: int,
    chance: Mapping[str, float],
    random: Future[Ints] | None,
    sample: Callable[[], Ints],
) -> Model:
    """
    Return the weights to judge by: `model`, or fitted to these patterns, or the built-in ones where there are few.

    sample: returns the rows of the records that pairs of strangers are drawn from.
    """
    if model is not None:
        return model
    if counts.sum() < policy.fit_pairs or records < SMALL:
        told = records if records >= policy.enough_names else 0  # which names are rare is known, whatever the weights
        plain = lowered(BUILT_IN, near_shares(sample()))
        return replace(
            plain,
            version=f"{policy.version}+{BUILT_IN.version}",
            records=told,
            name_counts=names.counted,
            nicknames=names.nicknames,
        )
    version, drawn = f"{policy.version}+fit-{records}", None if random is None else random.result()
    fitted = fit(distinct & (CONTRADICTION - 1), counts, BUILT_IN, version=version, random=drawn, chance=chance)
    return replace(fitted, records=records, name_counts=names.counted, nicknames=names.nicknames)


def _random_patterns(features: Features) -> Ints:
    """Return the patterns of pairs drawn by the hashes of their ids, so that the order of the rows does not matter."""
    return stranger_patterns(features.matrix, features.ranks, _drawn_rows(features), features.links, features.spans)


def _drawn_rows(features: Features) -> Ints:
    return np.flatnonzero(drawn(features.ranks, len(features.ids)))


def drawn(ranks: Ints, records: int) -> npt.NDArray[np.bool_]:
    """Say of each rank whether pairs of strangers are drawn from its record, where there are so many records in all."""
    return np.asarray(mixed_all(ranks) <= np.iinfo(np.int64).max // max(records, _RANDOM_ROWS) * _RANDOM_ROWS, dtype=bool)


def stranger_patterns(matrix: Ints, ranks: Ints, rows: Ints, links: Ints, spans: Ints) -> Ints:
    """Return the patterns of each of these rows with the next two, in the order of their hashed ranks."""
    rows, count = rows[np.argsort(mixed_all(ranks[rows]), kind="stable")], len(matrix)
    left, right = np.concatenate([rows[:-1], rows[:-2]]), np.concatenate([rows[1:], rows[2:]])
    pairs = np.minimum(left, right) * count + np.maximum(left, right)
    found = np.empty(len(pairs), np.int64)
    patterns(matrix, links, spans, pairs, count, found)
    return found & (CONTRADICTION - 1)


def _verified(matrix: Ints, seen: Ints, pairs: Ints, count: int) -> Floats:
    """How many sides of each pair verified the phone that both hold: 0, 1 or 2."""
    marks = matrix[:, f.FACTS] >> f.VERIFIED_SHIFT & 1
    if not marks.any():
        return np.zeros(len(pairs))
    phone = seen >> 4 & 7
    equal = (phone >= 1) & (phone <= 3)
    return np.asarray(equal * (marks[pairs // count] + marks[pairs % count]), dtype=np.float64)


def _forced(joins: Ints, vetoes: Ints) -> tuple[Ints, Floats]:
    """Return the decided pairs, sorted, and their weights; a veto beats a join."""
    kept = joins[~np.isin(joins, vetoes)]
    pairs = np.concatenate([kept, vetoes])
    values = np.concatenate([np.full(len(kept), clusters.ALWAYS), np.full(len(vetoes), clusters.NEVER)])
    order = np.argsort(pairs, kind="stable")
    return pairs[order], values[order]


def _entities(
    features: Features,
    pairs: Ints,
    weights: Floats,
    policy: Policy,
    table: Floats,
    priors: Floats,
    forced: Ints,
    values: Floats,
    count: int,
    pool: Executor,
) -> tuple[Ints, Ints]:
    left, right = pairs // max(count, 1), pairs % max(count, 1)
    roots = clusters.roots_of(left, right, count)
    floor = 0.0
    while True:
        sizes = np.bincount(roots, minlength=1)
        if not len(sizes) or sizes.max() <= LARGEST_COMPONENT or floor > 30:
            break
        floor += 1.0
        kept = (sizes[roots[left]] <= LARGEST_COMPONENT) | (weights > floor)
        roots = clusters.roots_of(left[kept], right[kept], count)
    contested = np.zeros(count, np.int64)
    looked = np.flatnonzero(sizes[roots] >= 3) if count else np.empty(0, np.int64)
    if len(looked):
        members = looked[np.argsort(roots[looked], kind="stable")]
        starts = np.append(np.flatnonzero(np.diff(roots[members], prepend=-1)), len(members))

        def guarded(part: Ints) -> None:
            clusters.guard(
                features.matrix, features.links, features.spans, members, part, features.ranks, table, SHIFTS, MASKS, priors,
                policy.doubt, policy.verified_bonus, forced, values, count, policy.tie, roots, contested,
            )  # fmt: skip

        cuts = range(0, len(starts) - 1, _COMPONENTS)
        list(pool.map(guarded, [starts[low : low + _COMPONENTS + 1] for low in cuts]))
    return roots, contested


def named_rows(ids: pa.Array, roots: Ints) -> Ints:
    """Return for each record the row of the smallest id of its entity."""
    if not len(ids):
        return roots
    if pa.types.is_integer(ids.type):
        values = np.asarray(ids, dtype=np.int64)
        order = np.argsort(values, kind="stable")
        smallest = np.full(len(ids), -1, np.int64)
        smallest[roots[order[::-1]]] = order[::-1]
        return smallest[roots]
    smallest = np.full(len(ids), -1, np.int64)
    for _, _, offsets, data, _ in chunks_of(pa.chunked_array([ids])):
        smallest_texts(offsets, data, roots, smallest)
    return smallest[roots]

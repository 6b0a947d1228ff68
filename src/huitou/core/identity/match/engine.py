"""The run itself: features -> hubs -> candidate pairs -> weights -> components -> guard."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from math import log
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match import blocks, clusters, phones_alike, runs
from huitou.core.identity.match import fields as f
from huitou.core.identity.match.crowds import Crowds
from huitou.core.identity.match.entities import entities_of
from huitou.core.identity.match.features import Features
from huitou.core.identity.match.fitting import SMALL, drawn_rows, fitted_model, random_patterns
from huitou.core.identity.match.hubs import Hub, crowded_days, drop_days, hubs_and_pairs
from huitou.core.identity.match.levels import CONTRADICTION, patterns
from huitou.core.identity.match.model import Floats, Model, pattern_weights
from huitou.core.identity.match.name_marks import Names, name_runs, note_frequencies, sign_runs, without_nicknames
from huitou.core.identity.match.tally import Tally, summed, tally
from huitou.core.identity.policy import KINDS, Policy

T = TypeVar("T")
Ints = npt.NDArray[np.int64]

_PART = 100_000  # pairs compared in one go


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
    crowds: Crowds | None = None,
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
    crowds: Crowds | None,
    pool: Executor,
) -> Match:
    matrix, count = features.matrix, len(features.ids)
    bits = runs.row_bits(count)
    hubs, names, own = _identified(features, policy, bits, model, crowds, pool)
    random = pool.submit(random_patterns, features) if model is None and count >= SMALL else None
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
    used = fitted_model(distinct, counts, model, policy, names, count, chance, random, lambda: matrix[drawn_rows(features)])
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
    roots, contested = entities_of(
        features, pairs[linked], weights[linked], policy, table, np.array(used.priors) - offset, forced, values, count, pool
    )
    return Match(features, pairs, seen, weights, roots, contested, hubs, used, joins)


def _identified(
    features: Features, policy: Policy, bits: int, model: Model | None, crowds: Crowds | None, pool: Executor
) -> tuple[list[Hub], Names, list[Ints]]:
    """Find hubs, note what each record needs to know of the others, and return the pairs that share an identifier per kind."""
    matrix = features.matrix
    days, names = pool.submit(crowded_days, matrix), pool.submit(name_runs, matrix, bits).result()
    names, nicknames = without_nicknames(matrix, bits, names, model, policy.enough_names)
    kinds = [pool.submit(hubs_and_pairs, features, policy, bits, kind) for kind in range(len(KINDS))]
    signs = pool.submit(sign_runs, matrix, bits)
    found = [kind.result() for kind in kinds]
    drop_days(matrix, days.result())
    counted = note_frequencies(matrix, bits, names, signs.result(), model, policy.enough_names, crowds)
    told = Names(counted, nicknames)
    return [hub for hubs, _ in found for hub in hubs], told, [shared for _, shared in found]


def _weak_pairs(
    matrix: Ints, bits: int, policy: Policy, crowds: Crowds | None, pool: Executor
) -> tuple[list[Ints], dict[str, float]]:
    """Return the pairs that share something weaker, per block, and how many of a block came together by chance, where counted."""
    weak: dict[str, Ints] = dict(zip(policy.blocks, blocks.weak_pairs(matrix, bits, policy.blocks, pool, crowds), strict=True))
    chosen = [name for name in blocks.BY_PHONE if name in weak]
    kept = dict(zip(chosen, pool.map(lambda name: phones_alike.alike_of(matrix, weak[name]), chosen), strict=True))
    weak.update((name, pairs) for name, (pairs, _) in kept.items())
    counted = {name: numbers for name, (_, numbers) in kept.items()}
    return list(weak.values()), phones_alike.chances(counted, phones_alike.stated_of(matrix))


def _distinct(found: Ints) -> Ints:
    found.sort()
    if not len(found):
        return found
    kept = np.ones(len(found), bool)
    kept[1:] = found[1:] != found[:-1]
    return found[kept]


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

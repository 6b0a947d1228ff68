"""
How much each level of each field speaks for "one person": log odds, and their estimation without labels.

Two-class mixture over the patterns of candidate pairs, fields independent within a class, fitted by expectation maximisation
from the built-in weights (docs/algorithms/identity.md). An unknown field says nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match.levels import (
    FIELDS,
    NAMESAKE,
    NONE_TWO,
    OWNER_PHONES,
    SHADOW,
    SHADOW_BOTH,
    STRATA,
    Field,
    expected,
    strata,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TIES = {"phone": (1, 2, 3), "card": (1,), "openid": (1,), "unionid": (1,), "email": (1,)}  # levels that share an identifier
_COMPARED = ("phone", "card", "openid", "unionid", "email", "birthday", "gender", "address", "store")
_SILENT = {  # levels that make a stronger tie than a name, so that pairs tied by the name alone never have them
    "phone": (1, 2, 3, 4, 5), "card": (1, 2, 3), "openid": (1,), "unionid": (1,), "email": (1, 2), "birthday": (1, 2),
    "gender": (), "address": (1, 2, 3),
}  # fmt: skip
_ONE_SURNAME = np.array([
    level.startswith(("equal", "homophone")) or level in {"part", "surname", "one_sign", "other_given"}
    for level in next(one for one in FIELDS if one.name == "name").levels[1:]
])  # fmt: skip
_OTHER_PHONE = 6  # the level of "phone" of two different numbers
_COMPARED_BITS = (1 << SHADOW) - 1  # of a pattern: what weights depend on
_FEW_HITS = 200  # pairs; fewer say nothing of how strangers compare
_NAME = next(at for at, one in enumerate(FIELDS) if one.name == "name")
FLOOR = 1e-4  # no level of a class is rarer than this: a weight is never infinite


@dataclass(frozen=True, slots=True)
class Model:
    """
    version: what is stored with every edge. priors: log odds that a candidate pair is one person, by levels.STRATA.
    weights: per field the log odds of each level, weights[field][0] = 0, for pairs that share an identifier: those who do and
    are two are mostly one family. strangers: the same for pairs brought together by something weaker, who are strangers if
    they are two; a field that is missing there weighs what it weighs in `weights`. namesakes: the same where an equal name is
    nearly all that ties them; what is missing there weighs what it weighs among strangers. name_counts: how often common name
    keys occur in the whole data; nicknames: the keys of what reads like a name and is none;
    records: how many records that was. A component is judged by these, not by its own few records.
    """

    version: str
    priors: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]
    records: int = 0
    name_counts: Mapping[int, int] = field(default_factory=dict)
    strangers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    namesakes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    nicknames: Sequence[int] = ()

    def to_json(self) -> str:
        return json.dumps({
            "version": self.version, "priors": list(self.priors),
            "weights": {name: list(levels) for name, levels in self.weights.items()},
            "strangers": {name: list(levels) for name, levels in self.strangers.items()},
            "namesakes": {name: list(levels) for name, levels in self.namesakes.items()},
            "records": self.records, "name_counts": {str(key): count for key, count in self.name_counts.items()},
            "nicknames": list(self.nicknames),
        })  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Read what `to_json` wrote. Raises ValueError when the fields or levels are not those of this release."""
        stored = json.loads(text)
        weights, strangers, namesakes = (
            {name: tuple(float(weight) for weight in levels) for name, levels in stored[kind].items()}
            for kind in ("weights", "strangers", "namesakes")
        )
        counts = {int(key): int(count) for key, count in stored["name_counts"].items()}
        priors = tuple(float(prior) for prior in stored["priors"])
        return cls(
            str(stored["version"]),
            priors,
            weights,
            int(stored["records"]),
            counts,
            strangers,
            namesakes,
            tuple(stored["nicknames"]),
        )

    def table(self, fields: tuple[Field, ...] = FIELDS) -> Floats:
        """Return the weights as an array (3, fields, 16): families, strangers, namesakes. Raises ValueError on other fields."""
        wrong = [one.name for one in fields if len(self.weights.get(one.name, ())) != len(one.levels)]
        if wrong or len(self.weights) != len(fields):
            raise ValueError(f"the model does not fit the compared fields: {wrong or sorted(self.weights)}")
        table = np.zeros((3, len(fields), 16))
        for at, one in enumerate(fields):
            table[0, at, : len(one.levels)] = self.weights[one.name]
            table[1, at, : len(one.levels)] = self.strangers.get(one.name, self.weights[one.name])
            table[2, at, : len(one.levels)] = self.namesakes.get(one.name, table[1, at, : len(one.levels)])
        return table


BUILT_IN = Model(
    "built-in-4",
    (0.0, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0, -4.0, -3.0, -2.0, -3.0, -4.0, -2.0, -12.0),
    {
        "name": (0, 5.5, 4.5, 3.5, 4.0, 3.0, 3.7, 1.0, 2.5, 3.0, -1.5, 0.0, 4.0, -4.5, -4.5, 0.0),
        "phone": (0, 2.5, 2.0, 1.5, 2.1, 1.0, -2.5),
        "card": (0, 4.2, 3.0, 2.5, -3.0),
        "openid": (0, 5.4, -5.0, 0.0),
        "unionid": (0, 6.0, -6.0),
        "email": (0, 3.6, 2.2, -2.5),
        "birthday": (0, 3.5, 2.5, 1.5, 2.0, -4.5),
        "gender": (0, 0.6, -2.8),
        "address": (0, 1.5, 1.1, -0.5, 0.6, -1.5),
        "store": (0, 0.5, -0.4),
        "owner": (0, 0.0, 0.0, 0.8, 1.5, 1.5, 0.0, -0.8, 0.0, -0.8, -1.0, -0.6, 0.0),
    },
)  # fmt: skip


def level_matrix(patterns: Ints, fields: tuple[Field, ...] = FIELDS) -> Ints:
    """Return the levels of each pattern, shape (patterns, fields)."""
    levels = np.empty((len(fields), len(patterns)), np.int64)
    for at, one in enumerate(fields):
        levels[at] = patterns >> one.shift & ((1 << one.bits) - 1)
    return levels.T


def pattern_weights(patterns: Ints, model: Model, fields: tuple[Field, ...] = FIELDS) -> Floats:
    """Return the log odds of each pattern."""
    levels, table = level_matrix(patterns, fields), model.table(fields)
    tied = strata(patterns) if len(model.priors) > 1 else np.zeros(len(patterns), np.int64)
    evidence = np.choose(_weighed_by(tied), [_evidence(levels, kind) for kind in table])
    return np.asarray(np.array(model.priors)[tied] + evidence, dtype=np.float64)


def fit(
    patterns: Ints,
    counts: Ints,
    start: Model,
    *,
    version: str,
    rounds: int = 40,
    strength: float = 2_000.0,
    fields: tuple[Field, ...] = FIELDS,
    random: Ints | None = None,
    chance: Mapping[str, float] | None = None,
) -> Model:
    """
    Fit the weights to distinct patterns and how often each occurs; deterministic, whatever the order of the records.

    The weights come from the pairs that share an identifier: their errors (families, recycled numbers) do not depend on how
    many records there are. For every other tie only the prior is fitted.
    start: where the search begins and what the estimate is drawn to, with the force of `strength` pairs.
    random: patterns of pairs drawn at random, one each: how strangers compare. None: strangers weigh like families.
    chance: for kinds of ties where it can be counted, the share of pairs that came together by chance (0..1).
    """
    tied = strata(patterns) if len(start.priors) > 1 else np.zeros(len(patterns), np.int64)
    levels, total = level_matrix(patterns, fields), counts.astype(np.float64)
    drawn = None if random is None else np.unique(random, return_counts=True)
    table, first = _fitted(levels[tied == 0], total[tied == 0], start, rounds, strength, fields)
    fitted = replace(start, version=version, weights=_named(table, fields))
    if drawn is not None:
        certain = _sigmoids(first + _evidence(levels[tied == 0], table))
        owners = _owners(patterns[tied == 0], total[tied == 0], certain, first, fitted)
        fitted = replace(fitted, weights={**fitted.weights, "owner": owners})
        same = total[tied == 0] * certain
        fitted = replace(
            fitted,
            strangers=_strangers(levels[tied == 0], same, level_matrix(drawn[0], fields), drawn[1], fitted.weights["name"]),
        )
        namesakes = _namesakes(levels[tied >= NAMESAKE], total[tied >= NAMESAKE], levels[tied == 0], same)
        fitted = replace(fitted, namesakes=namesakes)
    priors, tables = [first], fitted.table(fields)
    for one, (tie, found_by) in zip(range(1, len(start.priors) - 1), list(STRATA.items())[1:], strict=False):
        chosen = tied == one
        told = [at for at, field in enumerate(fields) if field.name in found_by]
        table = tables[1 if one < NAMESAKE else 2]
        silence = 0.0 if drawn is None else _silence(level_matrix(drawn[0]), drawn[1], table, found_by)
        counted = None if chance is None else chance.get(tie)
        priors.append(_tie_prior(levels[chosen], total[chosen], table, start.priors[one], told, silence, counted))
    priors += start.priors[len(priors) :]  # nothing but a common name: never enough
    return replace(fitted, priors=tuple(round(prior, 6) for prior in priors))


def _weighed_by(tied: Ints) -> Ints:
    """Return which of a model's tables holds for each of these strata, as `levels.weighed_by`."""
    return np.asarray((tied > 0).astype(np.int64) + (tied >= NAMESAKE), dtype=np.int64)


def _named(table: Floats, fields: tuple[Field, ...]) -> dict[str, tuple[float, ...]]:
    return {one.name: tuple(round(float(weight), 6) for weight in table[at, : len(one.levels)]) for at, one in enumerate(fields)}


def _tie_prior(
    levels: Ints, total: Floats, table: Floats, start: float, told: Sequence[int], silence: float, chance: float | None
) -> float:
    """
    Return the prior of one kind of tie.

    told: the fields by which its pairs were found; that they agree says nothing more, so the other fields decide, and what
    the agreement weighs on average is taken off again. silence: what `_silence` returns. chance: the share of pairs that
    came together by chance, where it was counted.
    """
    evidence = _evidence(levels, table)
    if not total.sum():
        return start
    known = np.asarray(sum((table[at][levels[:, at]] for at in told), np.zeros(len(levels))))
    usual = float((known * total).sum() / total.sum())
    if chance is not None:
        share = min(max(1 - chance, 1e-3), 0.99)
        return float(np.log(share / (1 - share))) - usual
    return _prior(evidence - known + silence, total, start + usual - silence) + silence - usual


def _silence(random: Ints, often: Ints, table: Floats, found_by: Sequence[str]) -> float:
    """
    Return what it weighs (log odds) that a pair could have shared an identifier and does not say so.

    Strangers who both state a phone differ in it; one person mostly does not, and would have been found by it. So among
    pairs tied by something weaker, a field that is silent on one side speaks for one person. random, often: levels of random
    pairs and how often each occurs.
    """
    named = random[:, _NAME] > 0
    found, random, often = 0.0, random[named], often[named]
    for at, one in enumerate(FIELDS):
        silent = _SILENT.get(one.name)
        if silent is None or one.name in found_by or often.sum() < _FEW_HITS:
            continue
        shares = np.bincount(random[:, at], weights=often, minlength=len(one.levels))[: len(one.levels)]
        shares[list(silent)] = 0
        found -= float(np.log((shares * np.exp(table[at, : len(one.levels)])).sum() / shares.sum()))
    return found


def _owners(patterns: Ints, total: Floats, certain: Floats, prior: float, model: Model) -> tuple[float, ...]:
    """
    Return what it weighs how many holders of a phone have the name of one of two records, if the other has none.

    Nameless records cannot tell, but named ones can: hide the name of one of two (the shadow of "owner"), and see how often
    they are one person after all; of two nameless records, hide both. certain: how sure that is for each pattern (0..1).
    total: how many pairs have each.
    """
    shadows = (patterns >> SHADOW & 15, patterns >> SHADOW_BOTH & 15)
    weights = [0.0]
    for level, phone in list(enumerate(OWNER_PHONES))[1:]:
        often = total * (shadows[level >= NONE_TWO] == level)
        start = float(_sigmoids(np.array([prior + BUILT_IN.weights["owner"][level]]))[0])
        share = ((often * certain).sum() + 50 * start) / (often.sum() + 50)
        weights.append(round(float(np.log(share / (1 - share))) - prior - model.weights["phone"][phone], 6))
    return tuple(weights)


def _strangers(levels: Ints, same: Floats, random: Ints, often: Ints, families: Sequence[float]) -> dict[str, tuple[float, ...]]:
    """
    Return the weights of levels among pairs that share no identifier: how one person compares, by the pairs that are tied by
    something else than the field itself, against pairs drawn at random.

    levels, same: of pairs that share an identifier, and how many of each are one person. random, often: levels of random
    pairs and how often each occurs. families: the weights of names among pairs that share an identifier.
    """
    weights: dict[str, tuple[float, ...]] = {}
    places = {one.name: at for at, one in enumerate(FIELDS)}
    ties = {name: np.isin(levels[:, places[name]], equal) for name, equal in _TIES.items()}
    for name in ("name", *_COMPARED):
        at, size = places[name], len(FIELDS[places[name]].levels)
        others = [held for tie, held in ties.items() if tie != name]
        chosen = np.any(others, axis=0)
        hits = np.bincount(levels[chosen, at], weights=same[chosen], minlength=size)[1:size]
        misses = np.bincount(random[:, at], weights=often, minlength=size)[1:size]
        if name == "name":
            hits, misses = hits * _ONE_SURNAME, misses * _ONE_SURNAME
        if hits.sum() < _FEW_HITS or misses.sum() < _FEW_HITS:
            continue
        usual = (hits + misses) / (hits + misses).sum()
        m, u = ((found + 20 * usual) / (found.sum() + 20) for found in (hits, misses))
        weights[name] = (0.0, *np.round(np.log(np.maximum(m, FLOOR) / np.maximum(u, FLOOR)), 6).tolist())
    if "name" in weights:  # found by the surname and more: of other names only those of one surname can be compared
        kept = enumerate(zip(weights["name"], families, strict=True))
        weights["name"] = tuple(fresh if at > 0 and _ONE_SURNAME[at - 1] else old for at, (fresh, old) in kept)
    return weights


def _namesakes(levels: Ints, total: Floats, known: Ints, same: Floats) -> dict[str, tuple[float, ...]]:
    """
    Return the weights of "gender" among pairs with one name: strangers of one name are mostly of one gender, which shows in
    those who state two phones. levels, total: of pairs tied by a name, and how many have each. known, same: of pairs that
    share an identifier, and how many of each are one person.
    """
    places = {one.name: at for at, one in enumerate(FIELDS)}
    apart = levels[:, places["phone"]] == _OTHER_PHONE
    chance = np.bincount(levels[apart, places["gender"]], weights=total[apart], minlength=3)[1:3]
    hits = np.bincount(known[:, places["gender"]], weights=same, minlength=3)[1:3]
    if chance.sum() < _FEW_HITS or hits.sum() < _FEW_HITS:
        return {}
    m, u = ((found + 2) / (found.sum() + 4) for found in (hits, chance))
    return {"gender": (0.0, *np.round(np.log(m / u), 6).tolist())}


def _evidence(levels: Ints, table: Floats) -> Floats:
    return np.asarray(sum(table[at][levels[:, at]] for at in range(levels.shape[1])), dtype=np.float64)


def _prior(evidence: Floats, total: Floats, start: float, *, rounds: int = 60, strength: float = 200.0) -> float:
    """Return the prior of one kind of tie under fixed weights."""
    prior = start
    for _ in range(rounds):
        same = (total * _sigmoids(evidence + prior)).sum() + strength * float(_sigmoids(np.array([start]))[0])
        share = min(max(same / (total.sum() + strength), 1e-6), 1 - 1e-6)
        prior = float(np.log(share / (1 - share)))
    return prior


def _sigmoids(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))), dtype=np.float64)


def _fitted(
    levels: Ints, total: Floats, start: Model, rounds: int, strength: float, fields: tuple[Field, ...]
) -> tuple[Floats, float]:
    """Expectation maximisation over weighted level combinations; returns weights (fields, 16) and the prior."""
    table, prior = start.table(fields)[0], start.priors[0]
    shares = _shares(levels, total, fields)
    pull = float(_sigmoids(np.array([start.priors[0]]))[0])
    rows, same = np.ascontiguousarray(levels), np.empty((len(fields), 16))
    everybody = np.stack([np.bincount(levels[:, at], weights=total, minlength=16) for at in range(len(fields))])
    for _ in range(rounds):
        prior_share = (expected(rows, total, table, prior, same) + strength * pull) / (total.sum() + strength)
        fresh = np.zeros_like(table)
        for at, one in enumerate(fields):
            size = len(one.levels)
            hits, misses = same[at, 1:size], everybody[at, 1:size] - same[at, 1:size]
            if hits.sum() + misses.sum() == 0 or one.name == "owner":
                fresh[at, 1:size] = start.weights[one.name][1:]
                continue
            tilt = np.exp(np.array(start.weights[one.name][1:]) / 2)
            believed, doubted = shares[at] * tilt, shares[at] / tilt
            hits = hits + strength * believed / believed.sum()
            misses = misses + strength * doubted / doubted.sum()
            m, u = np.maximum(hits / hits.sum(), FLOOR), np.maximum(misses / misses.sum(), FLOOR)
            fresh[at, 1:size] = np.log(m / u)
        moved = float(np.abs(fresh - table).max())
        table, prior = fresh, float(np.log(prior_share / (1 - prior_share)))
        if moved < 1e-3:
            break
    return table, prior


def _shares(levels: Ints, total: Floats, fields: tuple[Field, ...]) -> list[Floats]:
    """How often each known level occurs, over both classes."""
    found = []
    for at, one in enumerate(fields):
        seen = np.bincount(levels[:, at], weights=total, minlength=len(one.levels))[1 : len(one.levels)] + 1.0
        found.append(seen / seen.sum())
    return found


def learn(
    patterns: Ints,
    answers: npt.NDArray[np.bool_],
    start: Model,
    *,
    version: str,
    others: Ints | None = None,
    doubt: float = 4.0,
    rounds: int = 60,
    fields: tuple[Field, ...] = FIELDS,
) -> Model:
    """
    Correct the weights by labelled pairs: logistic regression on the same levels, drawn to the weights of `start`.

    patterns, answers: one per labelled pair, True: one person. others: patterns of the pairs that nobody was asked about;
    they count as what `start` takes them for, so that answers to chosen questions do not speak for all. doubt:
    how far (log odds) labels may move a weight before they must be many; larger trusts them more. Newton steps,
    shortened until they help; exact for the same input. Raises ValueError without both answers.
    """
    if len(patterns) != len(answers) or answers.all() or not answers.any():
        raise ValueError(f"need pairs of both answers: {len(patterns)} pairs, {int(answers.sum())} the same")
    rest, often = np.unique((np.empty(0, np.int64) if others is None else others) & _COMPARED_BITS, return_counts=True)
    labelled, patterns = len(patterns), np.concatenate([patterns, rest])
    base = pattern_weights(patterns, start, fields)
    told = np.concatenate([answers, _sigmoids(base[labelled:])])
    counts = np.concatenate([np.ones(labelled), often])
    levels = level_matrix(patterns, fields)
    tied = strata(patterns) if len(start.priors) > 1 else np.zeros(len(patterns), np.int64)
    kinds = (0, 1) if len(start.priors) > 1 else (0,)  # what answers say of strangers holds for namesakes
    places = [(kind, at, level) for kind in kinds for at, one in enumerate(fields) for level in range(1, len(one.levels))]
    columns = [(levels[:, at] == level) & (np.minimum(tied, 1) == kind) for kind, at, level in places]
    columns += [tied == one for one in range(len(start.priors))]
    design = np.stack(columns, axis=1).astype(np.float64)
    shift, ridge = np.zeros(design.shape[1]), 1 / doubt

    def loss(shift: Floats) -> float:
        odds = base + design @ shift
        return float((counts * (np.logaddexp(0, odds) - told * odds)).sum() + ridge / 2 * shift @ shift)

    for _ in range(rounds):
        share = _sigmoids(base + design @ shift)
        slope = design.T @ (counts * (told - share)) - ridge * shift
        curve = (design * (counts * share * (1 - share))[:, None]).T @ design + ridge * np.eye(len(shift))
        step, before = np.linalg.solve(curve, slope), loss(shift)
        while loss(shift + step) > before and float(np.abs(step).max()) >= 1e-8:
            step = step / 2
        shift = shift + step
        if float(np.abs(step).max()) < 1e-8:
            break
    table = start.table(fields)
    for (kind, at, level), moved in zip(places, shift, strict=False):
        table[kind, at, level] += moved
        if kind == 1:
            table[2, at, level] += moved
    priors = tuple(round(prior + float(moved), 6) for prior, moved in zip(start.priors, shift[len(places) :], strict=True))
    strangers, namesakes = (_named(table[kind], fields) if len(kinds) > 1 else {} for kind in (1, 2))
    weights = _named(table[0], fields)
    return replace(start, version=version, priors=priors, weights=weights, strangers=strangers, namesakes=namesakes)

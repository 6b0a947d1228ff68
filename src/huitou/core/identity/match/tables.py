"""What a match found, as tables with record ids: edges with evidence, pairs to review, hubs, households."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.engine import Match
from huitou.core.identity.match.features import KIND_FIELDS, codes_of
from huitou.core.identity.match.hubs import Hub
from huitou.core.identity.match.levels import CONTRADICTION, FIELDS, patterns
from huitou.core.identity.match.model import pattern_weights
from huitou.core.identity.match.questions import worth_apart
from huitou.core.identity.match.runs import run_pairs
from huitou.core.identity.normalise import KIND_NORMALISERS
from huitou.core.identity.policy import KINDS, Policy

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HUB_SCHEMA = pa.schema([
    ("kind", pa.string()), ("value", pa.string()), ("records", pa.int64()), ("names", pa.int64()),
    ("store_id", pa.string()), ("reason", pa.string()),
])  # fmt: skip
_EVIDENCE = ("stated", "one_verified", "both_verified", "decision", "scored")
_DECISION, _SIMILAR = len(KINDS), len(KINDS) + 1
_EDGE_KINDS = (*KINDS, "decision", "similar")
_EQUAL_LEVELS = {"phone": (1, 2, 3), "card": (1,), "openid": (1,), "unionid": (1,), "email": (1,)}


def levels_text(pattern: int) -> str:
    """Return what is known of a pair ("name=equal phone=equal_two gender=other"); fields that say nothing are left out."""
    known = [(one.name, pattern >> one.shift & ((1 << one.bits) - 1), one) for one in FIELDS]
    return " ".join(f"{name}={one.levels[level]}" for name, level, one in known if level)


def _level(pattern: Ints, name: str) -> Ints:
    one = next(field for field in FIELDS if field.name == name)
    return pattern >> one.shift & ((1 << one.bits) - 1)


def _ordered(found: Match, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """Return rows a, b (the smaller id first) and the order that sorts the pairs by ids."""
    if not len(left):
        return left, right, left
    rows, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    ids = found.features.ids.take(pa.array(rows))
    rank = np.empty(len(rows), np.int64)
    rank[np.asarray(pc.sort_indices(ids))] = np.arange(len(rows))
    one, two = rank[inverse[: len(left)]], rank[inverse[len(left) :]]
    swap = one > two
    a, b = np.where(swap, right, left), np.where(swap, left, right)
    return a, b, np.lexsort((np.maximum(one, two), np.minimum(one, two)))


def _proved(found: Match, kind: int, rows: Ints) -> Ints:
    """Return 1 for each row whose value of this kind somebody checked."""
    matrix, extras = found.features.matrix, found.features.extras
    marks = np.zeros(len(matrix), np.int64)
    if kind == 0:
        marks |= matrix[:, f.FACTS] >> f.VERIFIED_SHIFT & 1
    if extras is not None:
        marks[extras.row[(extras.kind == kind) & extras.verified]] = 1
    return marks[rows]


def edge_table(found: Match, policy: Policy) -> pa.Table:
    """All pairs inside entities that speak for one person, one row per equal identifier; see Resolution.edges."""
    count = len(found.roots)
    pairs = inside_pairs(found.roots, found.features.ranks)
    if not len(pairs):
        return _no_pairs(found, {"kind": pa.string(), "evidence": pa.string(), "weight": pa.float64(), "levels": pa.string()})
    seen = np.empty(len(pairs), np.int64)
    patterns(found.features.matrix, found.features.links, found.features.spans, pairs, max(count, 1), seen)
    weights = _weights(seen, found, policy)
    joined = np.isin(pairs, found.joins)
    kinds: list[Ints] = []
    places: list[Ints] = []
    evidence: list[Ints] = []
    identified = np.zeros(len(pairs), bool)
    for kind, name in enumerate(KINDS):
        at = np.flatnonzero(np.isin(_level(seen, name), _EQUAL_LEVELS[name]))
        identified[at] = True
        left, right = pairs[at] // max(count, 1), pairs[at] % max(count, 1)
        places.append(at)
        kinds.append(np.full(len(at), kind))
        evidence.append(_proved(found, kind, left) + _proved(found, kind, right))
    similar = np.flatnonzero(~identified & (weights > 0) & ~joined)
    for at, kind, shown in ((np.flatnonzero(joined), _DECISION, 3), (similar, _SIMILAR, 4)):
        places.append(at)
        kinds.append(np.full(len(at), kind))
        evidence.append(np.full(len(at), shown))
    place, kind_code, shown_code = (np.concatenate(parts).astype(np.int64) for parts in (places, kinds, evidence))
    by_kind = np.argsort(kind_code, kind="stable")
    place, kind_code, shown_code = place[by_kind], kind_code[by_kind], shown_code[by_kind]
    a, b, order = _ordered(found, pairs[place] // max(count, 1), pairs[place] % max(count, 1))
    words = {int(one): levels_text(int(one)) for one in np.unique(seen)}
    ids = found.features.ids
    return pa.table({
        "a": ids.take(pa.array(a[order])), "b": ids.take(pa.array(b[order])),
        "kind": pa.array(_EDGE_KINDS).take(pa.array(kind_code[order])),
        "evidence": pa.array(_EVIDENCE).take(pa.array(shown_code[order])),
        "weight": pa.array(np.round(weights[place[order]], 4), pa.float64()),
        "levels": pa.array([words[one] for one in seen[place[order]].tolist()], pa.string()),
    })  # fmt: skip


def _no_pairs(found: Match, columns: Mapping[str, pa.DataType]) -> pa.Table:
    nobody = found.features.ids.slice(0, 0)
    return pa.table({"a": nobody, "b": nobody, **{name: pa.array([], kind) for name, kind in columns.items()}})


def _weights(seen: Ints, found: Match, policy: Policy) -> Floats:
    distinct = np.unique(seen)
    if not len(distinct):
        return np.empty(0)
    return pattern_weights(distinct, found.model)[np.searchsorted(distinct, seen)]


def inside_pairs(roots: Ints, ranks: Ints) -> Ints:
    """Return the packed pairs inside all entities."""
    count = max(len(roots), 1)
    rows = np.flatnonzero(np.bincount(roots, minlength=count)[roots] >= 2) if len(roots) else np.empty(0, np.int64)
    members = rows[np.argsort(roots[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(roots[members], prepend=-1))
    sizes = np.diff(np.append(starts, len(members)))
    pairs = np.empty(int((sizes * (sizes - 1) // 2).sum()), np.int64)
    written = run_pairs(members, 62, starts.astype(np.int64), sizes.astype(np.int64), len(roots) + 1, count, pairs)
    return np.sort(pairs[:written])


def review_table(found: Match, policy: Policy) -> pa.Table:
    """Pairs left apart although they look alike; see Resolution.review."""
    count = max(len(found.roots), 1)
    offset = np.log(policy.threshold / (1 - policy.threshold))
    probability = 1 / (1 + np.exp(-np.clip(found.weights + offset, -30, 30)))
    left, right = found.pairs // count, found.pairs % count
    shared = np.zeros(len(found.pairs), bool)
    for name, levels in _EQUAL_LEVELS.items():
        shared |= np.isin(_level(found.patterns, name), levels)
    contradicts = shared & (found.patterns & CONTRADICTION != 0)
    apart = (found.roots[left] != found.roots[right]) & ((probability >= policy.review_share) | contradicts)
    at = np.flatnonzero(apart)
    if not len(at):
        return _no_pairs(
            found, {"reason": pa.string(), "probability": pa.float64(), "value": pa.float64(), "levels": pa.string()}
        )
    if len(at) > policy.review_limit:
        doubt = np.abs(probability[at] - 0.5)
        cut = np.partition(doubt, policy.review_limit)[policy.review_limit]
        at = at[doubt < cut]
    left, right, probability, seen = left[at], right[at], probability[at], found.patterns[at]
    contested = (found.contested[left] | found.contested[right]) == 1
    linked = found.weights[at] > 0
    value = worth_apart(found, at)
    reason = np.where(contested & linked, 1, np.where(linked | (seen & CONTRADICTION != 0), 0, 2))
    a, b, order = _ordered(found, left, right)
    order = order[np.lexsort((-np.round(probability[order], 6), -np.round(value[order], 6)))]
    ids = found.features.ids
    return pa.table({
        "a": ids.take(pa.array(a[order], pa.int64())), "b": ids.take(pa.array(b[order], pa.int64())),
        "reason": pa.array(["contradiction", "contested", "uncertain"]).take(pa.array(reason[order], pa.int64())),
        "probability": pa.array(np.round(probability[order], 4), pa.float64()),
        "value": pa.array(np.round(value[order], 4), pa.float64()),
        "levels": pa.array([levels_text(one) for one in seen[order].tolist()], pa.string()),
    })  # fmt: skip


def household_table(found: Match, policy: Policy) -> pa.Table:
    """Records of different entities that share a phone, a card or a home; see Resolution.households."""
    count = max(len(found.roots), 1)
    left, right = found.pairs // count, found.pairs % count
    apart = found.roots[left] != found.roots[right]
    parts = []
    for kind, (field, levels) in enumerate((("phone", (1, 2, 3)), ("card", (1,)), ("address", (1,)))):
        at = np.flatnonzero(apart & np.isin(_level(found.patterns, field), levels))
        parts.append(np.stack([left[at], right[at], np.full(len(at), kind)]))
    rows = np.concatenate(parts, axis=1).astype(np.int64)
    a, b, order = _ordered(found, rows[0], rows[1])
    ids = found.features.ids
    return pa.table({
        "a": ids.take(pa.array(a[order], pa.int64())), "b": ids.take(pa.array(b[order], pa.int64())),
        "kind": pa.array(["phone", "card", "address"]).take(pa.array(rows[2][order], pa.int64())),
    })  # fmt: skip


def hub_table(found: Match) -> pa.Table:
    """The values that identify nobody; see Resolution.hubs."""
    rows = [
        {
            "kind": KINDS[hub.kind], "value": _value_text(found, hub), "records": len(hub.rows), "names": hub.names,
            "store_id": _main_store(found, hub.rows), "reason": hub.reason,
        }
        for hub in found.hubs
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["kind"], row["value"]))
    return pa.Table.from_pylist(rows, schema=HUB_SCHEMA)


def _cell(found: Match, row: int, name: str) -> str | None:
    for source in found.features.sources:
        if row < source.rows:
            value = source.column(name)[row].as_py() if name in source.schema.names else None
            return None if value is None else str(value)
        row -= source.rows
    return None


def _value_text(found: Match, hub: Hub) -> str:
    """Return the value of a hub in normal form, found again in what its holders wrote (else as written, or its code)."""
    extras = found.features.extras
    texts = [text for row in hub.rows[:50].tolist() if (text := _cell(found, row, KIND_FIELDS[hub.kind])) is not None]
    if extras is not None:
        texts += extras.text.filter(pa.array((extras.kind == hub.kind) & (extras.code == hub.code))).to_pylist()
    same = [text for text in sorted(set(texts)) if codes_of(hub.kind, pa.array([text], pa.string()))[0] == hub.code]
    values = [value for text in same if (value := KIND_NORMALISERS[hub.kind_name](text)) is not None]
    return min([*values, *(same[:1] if not values else [])], default=str(hub.code))


def _main_store(found: Match, rows: Ints) -> str | None:
    counts: dict[str, int] = defaultdict(int)
    for row in rows.tolist():
        store = _cell(found, row, "store_id")
        if store is not None:
            counts[store] += 1
    return min(counts, key=lambda store: (-counts[store], store)) if counts else None

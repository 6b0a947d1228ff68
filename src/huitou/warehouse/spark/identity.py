"""
Who is who on Spark: the same entities as `core.identity.resolve`, for more records than one computer holds.

Parsers, comparison and guard are the matcher's own kernels in Arrow batches; hubs, marks, keys and pairs are SQL; the weights are
fitted on the driver, to the few thousand distinct patterns (docs/algorithms/identity.md).
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import pyarrow as pa

from huitou.core.identity.match import blocks, notes, phones_alike
from huitou.core.identity.match.entities import LARGEST_COMPONENT
from huitou.core.identity.match.features import TEXT_COLUMNS, NothingToMatch, codes_of
from huitou.core.identity.match.fitting import SMALL, fitted_model, stranger_patterns
from huitou.core.identity.match.hubs import crowded
from huitou.core.identity.match.levels import CONTRADICTION
from huitou.core.identity.match.model import Model, pattern_weights
from huitou.core.identity.match.name_marks import Names, frequent_names, name_steps, nickname_keys
from huitou.core.identity.match.row_keys import BLOCKS
from huitou.core.identity.policy import DEFAULT_POLICY, KINDS, WEAK_BLOCKS, Policy
from huitou.warehouse.spark import kernels
from huitou.warehouse.spark.components import components

Ints = kernels.Ints

_IDS = """
    select count(*), count_if(record_id is null or cast(record_id as string) = ''), count(distinct record_id) from {records}
"""
_HUBS = """
    select kind, code from (
        select posexplode(array(row[0], row[1], row[3], row[4], row[5])) as (kind, code), names from {records}
    ) where code > 0 group by kind, code having count(*) > :records or count(distinct nullif(names, 0)) >= :names
"""
_DAYS = "select day, count(*) as often from (select row[11] & 134217727 as day from {records}) where day > 0 group by day"
_NICKNAMES = """
    with named as (
        select names as own, row[9] & 262143 as family, shiftright(row[9], 18) & 511 as one, shiftright(row[9], 27) & 511 as two,
            count(*) as often
        from {records} where names <> 0 group by 1, 2, 3, 4
    ),
    sounds as (
        select own, often, cast(sum(often) over (partition by family) as double) as families,
            cast(sum(often) over (partition by one) as double) * cast(sum(often) over (partition by two) as double) as given,
            cast(sum(often) over () as double) as total
        from named
    )
    select own from sounds group by own
    having sum(often) >= :least and sum(often) >= :times * max(families * given / total / total)
"""
_HOLDERS = """
    select phone, size, names, named,
        if(size <= 2, 1L, if(names <= 1, 2L, 3L)) as held
    from (select row[0] as phone, count(*) as size, count(distinct nullif(names, 0)) as names, count(nullif(names, 0)) as named
          from {records} where row[0] > 0 group by 1)
    where size >= 2
"""
_OWN = "select row[0] as phone, names as own, count(*) as mine from {records} where row[0] > 0 and names <> 0 group by 1, 2"
_NAMES = "select names as own, count(*) as often from {records} where names <> 0 group by 1"
_SIGNS = "select chars as signs, count(*) as alike from {records} where chars <> 0 group by 1"
_MARKS = """
    select id, rank, row,
        coalesce(shiftleft(held, 30) | shiftleft(size | shiftleft(h.names, 4) | shiftleft(named, 8)
            | shiftleft(coalesce(mine, 0L), 12), 39), 0L)
        | shiftleft(if(:rare, if(coalesce(often, 0L) >= :common, 2L, if(coalesce(often, 0L) >= :medium, 1L, 0L)), 2L), 34)
        | shiftleft(if(:rare and coalesce(alike, 0L) between 2 and :few, least(alike - 1, 3L), 0L), 37) as mark
    from {records} as r
    left join {holders} as h on r.row[0] = h.phone
    left join {own} as o on r.row[0] = o.phone and r.names = o.own
    left join {names} as n on r.names = n.own
    left join {signs} as s on r.chars = s.signs
"""
_PAIRS = """
    with counted as (select *, count(*) over (partition by block, key) as size from {keys}),
    kept as (select counted.* from counted join {limits} as l on counted.block = l.block and size <= largest)
    select one.rank as a, two.rank as b, one.block, one.phone as phone_a, two.phone as phone_b
    from kept as one join kept as two on one.block = two.block and one.key = two.key and one.rank < two.rank
"""
_ALIKE = "select block, alike, count(*) as often from {found} where alike is not null group by block, alike"
_STATED = "select count_if(row[0] > 0), count_if(row[0] < 0) from {records} where row[13] <> 0"
_SIDES = """
    select p.a, p.b, one.row as left_row, two.row as right_row
    from (select distinct a, b from {found} where coalesce(alike >= :near, true)) as p
    join {records} as one on p.a = one.rank join {records} as two on p.b = two.rank
"""
_LINKED = """
    select a, b, weight + :bonus * checked as weight from {pairs} join {weights} using (seen)
    where weight + :bonus * checked > 0 and seen & :contradiction = 0
"""
_SIZES = "select root, count(*) as size from {found} group by root"
_STRONGER = """
    select l.* from {linked} as l join {found} as c on l.a = c.rank join {sizes} as s on c.root = s.root
    where size <= :largest or weight > :floor
"""
_GUARDED = """
    select r.rank, r.row, c.root, pmod(xxhash64(c.root), :parts) as part
    from {found} as c join {sizes} as s on c.root = s.root join {records} as r on r.rank = c.rank where size >= 3
"""
_ENTITIES = """
    select id as record_id, min(id) over (partition by coalesce(label, root, r.rank)) as entity_id
    from {records} as r left join {found} as c on r.rank = c.rank left join {labels} as l on r.rank = l.rank
"""
_PARTS = 64  # of the components, guarded a part at a time


@dataclass(frozen=True, slots=True)
class SparkResolution:
    """entities: a Spark table record_id, entity_id (the entity's smallest record id). model: the weights used."""

    entities: Any
    model: Model


def resolve_spark(records: Any, *, policy: Policy = DEFAULT_POLICY) -> SparkResolution:
    """
    Find the entities behind all records.

    records: one Spark table with record_id (text or a whole number, unique) and the text columns of `core.identity.resolve`,
    all optional; other columns are ignored. Decisions, further identifiers and a model of an earlier run are not taken.
    Raises ValueError without record_id, on empty or repeated ids and hub_records above 14, NothingToMatch without any
    column to match on.
    """
    if "record_id" not in records.columns:
        raise ValueError(f"the records have no column record_id; they have {records.columns}")
    if not set(TEXT_COLUMNS) & set(records.columns):
        raise NothingToMatch(f"none of the columns to match on {TEXT_COLUMNS} is in the records; they have {records.columns}")
    if policy.hub_records > 14:
        raise ValueError(f"hub_records may be 14 at most on Spark, got {policy.hub_records}")
    session = records.sparkSession
    count, missing, distinct = session.sql(_IDS, records=records).first()
    if missing or distinct < count:
        raise ValueError(f"every record needs a record_id of its own; of {count} {missing} have none, {distinct} differ")
    whole = dict(records.dtypes)["record_id"] in {"bigint", "int", "smallint", "tinyint"}
    schema = kernels.RECORD.format(id="bigint" if whole else "string")
    known = records.mapInArrow(kernels.parsed, schema).localCheckpoint()
    if not whole and known.select("rank").distinct().count() < count:
        raise ValueError("two record_ids have one hash; name them otherwise")
    known, nicknames = _without_nicknames(known, count, policy, schema)
    clean = known.mapInArrow(kernels.cleaner(_hubs(known, policy), _crowded_days(known)), schema).localCheckpoint()
    marked, counted = _marked(clean, count, policy, schema)
    keys = marked.mapInArrow(kernels.keyer(policy.blocks), kernels.KEY)
    shared = session.sql(_PAIRS, keys=keys, limits=_limits(session, policy))
    found = shared.mapInArrow(kernels.paired, kernels.PAIR).localCheckpoint()
    sides = session.sql(_SIDES, args={"near": phones_alike.NEAR}, found=found, records=marked)
    pairs = sides.mapInArrow(kernels.compared, kernels.COMPARED).localCheckpoint()
    model, weights = _weights(pairs, marked, policy, Names(counted, nicknames), count, _chance(found, marked, policy))
    args = {"bonus": policy.verified_bonus, "contradiction": CONTRADICTION}
    linked = session.sql(_LINKED, args=args, pairs=pairs, weights=weights).localCheckpoint()
    return SparkResolution(_entities(linked, marked, policy, model), model)


def _without_nicknames(known: Any, count: int, policy: Policy, schema: str) -> tuple[Any, Sequence[int]]:
    """Return the records without names that are none, and the keys of these."""
    if count < policy.enough_names:
        return known, ()
    args = {"least": notes.NICKNAME_RECORDS, "times": notes.NICKNAME_TIMES}
    none = _ints(known.sparkSession.sql(_NICKNAMES, args=args, records=known).toArrow(), "own")
    if not len(none):
        return known, ()
    return known.mapInArrow(kernels.nicknamer(none), schema).localCheckpoint(), nickname_keys(none)


def _hubs(known: Any, policy: Policy) -> dict[int, Ints]:
    """Return by kind the codes that identify nobody: of too many records or names, or blocked by hand."""
    args = {"records": policy.hub_records, "names": policy.hub_names}
    found = known.sparkSession.sql(_HUBS, args=args, records=known).toArrow()
    kinds, codes = _ints(found, "kind"), _ints(found, "code")
    hubs = {}
    for kind, name in enumerate(KINDS):
        blocked = codes_of(kind, pa.array(sorted(policy.blocked_values(name)), pa.string()))
        if len(both := np.union1d(codes[kinds == kind], blocked[blocked > 0])):
            hubs[kind] = both
    return hubs


def _crowded_days(known: Any) -> Ints:
    days = known.sparkSession.sql(_DAYS, records=known).toArrow()
    return crowded(_ints(days, "day"), _ints(days, "often"))


def _marked(clean: Any, count: int, policy: Policy, schema: str) -> tuple[Any, dict[int, int]]:
    """Return the records with the marks of their phones and names, and the keys of names that are not rare with their counts."""
    session, rare = clean.sparkSession, count >= policy.enough_names
    medium, common = name_steps(count)
    names = session.sql(_NAMES, records=clean)
    args = {"rare": rare, "medium": medium, "common": common, "few": notes.FEW}
    frames = {"holders": _HOLDERS, "own": _OWN, "signs": _SIGNS}
    tables = {name: session.sql(text, records=clean) for name, text in frames.items()}
    marks = session.sql(_MARKS, args=args, records=clean, names=names, **tables)
    often = names.where(names.often >= medium).toArrow() if rare else None
    counted = {} if often is None else frequent_names(_ints(often, "own"), _ints(often, "often"))
    return marks.mapInArrow(kernels.marked, schema).localCheckpoint(), counted


def _limits(session: Any, policy: Policy) -> Any:
    """Return how many records a block may hold to be compared."""
    largest = dict.fromkeys(KINDS, policy.hub_records) | {name: blocks.LARGEST[name] for name in WEAK_BLOCKS}
    places = pa.array(range(len(BLOCKS)), pa.int32())
    return session.createDataFrame(pa.table({"block": places, "largest": [largest[name] for name in BLOCKS]}))


def _chance(found: Any, marked: Any, policy: Policy) -> dict[str, float]:
    session = found.sparkSession
    seen = session.sql(_ALIKE, found=found).toArrow().to_pylist()
    often = {(BLOCKS[row["block"]], row["alike"]): row["often"] for row in seen}
    counted = {
        name: np.array([often.get((name, how), 0) for how in range(4)], np.int64)
        for name in blocks.BY_PHONE
        if name in policy.blocks
    }
    whole, hidden = session.sql(_STATED, records=marked).first()
    return phones_alike.chances(counted, (whole, hidden))


def _weights(pairs: Any, marked: Any, policy: Policy, names: Names, count: int, chance: Mapping[str, float]) -> tuple[Model, Any]:
    """Fit the model to all pairs; return it and the weight (log odds over the threshold) of each pattern."""
    session = pairs.sparkSession
    often = session.sql("select seen, count(*) as often from {pairs} group by seen order by seen", pairs=pairs).toArrow()
    seen, counts = _ints(often, "seen"), _ints(often, "often")
    random: Future[Ints] = Future()
    part = marked.mapInArrow(kernels.drawer(count), marked.schema).toArrow()
    matrix, ranks = kernels.matrix_of(part.column("row")), _ints(part, "rank")
    if count >= SMALL:
        random.set_result(stranger_patterns(matrix, ranks, np.arange(len(ranks)), kernels.NO_LINKS, kernels.NO_SPANS))
    model = fitted_model(seen, counts, None, policy, names, count, chance, random, lambda: matrix)
    weights = pattern_weights(seen, model) - log(policy.threshold / (1 - policy.threshold))
    return model, session.createDataFrame(pa.table({"seen": seen, "weight": weights}))


def _entities(linked: Any, marked: Any, policy: Policy, model: Model) -> Any:
    session = linked.sparkSession
    found, floor = components(linked.select("a", "b")).localCheckpoint(), 0.0
    sizes = session.sql(_SIZES, found=found)
    while sizes.where(sizes.size > LARGEST_COMPONENT).limit(1).count() and floor <= 30:
        floor += 1.0
        args = {"largest": LARGEST_COMPONENT, "floor": floor}
        kept = session.sql(_STRONGER, args=args, linked=linked, found=found, sizes=sizes)
        found = components(kept.select("a", "b")).localCheckpoint()
        sizes = session.sql(_SIZES, found=found)
    priors = np.array(model.priors) - log(policy.threshold / (1 - policy.threshold))
    looked = session.sql(_GUARDED, args={"parts": _PARTS}, found=found, sizes=sizes, records=marked)
    labels = looked.groupBy("part").applyInArrow(kernels.guarder(policy, model.table(), priors), kernels.LABEL)
    return session.sql(_ENTITIES, records=marked, found=found, labels=labels)


def _ints(table: pa.Table, name: str) -> Ints:
    return np.array(table.column(name), dtype=np.int64)

"""A part of the data, judged with what is known of the whole, gives the persons of the whole."""

import random
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa

from huitou.core.identity import Policy, resolve
from huitou.core.identity.match import fields
from huitou.core.identity.match.blocks import LARGEST, block_keys
from huitou.core.identity.match.row_keys import BLOCKS
from huitou.demo.identities import Recipe, record_chunks


def asked_of(counts):
    return lambda kinds, keys: np.array(
        [counts[BLOCKS[kind], key] for kind, key in zip(kinds.tolist(), keys.tolist(), strict=True)]
    )


def test_what_shares_keys_with_a_record_is_enough_to_find_its_person():
    parts = [records for _, records, _ in record_chunks(Recipe(4_000, seed=31))]
    everybody = pa.concat_tables(parts)
    policy = Policy(fit_pairs=500, enough_names=1_000)  # fit as a run over a whole chain does
    whole = resolve({"all": everybody}, policy=policy)
    entity = dict(zip(*(whole.entities[name].to_pylist() for name in ("record_id", "entity_id")), strict=True))
    members = defaultdict(set)
    for record, name in entity.items():
        members[name].add(record)
    keys = block_keys({"all": everybody}).to_pylist()
    holders, held = defaultdict(set), defaultdict(set)
    for row in keys:
        holders[row["kind"], row["key"]].add(row["record_id"])
        held[row["record_id"]].add((row["kind"], row["key"]))
    counts = Counter({key: len(records) for key, records in holders.items()})
    place = {record: at for at, record in enumerate(everybody["record_id"].to_pylist())}
    agreed = asked = 0
    for record in random.Random(5).sample(sorted(place), 120):
        near = {
            other for key in held[record] if counts[key] <= LARGEST.get(key[0], policy.hub_records) for other in holders[key]
        } | {record}  # fmt: skip
        scope = {other for name in {entity[other] for other in near} for other in members[name]}
        rows = everybody.take(pa.array([place[other] for other in sorted(scope)]))
        found = resolve({"part": rows}, policy=policy, model=whole.model, crowds=asked_of(counts)).entities
        mine = dict(zip(*(found[name].to_pylist() for name in ("record_id", "entity_id")), strict=True))
        asked += 1
        agreed += {other for other in scope if mine[other] == mine[record]} == members[entity[record]]
    assert agreed >= 0.99 * asked


def test_a_name_that_is_common_elsewhere_is_not_taken_for_rare():
    names = ["欧阳静怡", "诸葛建国", "司徒美玲", "上官婉儿", "慕容雪梅", "尉迟国强"]
    rows = [{"record_id": at, "name": names[at % 6], "store_id": str(at)} for at in range(12)]
    everybody = pa.Table.from_pylist(rows)
    policy = Policy(fit_pairs=1, enough_names=1)
    whole = resolve({"all": everybody}, policy=policy)
    keys = block_keys({"all": everybody}).to_pylist()
    rare = [row["key"] for row in keys if row["kind"] == "rare_name" and row["record_id"] == 0]
    part = everybody.take(pa.array([0, 6]))
    seen = []
    for records in (2, 40):
        counts = Counter({("rare_name", key): records for key in rare})
        found = resolve({"part": part}, policy=policy, model=whole.model, crowds=asked_of(counts))
        seen.append(len(found._match.pairs))
    assert seen == [1, 0]


def test_holders_elsewhere_say_nothing_of_other_names():
    names = ["欧阳静怡", "诸葛建国", "司徒美玲", "上官婉儿", "慕容雪梅", "尉迟国强"]
    everybody = pa.Table.from_pylist([{"record_id": at, "name": name, "store_id": str(at)} for at, name in enumerate(names * 2)])
    policy = Policy(fit_pairs=1, enough_names=1)
    whole = resolve({"all": everybody}, policy=policy)
    keys = {row["record_id"]: row["key"] for row in block_keys({"all": everybody}).to_pylist() if row["kind"] == "rare_name"}
    for frequent in range(6):  # five of the whole hold this name, two of them are here
        counts = Counter({("rare_name", key): 5 if key == keys[frequent] else 2 for key in keys.values()})
        found = resolve({"part": everybody}, policy=policy, model=whole.model, crowds=asked_of(counts))
        marks = found._match.features.matrix[:, fields.FACTS] >> fields.NAMESAKES_SHIFT & 3
        assert marks.tolist() == [3 if keys[record] == keys[frequent] else 1 for record in range(12)]

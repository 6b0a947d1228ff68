"""A handful of records given as Python values are judged as the same records in tables."""

import random

import numpy as np
import pyarrow as pa
import pytest

from huitou.core.identity import FewRecord, FewValue, resolve, resolve_few
from huitou.core.identity.match.features import gather
from huitou.core.identity.match.few import features_of_few
from huitou.core.identity.match.row_keys import weak_keys_of
from huitou.demo.identities import Recipe
from huitou.demo.identities_leases import record_chunks

TEXTS = ("name", "gender", "birthday", "address", "phone", "member_card", "wx_openid", "wx_unionid", "email", "store_id")
VALUES = pa.schema([
    ("record_id", pa.int64()), ("kind_code", pa.string()), ("value", pa.string()), ("verified", pa.string()),
    ("valid_to", pa.string()),
])  # fmt: skip


def dirty(seed: int, count: int) -> list[FewRecord]:
    rows = [row for _, table, _ in record_chunks(Recipe(count, seed=seed, dirt=1.5)) for row in table.to_pylist()]
    random.Random(seed).shuffle(rows)
    return [FewRecord(7 * at, {name: row[name] for name in TEXTS if row[name]}) for at, row in enumerate(rows)]


def listed(records: list[FewRecord], seed: int) -> list[FewValue]:
    """Own values told again, verified or not, and values of others: some of them ended."""
    draw, found = random.Random(seed), []
    for record in records:
        for kind, name in (("phone", "phone"), ("card", "member_card"), ("email", "email"), ("openid", "wx_openid")):
            teller = record if draw.random() < 0.7 else draw.choice(records)
            if name in teller.texts and draw.random() < 0.5:
                found.append(FewValue(record.record_id, kind, teller.texts[name], draw.random() < 0.4, draw.random() < 0.2))
    return [*found, FewValue(-5, "phone", "13912345670", True, False)]


def as_tables(records: list[FewRecord], values: list[FewValue]) -> tuple[pa.Table, pa.Table]:
    columns = {name: pa.array([record.texts.get(name) for record in records], pa.string()) for name in TEXTS}
    held = [
        (one.record_id, one.kind_code, one.value, "1" if one.is_verified else None, "1" if one.has_ended else None)
        for one in values
    ]
    rows = [dict(zip(VALUES.names, row, strict=True)) for row in held]
    ids = pa.array([record.record_id for record in records], pa.int64())
    return pa.table({"record_id": ids, **columns}), pa.Table.from_pylist(rows, VALUES)


@pytest.mark.parametrize("seed", range(4))
def test_few_records_are_parsed_and_judged_as_in_tables(seed: int):
    records = dirty(seed, 400)
    values = listed(records, seed)
    table, more = as_tables(records, values)
    many, few = gather({"all": table}, more), features_of_few(records, values)
    assert np.array_equal(many.matrix, few.matrix)
    assert all(np.array_equal(*pair) for pair in zip(weak_keys_of(many), weak_keys_of(few), strict=True))
    one, other = resolve({"all": table}, identifiers=more), resolve_few(records, values)
    for name in ("entities", "edges", "review", "hubs", "households"):
        assert getattr(one, name).equals(getattr(other, name)), name
    assert other.edges.num_rows > 100


def test_nobody_and_one_record_alone_are_judged_too():
    assert resolve_few([], []).entities.num_rows == 0
    alone = resolve_few([FewRecord(5, {"name": "王小芳", "phone": "13912345678"})], [])
    assert alone.entities.to_pylist() == [{"record_id": 5, "entity_id": 5}]
    table = pa.table({"record_id": pa.array([5]), "name": ["王小芳"], "phone": ["13912345678"]})
    whole = resolve({"all": table})
    for name in ("edges", "review", "hubs"):
        assert getattr(alone, name).schema == getattr(whole, name).schema
        assert not len(getattr(alone, name))

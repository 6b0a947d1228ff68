"""Our matcher beside Splink, both without labels, on the same normalised columns of records whose persons are known."""

import importlib.util
import logging
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from benchmarks._identity_splink import THRESHOLDS, splink_labels, splink_trained

from huitou.core.identity import Policy, resolve
from huitou.core.identity.match.levels import FIELDS
from huitou.core.identity.match.model import Model
from huitou.core.identity.normalise import NORMALISERS, normalised_column
from huitou.demo.identities import Recipe, record_chunks

pytestmark = pytest.mark.skipif(importlib.util.find_spec("splink") is None, reason="Splink is not installed")
_MOST_HOLDERS = 14  # a value that more records hold is nobody's, for both
_COLUMNS = {
    "name": "name", "phone": "phone", "card": "member_card", "openid": "wx_openid", "unionid": "wx_unionid", "email": "email",
    "gender": "gender", "birthday": "birthday", "home": "address", "store_id": "store_id",
}  # fmt: skip
_NAMED_BY_US = {"home": "address", "store_id": "store"}
_IDENTIFIERS = ("phone", "card", "openid", "unionid", "email")


@dataclass(frozen=True)
class Beside:
    """What both found. ours, splink: entities by record, in the order of `person`; Splink's at the best of three thresholds."""

    person: np.ndarray
    ours: np.ndarray
    splink: np.ndarray
    model: Model
    equal: dict[str, float]  # Splink's log odds of an equal value, by comparison
    other: dict[str, float]  # of any other value
    names: list[tuple[int, float]]  # how many hold a name, and what Splink adds to an equal one for that; the rarest first


@pytest.fixture(scope="module")
def beside() -> Beside:
    logging.getLogger("splink").setLevel(logging.ERROR)
    chunks = list(record_chunks(Recipe(records=4_000, seed=7)))
    sources = {source: _normalised(table) for source, table, _ in chunks}
    truth = pa.concat_tables([truth for _, _, truth in chunks]).sort_by("record_id")
    found = resolve(sources, policy=Policy(fit_pairs=200))  # Splink is fitted to these few records, too
    entities = found.entities.sort_by("record_id")
    assert entities["record_id"].to_pylist() == truth["record_id"].to_pylist()
    ours = np.asarray(pc.dictionary_encode(entities["entity_id"].combine_chunks()).indices)
    with duckdb.connect(config={"threads": 2}) as connection:
        return _compared(connection, pa.concat_tables(list(sources.values())), np.asarray(truth["person_id"]), ours, found.model)


def _compared(
    connection: duckdb.DuckDBPyConnection, records: pa.Table, person: np.ndarray, ours: np.ndarray, model: Model
) -> Beside:
    connection.execute("set enable_progress_bar = false")
    connection.register("normalised", records)
    said = ", ".join(
        f"case when count(*) over (partition by {of}) <= {_MOST_HOLDERS} then {of} end as {name}"
        if name in _IDENTIFIERS
        else f"{of} as {name}"
        for name, of in _COLUMNS.items()
    )
    connection.execute(f"create table cleaned as select record_id as unique_id, left(name, 1) as surname, {said} from normalised")
    linker = splink_trained(connection, steps=True)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    labels = [splink_labels(connection, linker, pairs, threshold) for threshold in THRESHOLDS]
    of_names = (
        "with held as (select name, count(*) as holders from cleaned group by name)"
        f" select distinct holders, mw_tf_adj_name from {pairs.physical_name} inner join held on name_l = name"
        " where name_l = name_r order by holders, mw_tf_adj_name desc"
    )
    levels = [
        (one["output_column_name"], level["label_for_charts"], level["m_probability"] / level["u_probability"])
        for one in linker.misc.save_model_to_json()["comparisons"]
        for level in one["comparison_levels"]
        if level.get("m_probability") and level.get("u_probability")
    ]
    return Beside(
        person,
        ours,
        max(labels, key=lambda entities: f1(person, entities)),
        model,
        {field: float(np.log(odds)) for field, label, odds in levels if label.startswith("Exact match")},
        {field: float(np.log(odds)) for field, label, odds in levels if label.startswith("All other")},
        connection.execute(of_names).fetchall(),
    )


def _normalised(table: pa.Table) -> pa.Table:
    columns = {name: normalised_column(table[name], read) for name, read in NORMALISERS.items() if name in table.column_names}
    return pa.table({name: columns.get(name, table[name]) for name in table.column_names})


def f1(person: np.ndarray, entity: np.ndarray) -> float:
    """Return the F1 of the pairs of records that are together."""

    def pairs(labels: np.ndarray) -> int:
        counts = np.unique(labels, return_counts=True, axis=0)[1]
        return int((counts * (counts - 1) // 2).sum())

    return 2 * pairs(np.stack([person, entity], axis=1)) / (pairs(person) + pairs(entity))


def _weights(model: Model, level: str) -> dict[str, float]:
    """Return our weights of one level by Splink's name of the field, of the fields that have it."""
    named = {field.name: dict(zip(field.levels, model.weights[field.name], strict=True)) for field in FIELDS}
    ours = {_NAMED_BY_US.get(name, name): name for name in _COLUMNS}
    return {theirs: named[own][level] for own, theirs in ours.items() if level in named.get(own, {})}


def test_our_pairs_are_not_worse_than_those_of_splink(beside):
    assert f1(beside.person, beside.ours) >= f1(beside.person, beside.splink)
    assert f1(beside.person, beside.splink) > 0.7  # it is a fair opponent, not a broken one


def test_both_take_an_equal_value_for_and_another_against_one_person(beside):
    equal, other = _weights(beside.model, "equal"), _weights(beside.model, "other")
    assert len(equal.keys() & beside.equal.keys()) >= 7
    assert len(other.keys() & beside.other.keys()) >= 7
    assert [name for name in equal.keys() & beside.equal.keys() if min(equal[name], beside.equal[name]) <= 0] == []
    assert [name for name in other.keys() & beside.other.keys() if max(other[name], beside.other[name]) >= 0] == []


def test_both_hold_gender_and_store_for_the_weakest_and_the_numbers_of_an_app_for_strong(beside):
    for equal in (_weights(beside.model, "equal"), beside.equal):
        weakest = sorted(equal, key=lambda name: equal[name])[:2]
        assert set(weakest) == {"gender", "store_id"}
        assert min(equal["openid"], equal["unionid"]) > max(equal["birthday"], equal["gender"], equal["store_id"])


def test_for_both_a_rare_name_says_more_than_a_common_one(beside):
    names = dict(zip(FIELDS[0].levels, beside.model.weights["name"], strict=True))
    assert names["equal_rare"] > names["equal"] > names["equal_common"]
    holders, added = zip(*beside.names, strict=True)
    assert holders[0] < holders[-1]
    assert added[0] > added[-1]
    assert list(added) == sorted(added, reverse=True)

"""Two independent generators of dirty records with truth: same shape, reproducible, and the matcher does well on both."""

from collections import Counter

import pyarrow as pa
import pytest

from huitou.core.identity import resolve
from huitou.demo import identities, identities_leases
from huitou.demo.identities import COLUMNS, SOURCES, Recipe


@pytest.mark.parametrize("generator", [identities, identities_leases])
def test_either_way_of_dirt_has_thirty_percent_duplicates_and_most_are_found(generator):
    recipe = Recipe(3_000, seed=4)
    made = list(generator.record_chunks(recipe))
    assert [source for source, _, _ in made] == list(SOURCES)
    assert all(tuple(records.column_names) == COLUMNS for _, records, _ in made)
    assert [records for _, records, _ in generator.record_chunks(recipe)] == [records for _, records, _ in made]
    truth = pa.concat_tables([part for _, _, part in made])
    person = dict(zip(*(truth[name].to_pylist() for name in ("record_id", "person_id")), strict=True))
    assert 1 - len(set(person.values())) / len(person) == pytest.approx(0.30, abs=0.001)
    found = resolve({source: records for source, records, _ in made}).entities
    entity = dict(zip(*(found[name].to_pylist() for name in ("record_id", "entity_id")), strict=True))
    together = sum(pairs((entity[record], person[record]) for record in person))
    assert together / sum(pairs(entity.values())) >= 0.93
    assert together / sum(pairs(person.values())) >= 0.80
    assert 1 - len(set(person.values())) / len({(entity[record], person[record]) for record in person}) <= 0.08


def pairs(labels):
    return (count * (count - 1) // 2 for count in Counter(labels).values())

"""Which id a cluster keeps, and which value a file shows."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from huitou.core.identity.naming import assign_ids
from huitou.core.identity.survivorship import RecordFacts, surviving_values


def test_an_id_stays_with_the_larger_part_and_among_equals_the_older_id_stays():
    assert assign_ids({1: 10, 2: 10, 3: 10}, [[1], [2, 3]]).names == (None, 10)
    assert assign_ids({1: 11, 2: 10}, [[1, 2]]).names == (10,)
    assert assign_ids({1: 11, 2: 10}, [[1, 2]]).absorbed == {11: 0}
    assert assign_ids({}, [[1], [2, 3]]).names == (None, None)


@given(
    st.dictionaries(st.integers(0, 30), st.integers(100, 106)),
    st.lists(st.integers(0, 5), min_size=31, max_size=31),
)
def test_every_id_is_kept_once_or_absorbed_and_nothing_moves_without_a_change(previous, labels):
    clusters = [[record for record in range(31) if labels[record] == label] for label in set(labels)]
    naming = assign_ids(previous, clusters)
    kept = [name for name in naming.names if name is not None]
    assert len(kept) == len(set(kept))
    assert set(kept) | naming.absorbed.keys() == set(previous.values())
    named = {record: naming.names[at] or 1_000 + at for at, cluster in enumerate(clusters) for record in cluster}
    assert {record: assign_ids(named, clusters).names[at] for at, cluster in enumerate(clusters) for record in cluster} == named


def record(record_id, source, day, verified=(), **fields):
    return RecordFacts(record_id, source, datetime(2026, 1, day, tzinfo=UTC), fields, verified)


def test_verified_then_source_then_newer_then_frequent():
    values = surviving_values([
        record(1, "pos", 9, phone="13911112222", name="王女士", gender="女"),
        record(2, "membership", 2, phone="13933334444", name="王小芳", birthday="1985-03-07"),
        record(3, "mall", 3, ("phone",), phone="139 5555 6666", name="快乐的小鱼", birthday="1990-01-02", email="a.b@qq.com"),
        record(4, "mall", 5, name="王小芳", birthday="1991-01-02", email="c.d@qq.com"),
    ])  # fmt: skip
    shown = {name: (value["value"], value["record_id"]) for name, value in values.items()}
    assert shown == {
        "phone": ("13955556666", 3), "name": ("王小芳", 2), "gender": ("F", 1), "birthday": ("1985-03-07", 2),
        "email": ("c.d@qq.com", 4),
    }  # fmt: skip


def test_placeholders_masked_and_hub_values_never_show():
    rows = [record(1, "membership", 2, phone="13800138000", name="王*芳", member_card="66010001")]
    assert surviving_values(rows, excluded={"member_card": {"66010001"}}) == {}
    assert surviving_values([]) == {}

from datetime import timedelta

import pytest
from tests.warehouse.chain import AS_OF, SMALL, Chain, Document, Line
from tests.warehouse.test_tail import fold

from huitou.warehouse.compare import canonical_hash, compare_versions
from huitou.warehouse.layout import Layout
from huitou.warehouse.switch import Version


def land_two_days(chain: Chain) -> None:
    chain.land(Document(i, AS_OF, (Line(1 + i % 3, 100 * i),), record_id=1 + i % 4) for i in range(1, 12))
    chain.land(Document(100 + i, AS_OF, (Line(1, 7),), record_id=i % 5 or None) for i in range(6))


def test_a_fold_equals_its_rebuild_and_a_wrong_one_does_not(chain: Chain):
    land_two_days(chain)
    base = chain.base(1, {1: 1, 2: 2, 3: 3, 4: 4}, batch_ids=[1])
    fold(chain, 2, base, {4: 1})
    chain.base(3, {1: 1, 2: 2, 3: 3, 4: 1})
    chain.base(4, {1: 1, 2: 2, 3: 3, 4: 2})
    right = compare_versions(chain.layout, folded=Version(2, 1, 2), rebuilt=Version(3, 3, None), limits=SMALL)
    wrong = compare_versions(chain.layout, folded=Version(2, 1, 2), rebuilt=Version(4, 4, None), limits=SMALL)
    assert right.equal
    assert [table.table for table in wrong.tables if not table.equal] == ["map", "facts"]


def test_versions_of_other_batches_are_not_compared(chain: Chain):
    land_two_days(chain)
    base = chain.base(1, {1: 1}, batch_ids=[1])
    fold(chain, 2, base, {})
    chain.base(3, {1: 1}, as_of=AS_OF + timedelta(days=1))
    with pytest.raises(ValueError, match="not of the same batches and day"):
        compare_versions(chain.layout, folded=Version(2, 1, 2), rebuilt=Version(3, 3, None), limits=SMALL)


def test_a_replay_has_the_same_canonical_hash_whatever_the_person_ids(chain: Chain, tmp_path):
    land_two_days(chain)
    chain.base(1, {1: 10, 2: 10, 3: 30, 4: 40})
    replay = Chain(Layout(tmp_path / "replay"))
    land_two_days(replay)
    replay.base(1, {1: 7, 2: 7, 3: 2, 4: 1})
    other = Chain(Layout(tmp_path / "other"))
    land_two_days(other)
    other.base(1, {1: 7, 2: 8, 3: 2, 4: 1})
    hashes = [canonical_hash(where.layout, Version(1, 1, None), limits=SMALL) for where in (chain, replay, other)]
    assert hashes[0] == hashes[1] != hashes[2]

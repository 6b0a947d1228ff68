from datetime import timedelta

import pytest
from tests.warehouse.chain import AS_OF, SMALL, Chain, Document, Line
from tests.warehouse.test_tail import fold

from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.changes import changed_facts
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.switch import switch

PEOPLE = {record: 100 + record for record in range(1, 8)}


def start(chain: Chain):
    chain.land(Document(record, AS_OF, (Line(1, 100 * record),), record_id=record) for record in PEOPLE)
    return chain.publish(1, PEOPLE)


def read(layout: Layout, since: int | None, rows: int = 20_000) -> tuple[bool, list[list[int]], list[int]]:
    with changed_facts(layout, since=since, limits=SMALL) as changes:
        chunks = [chunk["person_id"].to_pylist() for chunk in changes.chunks(rows)]
        assert sum(len(chunk) for chunk in chunks) == changes.changed_rows
        return changes.full, chunks, changes.deleted()


def test_the_first_publish_is_full_and_comes_in_chunks_in_key_order(chain: Chain):
    start(chain)
    assert read(chain.layout, None, rows=3) == (True, [[101, 102, 103], [104, 105, 106], [107]], [])


def test_only_persons_whose_facts_differ_come_up(chain: Chain):
    base = start(chain)
    chain.land([Document(20, AS_OF, (Line(1, 5),), record_id=2)])
    fold(chain, 2, base, {3: 104, 5: None})  # 103 merges into 104, 105 loses its only record
    switch(chain.layout, base=1, tail=2)
    assert read(chain.layout, 1) == (False, [[102, 104]], [103, 105])
    assert read(chain.layout, 2) == (False, [], [])


def test_a_lost_publish_is_repaired_by_the_next_one(chain: Chain):
    base = start(chain)
    fold(chain, 2, base, {3: 104})
    switch(chain.layout, base=1, tail=2)
    fold(chain, 3, base, {})  # undone again
    switch(chain.layout, base=1, tail=3)
    assert read(chain.layout, 1) == (False, [], [])
    assert read(chain.layout, 2) == (False, [[103, 104]], [])


def test_a_new_base_is_compared_with_what_was_published(chain: Chain):
    start(chain)
    chain.land([Document(20, AS_OF + timedelta(days=1), (Line(1, 5),), record_id=2)])
    chain.publish(2, {**PEOPLE, 1: 107})
    assert read(chain.layout, 1) == (False, [[102, 107]], [101])


def test_a_version_whose_files_are_gone_gives_a_full_difference(chain: Chain):
    base = start(chain)
    for number in range(2, 6):
        fold(chain, number, base, {})
        switch(chain.layout, base=1, tail=number)
    assert read(chain.layout, 2)[0] is True
    assert read(chain.layout, 3)[0] is False


def test_nothing_published_is_said_so(layout: Layout):
    with pytest.raises(NothingPublished, match="run a build first"), changed_facts(layout, since=None):
        pass

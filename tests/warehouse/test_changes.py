from datetime import date, timedelta

import pyarrow as pa
from tests.warehouse.chain import AS_OF, SMALL, Chain, Document, Line
from tests.warehouse.test_tail import fold

from huitou.warehouse.facts_schema import COLUMNS
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.changes import STORED, changed_facts
from huitou.warehouse.switch import Version, switch

PEOPLE = {record: 100 + record for record in range(1, 8)}


def start(chain: Chain):
    chain.land(Document(record, AS_OF, (Line(1, 100 * record),), record_id=record) for record in PEOPLE)
    return chain.publish(1, PEOPLE)


def of(number: int, base: int = 1) -> Version:
    return Version(number, base, None if number == base else number)


def read(layout: Layout, version: Version, before, rows: int = 20_000) -> tuple[list[list[int]], list[int]]:
    with changed_facts(layout, version, before=before, limits=SMALL) as changes:
        chunks = [[row[0] for row in chunk] for chunk in changes.changed_rows(rows)]
        assert sum(len(chunk) for chunk in chunks) == changes.changed
        return chunks, changes.gone


def table(rows: list[tuple]) -> pa.Table:
    """What the operations database holds: rows as they were written, dates as dates again."""
    named = [dict(zip(COLUMNS, row, strict=False)) for row in rows]
    dated = [{**row, **{name: date.fromisoformat(row[name]) for name in ("first_date", "last_date")}} for row in named]
    return pa.Table.from_pylist(dated, schema=STORED)


def test_beside_nothing_stored_every_row_comes_in_chunks_in_key_order(chain: Chain):
    start(chain)
    assert read(chain.layout, of(1), [], rows=3) == ([[101, 102, 103], [104, 105, 106], [107]], [])


def test_a_row_is_the_facts_with_iso_days_and_the_version_behind_them(chain: Chain):
    start(chain)
    with changed_facts(chain.layout, of(1), before=[], limits=SMALL) as changes:
        ((first, *_),) = list(changes.all_rows(100))
    assert first[: COLUMNS.index("net_fen") + 1] == (101, str(AS_OF), str(AS_OF), 1, 1, 100)
    assert (len(first), first[-1]) == (len(COLUMNS) + 1, 1)


def test_stored_rows_are_compared_value_by_value(chain: Chain):
    start(chain)
    with changed_facts(chain.layout, of(1), before=[], limits=SMALL) as changes:
        (rows,) = list(changes.all_rows(100))
    wrong = [(*row[:5], -1, *row[6:]) if row[0] == 104 else row for row in rows if row[0] != 102]
    stranger = (999, *rows[0][1:])
    assert read(chain.layout, of(1), [table(rows[:3]), table(rows[3:])]) == ([], [])
    assert read(chain.layout, of(1), [table(wrong), table([stranger])]) == ([[102, 104]], [999])


def test_only_persons_whose_facts_differ_come_up(chain: Chain):
    base = start(chain)
    chain.land([Document(20, AS_OF, (Line(1, 5),), record_id=2)])
    fold(chain, 2, base, {3: 104, 5: None})  # 103 merges into 104, 105 loses its only record
    switch(chain.layout, base=1, tail=2)
    assert read(chain.layout, of(2), of(1)) == ([[102, 104]], [103, 105])
    assert read(chain.layout, of(2), of(2)) == ([], [])
    assert read(chain.layout, of(1), of(1)) == ([], [])


def test_a_lost_publish_is_repaired_by_the_next_one(chain: Chain):
    base = start(chain)
    fold(chain, 2, base, {3: 104})
    switch(chain.layout, base=1, tail=2)
    fold(chain, 3, base, {})  # undone again
    switch(chain.layout, base=1, tail=3)
    assert read(chain.layout, of(3), of(1)) == ([], [])
    assert read(chain.layout, of(3), of(2)) == ([[103, 104]], [])


def test_a_new_base_is_compared_with_what_was_published(chain: Chain):
    start(chain)
    chain.land([Document(20, AS_OF + timedelta(days=1), (Line(1, 5),), record_id=2)])
    chain.publish(2, {**PEOPLE, 1: 107})
    assert read(chain.layout, of(2, base=2), of(1)) == ([[102, 107]], [101])

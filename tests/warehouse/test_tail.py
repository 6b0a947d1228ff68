"""Base and tail against a rebuild from empty: every table, row for row, over random histories."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.warehouse.chain import AS_OF, RETURN, SMALL, VOID, Chain, Document, Line, days_before, dims, record_map

from huitou.warehouse.connect import connect
from huitou.warehouse.layout import Layout
from huitou.warehouse.overlay import overlay_sql
from huitou.warehouse.result import BuildResult
from huitou.warehouse.switch import base_path, tail_path
from huitou.warehouse.tables import COLUMNS
from huitou.warehouse.tail import fold_tail

pytestmark = pytest.mark.long(35)


def fold(chain: Chain, number: int, base: BuildResult, changes: Mapping[int, int | None], **options) -> BuildResult:
    arguments = {
        "batch_ids": [batch for batch in chain.batch_ids if batch not in base.batch_ids],
        "map_changes": record_map(changes), "erased_record_ids": (), "as_of": AS_OF, "map_seq": 1, "dims": dims(),
        "limits": SMALL, **options,
    }  # fmt: skip
    return fold_tail(chain.layout, number=number, base=base.number, **arguments)


def differences(layout: Layout, base: int, tail: int, rebuilt: int) -> dict[str, list[tuple]]:
    """Return the rows of each table that only one of (base + tail) and the rebuild has."""
    connection = connect(limits=SMALL, temporary=layout.root)
    for alias, path in (("b", base_path(layout, base)), ("t", tail_path(layout, tail)), ("r", base_path(layout, rebuilt))):
        connection.execute(f"attach '{path}' as {alias} (read_only)")
    found = {}
    for table in COLUMNS:
        one, other = overlay_sql(table, base="b", tail="t"), overlay_sql(table, base="r", tail=None)
        rows = connection.execute(
            f"""select 'fold', * from (({one}) except all ({other}))
                union all select 'rebuild', * from (({other}) except all ({one}))"""
        ).fetchall()
        if rows:
            found[table] = rows
    connection.close()
    return found


def test_late_sale_turns_an_orphan_return_into_its_order(chain: Chain):
    chain.land([Document(2, AS_OF, (Line(1, 300),), record_id=6, kind=RETURN, net_order_id=1, store_id=2)])
    base = chain.base(1, {5: 50, 6: 60})
    chain.land([Document(1, days_before(5), (Line(1, 300), Line(2, 100)), record_id=5)])
    fold(chain, 2, base, {})
    chain.base(3, {5: 50, 6: 60}, cuts=base.cuts)
    assert differences(chain.layout, 1, 2, 3) == {}


def test_an_orphan_return_that_was_anonymous_gets_the_sales_record(chain: Chain):
    chain.land([Document(2, AS_OF, (Line(1, 300),), kind=RETURN, net_order_id=1)])
    base = chain.base(1, {5: 50})
    chain.land([Document(1, days_before(5), (Line(1, 300), Line(2, 100)), record_id=5)])
    fold(chain, 2, base, {})
    chain.base(3, {5: 50}, cuts=base.cuts)
    assert differences(chain.layout, 1, 2, 3) == {}


@pytest.mark.parametrize("window", [30, 90, 365])
def test_moving_as_of_recomputes_persons_whose_orders_cross_a_window_edge(chain: Chain, window: int):
    people = {age: 100 + age for age in (window - 2, window - 1, window)}
    chain.land(Document(age, days_before(age), (Line(1, 300),), record_id=age) for age in people)
    base = chain.base(1, people)
    moved = fold(chain, 2, base, {}, as_of=AS_OF + timedelta(days=1))
    chain.base(3, people, cuts=base.cuts, as_of=AS_OF + timedelta(days=1))
    assert differences(chain.layout, 1, 2, 3) == {}
    assert moved.rows["facts"] == 1


def test_orders_dated_after_as_of_enter_the_windows_when_it_moves(chain: Chain):
    chain.land([Document(1, AS_OF + timedelta(days=1), (Line(1, 300),), record_id=5)])
    base = chain.base(1, {5: 50})
    fold(chain, 2, base, {}, as_of=AS_OF + timedelta(days=1))
    chain.base(3, {5: 50}, cuts=base.cuts, as_of=AS_OF + timedelta(days=1))
    assert differences(chain.layout, 1, 2, 3) == {}


def test_an_older_balance_that_lands_later_does_not_win(chain: Chain):
    chain.land([], balances=[(5, 20, AS_OF)])
    base = chain.base(1, {5: 50})
    chain.land([], balances=[(5, 10, days_before(3))])
    fold(chain, 2, base, {})
    chain.base(3, {5: 50}, cuts=base.cuts)
    assert differences(chain.layout, 1, 2, 3) == {}


def test_an_erased_record_leaves_its_revenue_and_no_person(chain: Chain):
    chain.land(
        [Document(1, AS_OF, (Line(1, 300),), record_id=5), Document(2, AS_OF, (Line(1, 50),), record_id=6)],
        points=[(1, 5, AS_OF, 10)], balances=[(5, 10, AS_OF)],
    )  # fmt: skip
    base = chain.base(1, {5: 50, 6: 60})
    chain.land([Document(3, AS_OF, (Line(2, 70),), record_id=5)])
    fold(chain, 2, base, {}, erased_record_ids=[5])
    chain.base(3, {6: 60}, cuts=base.cuts, erased_record_ids=[5])
    assert differences(chain.layout, 1, 2, 3) == {}
    tail = duckdb.connect(str(tail_path(chain.layout, 2)), read_only=True)
    assert tail.execute("select count(*) from t_lines where record_id = 5").fetchone() == (0,)
    assert tail.execute("select sum(net_fen) from t_orders").fetchone() == (370,)


def test_a_base_of_an_older_program_asks_for_a_new_one(chain: Chain):
    chain.land([Document(1, AS_OF, (Line(1, 100),), record_id=5)])
    base = chain.base(1, {5: 50})
    with duckdb.connect(str(base_path(chain.layout, 1))) as connection:
        connection.execute("drop table record_category")
    with pytest.raises(ValueError, match="build a new base"):
        fold(chain, 2, base, {})


@pytest.mark.parametrize(
    ("case", "options", "message"),
    [
        ("as_of goes back", {"as_of": days_before(1)}, "before the base's"),
        ("a batch of the base", {"batch_ids": [1]}, "in the base already"),
        ("a record twice", {"map_changes": pa.concat_tables([record_map({5: 51}), record_map({5: 52})])}, "a record twice: 5"),
    ],
)
def test_arguments_that_do_not_fit_the_base_are_refused(chain: Chain, case: str, options: dict, message: str):
    chain.land([Document(1, AS_OF, (Line(1, 300),), record_id=5)])
    base = chain.base(1, {5: 50})
    with pytest.raises(ValueError, match=message):
        fold(chain, 2, base, {}, **options)
    assert not tail_path(chain.layout, 2).exists(), case


RECORDS = range(1, 9)
SALES = range(100, 124)
lines = st.lists(
    st.builds(Line, st.integers(1, 8), st.integers(0, 900), st.sampled_from([0, 0, 5]), st.integers(1, 3)), min_size=1, max_size=4
)


@st.composite
def histories(draw) -> list[list[Document]]:
    """Batches of documents: sales on any day, returns 1-14 days later, also of sales that land later or never, voids."""
    documents, order_id = [], 200
    for sale_id in SALES:
        d = days_before(draw(st.sampled_from([0, 1, 28, 29, 30, 31, 88, 89, 90, 91, 364, 365, 366])))
        record = draw(st.one_of(st.none(), st.sampled_from(RECORDS)))
        store, channel = draw(st.integers(1, 4)), draw(st.integers(0, 1))
        sold = tuple(draw(lines))
        if draw(st.integers(0, 9)) > 0:
            documents.append(Document(sale_id, d, sold, record, store, channel))
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
            order_id += 1
            kind = draw(st.sampled_from([RETURN, RETURN, VOID]))
            back = d + timedelta(days=draw(st.integers(1, 14)))
            whose = draw(st.sampled_from([record, None, *RECORDS[:2]]))
            documents.append(Document(order_id, back, sold[:1], whose, draw(st.integers(1, 4)), channel, kind, sale_id))
    batches: list[list[Document]] = [[], [], []]
    for document in documents:
        batches[draw(st.integers(0, 2))].append(document)
    return batches


people = st.fixed_dictionaries({record: st.integers(50, 54) for record in RECORDS})
entries = st.lists(st.tuples(st.sampled_from(RECORDS), st.integers(-50, 50)), max_size=4)


@given(
    batches=histories(), before=people, after=people, missing=st.sets(st.sampled_from(RECORDS), max_size=2),
    gone=st.sets(st.sampled_from(RECORDS), max_size=2), erased=st.sets(st.sampled_from(RECORDS), max_size=1),
    moved=st.integers(0, 3), ledger=st.lists(entries, min_size=3, max_size=3),
)  # fmt: skip
@settings(
    max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_base_and_tail_equal_a_rebuild_after_any_history(
    tmp_path_factory, batches, before, after, missing, gone, erased, moved, ledger
):
    chain = Chain(Layout(Path(tmp_path_factory.mktemp("history"))))
    start = {record: person for record, person in before.items() if record not in missing}
    end = {record: person for record, person in after.items() if record not in gone | erased}
    changes = {record: end.get(record) for record in RECORDS}
    as_of: date = AS_OF + timedelta(days=moved)
    entry_id = 0
    for number, documents in enumerate(batches):
        points, balances = [], []
        for record, delta in ledger[number]:
            entry_id += 1
            points.append((entry_id, record, days_before(number), delta))
            balances.append((record, delta, days_before(10 - number)))
        chain.land(documents, points=points, balances=balances)
        if number == 0:
            base = chain.base(1, start)
    fold(chain, 2, base, changes, as_of=as_of, erased_record_ids=sorted(erased))
    chain.base(3, end, as_of=as_of, cuts=base.cuts, erased_record_ids=sorted(erased))
    assert differences(chain.layout, 1, 2, 3) == {}

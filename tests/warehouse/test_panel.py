"""Arrays and SQL answer windows like a walk over the documents, on a base alone and through a tail."""

import random
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.warehouse.chain import AS_OF, RETURN, SMALL, Chain, Document, Line, days_before, dims, record_map

from huitou.core.filters.catalogue import Catalogue, Choice, Event, EventRows, Field, FieldType
from huitou.core.filters.plan import AllOf, AnyOf, Compare, Comparison, Happened, Negated, Step, plan
from huitou.core.filters.tree import All, Any, Condition, Dates, Measure, Not, Operator, Recent, Window
from huitou.core.labels import Label
from huitou.warehouse.filters import step_sql
from huitou.warehouse.layout import Layout
from huitou.warehouse.panel import MISSING, Part, Source
from huitou.warehouse.population import Populations
from huitou.warehouse.queries.happenings import measured_of
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope
from huitou.warehouse.switch import switch
from huitou.warehouse.tail import fold_tail


def _field(name, type_, column, **rest):
    return Field(name, Label(name, name), type_, sql_column=column, **rest)


CHANNELS = (Choice("store", Label("店", "s")), Choice("online", Label("网", "o")))
PURCHASE = Event(
    "purchase",
    Label("购买", "purchase"),
    tuple(Measure),
    (
        _field("category", FieldType.REFERENCE, "category_id", below=((10, (11,)),)),
        _field("product", FieldType.REFERENCE, "product_id"),
        _field("store", FieldType.REFERENCE, "store_id"),
        _field(
            "channel", FieldType.ENUM, "channel", choices=(Choice("store", Label("店", "s")), Choice("online", Label("网", "o")))
        ),
    ),
    one_of=("category", "product"),
)
CATALOGUE = Catalogue(
    Label("客户", "customers"),
    (
        _field("orders", FieldType.INTEGER, "orders_count"),
        _field("last", FieldType.DAYS_AGO, "last_date"),
        _field("top", FieldType.REFERENCE, "top_category_id"),
        Field("even", Label("双", "even"), FieldType.FLAG, orm_path="even"),
    ),
    (PURCHASE,),
)
EVEN = Compare(CATALOGUE["even"], Comparison.EQ, (True,))
PEOPLE = {record: 100 + record // 2 for record in range(1, 31)}
CHANGES = {3: 140, 8: 109, 31: 150, 12: None}  # a split, a merge, somebody new, a record without a person


@dataclass(frozen=True)
class World:
    """One published state and what it was made of."""

    store: Warehouse
    documents: tuple[Document, ...]
    people: dict[int, int | None]


def _documents(seed: int, first: int, count: int, records: range) -> list[Document]:
    rng = random.Random(seed)
    found = []
    for number in range(first, first + count):
        lines = tuple(Line(rng.randint(1, 8), rng.randint(1, 300), pieces=rng.randint(1, 3)) for _ in range(rng.randint(1, 3)))
        record = rng.choice([None, *records])
        place = {"store_id": rng.randint(1, 4), "channel": rng.randint(0, 1), "record_id": record}
        found.append(Document(number, days_before(rng.randint(0, 50)), lines, **place))
        if rng.random() < 0.2:
            back = lines if rng.random() < 0.5 else lines[:1]
            found.append(Document(number + 5000, AS_OF, back, kind=RETURN, net_order_id=number, **place))
    return found


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory):
    """A base; the same base with a tail of new orders, late returns and changed persons."""
    chain = Chain(Layout(tmp_path_factory.mktemp("panel")))
    first = _documents(1, 1, 90, range(1, 31))
    chain.land(first)
    base = chain.publish(1, PEOPLE)
    alone = Warehouse(chain.layout)
    with alone.read():
        pass
    later = _documents(2, 200, 25, range(1, 32))
    later += [Document(9000 + one.order_id, AS_OF, one.lines, record_id=one.record_id, store_id=one.store_id, channel=one.channel,
                       kind=RETURN, net_order_id=one.order_id) for one in first[:6] if one.kind != RETURN]  # fmt: skip
    batch = chain.land(later)
    fold_tail(chain.layout, number=2, base=base.number, batch_ids=[batch], map_changes=record_map(CHANGES), erased_record_ids=(),
              as_of=AS_OF, map_seq=1, dims=dims(), limits=SMALL)  # fmt: skip
    with alone.read() as pinned:  # the reader of the base keeps its version while the tail is published
        switch(chain.layout, base=1, tail=2)
        folded = Warehouse(chain.layout)
        made = {
            "base": World(alone, tuple(first), dict(PEOPLE)),
            "tail": World(folded, (*first, *later), {**PEOPLE, **CHANGES}),
        }
        yield made, pinned
    alone.close()
    folded.close()


class Walk:
    """The answer by walking over the documents of one person."""

    def __init__(self, world: World, person_id: int, facts: dict[str, object]) -> None:
        mine = {record for record, person in world.people.items() if person == person_id}
        sales = {one.order_id: one for one in world.documents if one.kind != RETURN}
        self.person_id, self.facts = person_id, facts
        self.orders = [
            (sale, [one for one in world.documents if one.kind == RETURN and one.net_order_id == sale.order_id])
            for sale in sales.values()
            if sale.record_id in mine
        ]

    def holds(self, step: Step) -> bool:
        match step:
            case AllOf(steps):
                return all(self.holds(one) for one in steps)
            case AnyOf(steps):
                return any(self.holds(one) for one in steps)
            case Negated(one):
                return not self.holds(one)
            case Happened():
                total = self.total(step)
                return total is not None and step.holds(total)
            case Compare(field, comparison, values):
                if field.name == "even":
                    return self.person_id % 2 == 0
                return _compare(comparison, self.facts[field.sql_column], values)

    def total(self, step: Happened) -> int | None:
        among = dict(step.among)
        rows = []
        for sale, returns in self.orders:
            inside = (step.first is None or sale.d >= step.first) and (step.end is None or sale.d < step.end)
            channel = ("store", "online")[sale.channel]
            placed = sale.store_id in among.get("store", (sale.store_id,)) and channel in among.get("channel", (channel,))
            share = [(1, line) for line in sale.lines] + [(-1, line) for back in returns for line in back.lines]
            share = [
                (sign, line)
                for sign, line in share
                if 10 + line.product_id % 4 in among.get("category", range(99))
                and line.product_id in among.get("product", range(99))
            ]
            if inside and placed and share:
                net = sum(sign * line.amount_fen for sign, line in share)
                rows.append((sale.d, net, sum(sign * line.pieces * 1000 for sign, line in share)))
        if not rows:
            return None
        match step.measure:
            case Measure.TIMES:
                return sum(net > 0 for _day, net, _items in rows)
            case Measure.DAYS:
                return len({day for day, net, _items in rows if net > 0})
            case Measure.NET:
                return sum(net for _day, net, _items in rows)
            case Measure.ITEMS:
                return sum(items for _day, _net, items in rows)


def _compare(comparison, stored, values):
    if stored is None:
        return False
    return {
        Comparison.PRESENT: lambda: True, Comparison.IN: lambda: stored in values, Comparison.EQ: lambda: stored == values[0],
        Comparison.LT: lambda: stored < values[0], Comparison.LTE: lambda: stored <= values[0],
        Comparison.GT: lambda: stored > values[0], Comparison.GTE: lambda: stored >= values[0],
    }[comparison]()  # fmt: skip


_SPANS = st.none() | st.integers(1, 55).map(Recent) | st.integers(0, 40).map(lambda n: Dates(days_before(n + 10), days_before(n)))


OPERATORS = (Operator.EQ, Operator.NE, Operator.LT, Operator.LTE, Operator.GT, Operator.GTE, Operator.BETWEEN)


@st.composite
def windows(draw):
    measure = draw(st.sampled_from(tuple(Measure)))
    operator = draw(
        st.sampled_from([Operator.EQ, Operator.NE, Operator.LT, Operator.LTE, Operator.GT, Operator.GTE, Operator.BETWEEN])
    )
    number = {Measure.NET: st.integers(-100, 900), Measure.ITEMS: st.integers(-1, 8)}.get(measure, st.integers(0, 4))
    value = tuple(sorted(draw(st.tuples(number, number)))) if operator is Operator.BETWEEN else draw(number)
    share = draw(st.sampled_from([(), ("category", (10,)), ("category", (11, 12)), ("product", (3,)), ("product", (1, 2, 5))]))
    place = draw(st.sampled_from([(), ("store", (1, 3)), ("channel", ("online",))]))
    return Window("purchase", measure, operator, value, draw(_SPANS), tuple(one for one in (share, place) if one))


_FACTS = st.sampled_from([
    Condition("orders", Operator.GTE, 3), Condition("last", Operator.GT, 20), Condition("last", Operator.MISSING),
    Condition("top", Operator.IN, (10, 12)), Condition("top", Operator.NE, 11), Condition("last", Operator.BETWEEN, (5, 15)),
])  # fmt: skip
_EVEN = st.just(Condition("even", Operator.EQ, True))


def _trees(leaves, depth=3):
    if depth == 1:
        return leaves
    inner = _trees(leaves, depth - 1)
    groups = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return leaves | groups.map(All) | groups.map(Any) | inner.map(Not)


_RELAXED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ARRAYS = Populations()
FACT_COLUMNS = ("person_id", "orders_count", "last_date", "top_category_id")


def _walks(world, cursor):
    rows = cursor.execute(f"select {', '.join(FACT_COLUMNS)} from facts").fetchall()
    return [Walk(world, row[0], dict(zip(FACT_COLUMNS, row, strict=True))) for row in rows]


def _even(person_ids):
    return np.array(sorted(one for one in person_ids if one % 2 == 0), dtype=np.int64)


@pytest.mark.parametrize("name", ["base", "tail"])
@_RELAXED
@given(tree=_trees(windows() | _FACTS))
def test_arrays_and_sql_agree_with_a_walk_over_the_documents(worlds, name, tree):
    made, base_reading = worlds
    step = plan(tree, CATALOGUE, as_of=AS_OF)
    if name == "base":
        _check(made["base"], base_reading, step)
    else:
        with made["tail"].store.read() as reading:
            _check(made["tail"], reading, step)


def _check(world, reading, step):
    wanted = sorted(walk.person_id for walk in _walks(world, reading.cursor) if walk.holds(step))
    condition, parameters = step_sql(step)
    by_sql = reading.cursor.execute(f"select person_id from facts where {condition} order by 1", parameters).fetchall()
    assert [row[0] for row in by_sql] == wanted
    selection = ARRAYS.at(reading).select(reading.cursor, step, NOTHING)
    assert selection.ids().tolist() == wanted
    assert selection.count == len(wanted)


@dataclass(frozen=True)
class Outside:
    """The operations database of this test: one answer to everything, None where nothing may be asked."""

    found: np.ndarray | None = None

    def key(self, leaf):
        return (leaf.field.name, None if self.found is None else self.found.tobytes())

    def ids(self, leaf):
        assert self.found is not None, f"asked outside: {leaf}"
        return self.found


NOTHING = Outside()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=_trees(windows() | _FACTS | _EVEN))
def test_a_mixed_tree_is_split_and_put_together(worlds, tree):
    world = worlds[0]["tail"]
    step = plan(tree, CATALOGUE, as_of=AS_OF)
    with world.store.read() as reading:
        walks = _walks(world, reading.cursor)
        ids = _even([walk.person_id for walk in walks] + [2, 10**12])  # the operations database may know others
        selection = ARRAYS.at(reading).select(reading.cursor, step, Outside(ids))
        assert selection.ids().tolist() == sorted(walk.person_id for walk in walks if walk.holds(step))


def test_what_happened_to_one_person_is_told_as_it_was_counted(worlds):
    world = worlds[0]["tail"]
    step = plan(Window("purchase", Measure.NET, Operator.GT, 0, Recent(40), (("category", (10,)),)), CATALOGUE, as_of=AS_OF)
    assert isinstance(step, Happened)
    with world.store.read() as reading:
        for walk in _walks(world, reading.cursor):
            assert measured_of(reading.cursor, step, scope=CHAIN, person_id=walk.person_id) == (walk.total(step) or 0)
        assert measured_of(reading.cursor, step, scope=Scope(()), person_id=103) == 0


def test_sets_of_persons_combine_and_columns_follow(worlds):
    with worlds[0]["tail"].store.read() as reading:
        population = ARRAYS.at(reading)
        everybody = population.everybody()
        bought = population.select(reading.cursor, plan(Condition("orders", Operator.GTE, 1), CATALOGUE, as_of=AS_OF), NOTHING)
        assert (bought | ~bought).ids().tolist() == everybody.ids().tolist()
        assert (bought & ~bought).count == 0
        assert population.chosen(bought.ids()).count == bought.count
        assert 0 < bought.count < everybody.count
        days = population.column(reading.cursor, "last_date", everybody)
        assert np.count_nonzero(days == MISSING) == everybody.count - bought.count


def test_arrays_stay_within_their_budget_and_are_loaded_again(worlds):
    _made, reading = worlds
    part = Part(reading.cursor, Source("b1.facts", "b1.main", "select record_id, person_id from map"), budget=600)
    steps = [plan(Window("purchase", Measure.TIMES, Operator.GTE, 1, Recent(n)), CATALOGUE, as_of=AS_OF) for n in (5, 20, 50)]
    first = [part.flags(reading.cursor, step).tolist() for step in steps]
    assert [part.flags(reading.cursor, step).tolist() for step in steps] == first
    assert part.nbytes <= 600 or len(part._kept) == 1


def test_what_the_store_does_not_hold_is_refused(worlds):
    _made, reading = worlds
    ticket = Event("ticket", Label("工单", "ticket"), rows=EventRows("service.Ticket", "opened_at"))
    for leaf in (EVEN, Happened(ticket, Measure.TIMES, 1, None)):
        with pytest.raises(ValueError, match="cannot"):
            step_sql(leaf)
        with pytest.raises(ValueError, match="cannot"):
            ARRAYS.at(reading).base.flags(reading.cursor, leaf)

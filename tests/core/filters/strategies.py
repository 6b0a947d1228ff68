"""Random catalogued filter trees and rows."""

from datetime import date, timedelta

from hypothesis import strategies as st

from huitou.core.filters.catalogue import Catalogue, Choice, Event, EventRows, Field, FieldType, Place
from huitou.core.filters.plan import Occurrence
from huitou.core.filters.tree import (
    BARE_OPERATORS,
    LIST_OPERATORS,
    All,
    Any,
    Condition,
    Dates,
    Measure,
    Not,
    Operator,
    Recent,
    Window,
)
from huitou.core.labels import Label

AS_OF = date(2026, 11, 21)


def _field(name, type_, **rest):
    return Field(name, Label(f"字段{name}", name), type_, orm_path=name, sql_column=name, **rest)


CATALOGUE = Catalogue(
    Label("试验", "trial"),
    (
        _field("code", FieldType.CODE),
        _field("store", FieldType.REFERENCE),
        _field("orders", FieldType.INTEGER),
        _field("net", FieldType.FEN),
        _field("weight", FieldType.DECIMAL, decimals=2),
        _field("share", FieldType.SHARE),
        _field("day", FieldType.DATE),
        Field("day_ago", Label("天", "days"), FieldType.DAYS_AGO, orm_path="day", sql_column="day"),
        _field("member", FieldType.FLAG),
        _field("kind", FieldType.ENUM, choices=(Choice("a", Label("甲", "A")), Choice("b", Label("乙", "B")))),
        Field(
            "stage",
            Label("阶段", "stage"),
            FieldType.ENUM,
            nullable=False,
            choices=(
                Choice("old", Label("老", "old"), Condition("day_ago", Operator.GTE, 90)),
                Choice("young", Label("新", "young"), Not(Condition("day_ago", Operator.GTE, 90))),
            ),
        ),
        Field(
            "zone",
            Label("区", "zone"),
            FieldType.ENUM,
            choices=(
                Choice("north", Label("北", "north"), Condition("store", Operator.IN, (1, 2))),
                Choice("south", Label("南", "south"), Condition("store", Operator.EQ, 3)),
            ),
        ),
    ),
)
_DAYS = st.integers(0, 200).map(lambda days: AS_OF - timedelta(days=days))
_TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=6).filter(
    str.isprintable
)
_VALUES = {
    FieldType.CODE: st.sampled_from(["A", "a", "B", "O'x", "~,()"]) | _TEXTS,
    FieldType.REFERENCE: st.integers(1, 4),
    FieldType.INTEGER: st.integers(-3, 3) | st.integers(-(2**53) + 1, 2**53 - 1),
    FieldType.FEN: st.integers(-300, 300),
    FieldType.DECIMAL: st.integers(-300, 300),
    FieldType.SHARE: st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]),
    FieldType.DATE: _DAYS,
    FieldType.DAYS_AGO: st.integers(0, 200),
    FieldType.FLAG: st.booleans(),
}


def _value(field):
    return st.sampled_from([choice.code for choice in field.choices]) if field.choices else _VALUES[field.type]


@st.composite
def conditions(draw):
    field = draw(st.sampled_from(CATALOGUE.fields))
    operator = draw(st.sampled_from(field.operators))
    if operator in BARE_OPERATORS:
        return Condition(field.name, operator)
    value = _value(field)
    if operator in LIST_OPERATORS:
        return Condition(field.name, operator, tuple(draw(st.lists(value, min_size=1, max_size=4))))
    if operator is Operator.BETWEEN:
        return Condition(field.name, operator, tuple(sorted(draw(st.tuples(value, value)))))
    return Condition(field.name, operator, draw(value))


def _deeper(nodes):
    groups = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    return groups.map(All) | groups.map(Any) | nodes.map(Not)


def _level(depth):
    return conditions() if depth == 1 else conditions() | _deeper(_level(depth - 1))


TREES = _level(5) | st.just(All())

WINDOW_CATALOGUE = Catalogue(
    Label("试验", "trial"),
    (
        _field("orders", FieldType.INTEGER),
        _field("shop", FieldType.REFERENCE, places=(Place(1, 31.23, 121.47), Place(2, 31.24, 121.48), Place(3, 39.9, 116.4))),
    ),
    (
        Event(
            "purchase",
            Label("购买", "purchase"),
            tuple(Measure),
            (
                _field("category_id", FieldType.REFERENCE, below=((1, (2,)),)),
                _field("product_id", FieldType.REFERENCE),
                _field("store_id", FieldType.REFERENCE),
            ),
            one_of=("category_id", "product_id"),
        ),
        Event(
            "visit",
            Label("到店", "visit"),
            narrowings=(_field("kind", FieldType.CODE),),
            rows=EventRows("base.TrialVisit", "at", "trial_id"),
        ),
    ),
)
_SPANS = (
    st.none()
    | st.integers(1, 60).map(Recent)
    | st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
        lambda pair: Dates(AS_OF - timedelta(days=max(pair)), AS_OF - timedelta(days=min(pair)))
    )
)
_WINDOW_OPERATORS = (Operator.EQ, Operator.NE, Operator.LT, Operator.LTE, Operator.GT, Operator.GTE, Operator.BETWEEN)


@st.composite
def windows(draw, event_name):
    event = WINDOW_CATALOGUE.event(event_name)
    measure, operator = draw(st.sampled_from(event.measures)), draw(st.sampled_from(_WINDOW_OPERATORS))
    number = {Measure.NET: st.integers(-300, 600), Measure.ITEMS: st.integers(-2, 4)}.get(measure, st.integers(0, 4))
    value = tuple(sorted(draw(st.tuples(number, number)))) if operator is Operator.BETWEEN else draw(number)
    wanted = draw(st.sets(st.sampled_from([one.name for one in event.narrowings]), max_size=2))
    if event.one_of and set(event.one_of) <= wanted:
        wanted -= {event.one_of[0]}
    texts = {FieldType.CODE: st.sampled_from(["a", "b", "x.y~"])}
    among = tuple(
        (one.name, tuple(draw(st.lists(texts.get(one.type, st.integers(1, 4)), min_size=1, max_size=2))))
        for one in event.narrowings
        if one.name in wanted
    )
    return Window(event.name, measure, operator, value, draw(_SPANS), among)


_NEAR = st.tuples(st.integers(1, 3), st.sampled_from([1, 2_000, 900_000])).map(
    lambda pair: Condition("shop", Operator.NEAR, pair)
)
_ORDERS = st.integers(-3, 3).map(lambda value: Condition("orders", Operator.GTE, value))


def _window_level(events, depth):
    leaves = st.one_of(_NEAR, _ORDERS, *[windows(event) for event in events])
    return leaves if depth == 1 else leaves | _deeper(_window_level(events, depth - 1))


ANY_WINDOW_TREES = _window_level(("purchase", "visit"), 3)
VISIT_TREES = _window_level(("visit",), 3)
VISITS = st.lists(
    st.builds(
        lambda days, kind: Occurrence(AS_OF - timedelta(days=days), among={"kind": kind}),
        st.integers(-1, 60),
        st.sampled_from(["a", "b", "x.y~"]),
    ),
    max_size=4,
)

ROWS = st.fixed_dictionaries(
    {
        "code": st.none() | st.sampled_from(["A", "a", "B", "O'x", "~,()"]),
        "store": st.none() | st.integers(1, 4),
        "orders": st.none() | st.integers(-3, 3),
        "net": st.none() | st.integers(-300, 300),
        "weight": st.none() | st.integers(-300, 300),
        "share": st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0]),
        "day": st.none() | _DAYS,
        "member": st.none() | st.booleans(),
        "kind": st.none() | st.sampled_from(["a", "b"]),
    }
)

"""The JSON and web-address forms: they round-trip, and refuse everything outside the catalogue with path and choices."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.filters.strategies import ANY_WINDOW_TREES, AS_OF, CATALOGUE, TREES, WINDOW_CATALOGUE

from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.json_form import Fault, FilterError, dump, parse, salvage
from huitou.core.filters.plan import Happened, Negated, plan
from huitou.core.filters.schema import json_schema
from huitou.core.filters.tree import All, Any, Condition, Measure, Not, Operator, Recent, Window
from huitou.core.filters.url_form import from_url, to_url, tree_of_url
from huitou.core.labels import Label


@given(TREES)
def test_a_tree_survives_json(tree):
    assert parse(json.loads(json.dumps(dump(tree))), CATALOGUE) == tree


@given(TREES)
def test_a_tree_survives_the_web_address(tree):
    assert from_url(to_url(tree), CATALOGUE) == tree


def test_the_web_address_is_short_and_readable():
    tree = All(
        (
            Condition("day_ago", Operator.GTE, 60),
            Any((Condition("kind", Operator.IN, ("a", "b")), Condition("code", Operator.EQ, "酒,1"))),
            Not(Condition("member", Operator.EQ, True)),
        )
    )
    assert to_url(tree) == "day_ago.gte.60,any(kind.in.a~b,code.eq.*E9*85*92*2C1),not(member.eq.1)"


ONE = {"field": "orders", "op": "eq", "value": 1}


def nested(levels):
    return {"not": nested(levels - 1)} if levels > 1 else ONE


@pytest.mark.parametrize(
    ("tree", "path", "told"),
    [
        ([], "$", "all, any, not, field or event"),
        ({"all": [], "any": []}, "$", "exactly one of all, any, not"),
        ({"any": []}, "$.any", "take it out"),
        ({"all": [{"all": []}]}, "$.all[0].all", "take it out"),
        ({"all": ONE}, "$.all", "a list"),
        ({"field": "orders; drop table", "op": "eq", "value": 1}, "$.field", "allowed: code, store"),
        ({"field": ["orders"], "op": "eq", "value": 1}, "$.field", "allowed: code, store"),
        ({"field": "pk__in", "op": "eq", "value": 1}, "$.field", "allowed: code, store"),
        ({"all": [{"field": "orders", "op": "= 1 or 1=1 --", "value": 1}]}, "$.all[0].op", "allowed for orders: eq, ne"),
        ({"field": "share", "op": "eq", "value": 0.5}, "$.op", "allowed for share: lt"),
        ({"field": "orders", "op": "eq", "value": "1"}, "$.value", "whole number"),
        ({"field": "orders", "op": "eq", "value": True}, "$.value", "whole number"),
        ({"field": "orders", "op": "eq", "value": 2**63}, "$.value", "whole number"),
        ({"field": "orders", "op": "missing", "value": 1}, "$.value", "takes no value"),
        ({"field": "orders", "op": "between", "value": [3, 1]}, "$.value", "above the high end"),
        ({"field": "orders", "op": "between", "value": [3]}, "$.value", "two values"),
        ({"field": "kind", "op": "in", "value": ["a", "x"]}, "$.value[1]", "allowed: a, b"),
        ({"field": "kind", "op": "in", "value": []}, "$.value", "1 to 1000"),
        ({"field": "orders", "op": "eq", "value": 1, "timezone": "UTC'; --"}, "$", "need exactly one of"),
        ({"field": "day", "op": "eq", "value": "2026-02-30"}, "$.value", "no such day"),
        ({"field": "day", "op": "eq", "value": "2026-02-03T00:00:00+08:00"}, "$.value", "YYYY-MM-DD"),
        ({"field": "share", "op": "lt", "value": float("nan")}, "$.value", "from 0 to 1"),
        ({"field": "code", "op": "eq", "value": "a\x00"}, "$.value", "printable"),
        ({"field": "code", "op": "eq", "value": "\ud800"}, "$.value", "printable"),
        ({"field": "code", "op": "eq", "value": "x" * 101}, "$.value", "1 to 100"),
        ({"field": "day_ago", "op": "eq", "value": 10**9}, "$.value", "36500"),
        (nested(7), "$.not.not.not.not.not.not", "6 levels"),
        ({"all": [ONE] * 101}, "$.all", "100 conditions"),
        ({"all": [{"any": [ONE] * 60}] * 2}, "$", "100 conditions, got 120"),
        ({"field": "store", "op": "in", "value": list(range(1001))}, "$.value", "1 to 1000"),
        ({"all": [{"field": "store", "op": "in", "value": [1] * 1000}] * 11}, "$", "10000 values"),
    ],
)
def test_a_bad_filter_is_refused_with_its_place_and_what_is_allowed(tree, path, told):
    with pytest.raises(FilterError) as refused:
        parse(tree, CATALOGUE)
    assert refused.value.path == path
    assert told in refused.value.problem


@pytest.mark.parametrize(
    "address",
    [
        "orders", "orders.eq", "orders.eq.1,", "(orders.eq.1)", "not(orders.eq.1,orders.eq.2)", "any()", "any(orders.eq.1",
        "orders.eq.1)", "orders.eq.1)(", "orders.eq.1e5", "orders.eq.١", "nothing.eq.1", "orders.like.1", "member.eq.true",
        "share.lt.nan", "share.lt.inf", "code.eq.*00", "not(" * 3000 + "orders.eq.1" + ")" * 3000, "x" * 30_000,
    ],
)  # fmt: skip
def test_a_bad_address_is_refused(address):
    with pytest.raises(FilterError):
        from_url(address, CATALOGUE)


@given(st.text(max_size=60))
def test_any_address_is_read_or_refused_and_never_breaks(address):
    try:
        tree = from_url(address, CATALOGUE)
    except FilterError:
        return
    assert parse(dump(tree), CATALOGUE) == tree


def test_the_schema_lists_every_field_with_every_operator():
    conditions = json_schema(CATALOGUE)["$defs"]["node"]["oneOf"][3:]
    listed = {(one["properties"]["field"]["const"], one["properties"]["op"]["const"]) for one in conditions}
    assert listed == {(field.name, operator.value) for field in CATALOGUE for operator in field.operators}


@given(ANY_WINDOW_TREES)
def test_a_tree_with_windows_survives_json_and_the_web_address(tree):
    assert parse(json.loads(json.dumps(dump(tree))), WINDOW_CATALOGUE) == tree
    assert from_url(to_url(tree), WINDOW_CATALOGUE) == tree


def test_a_window_in_the_web_address_is_short_and_readable():
    window = Window("purchase", Measure.TIMES, Operator.GTE, 2, Recent(90), (("category_id", (3, 4)), ("store_id", (1,))))
    assert to_url(Not(window)) == "not(event.purchase.times.gte.2.90d.category_id.3~4.store_id.1)"


BOUGHT = {"event": "purchase", "measure": "times", "op": "gte", "value": 2}


@pytest.mark.parametrize(
    ("tree", "path", "told"),
    [
        ({**BOUGHT, "event": "theft"}, "$.event", "allowed: purchase, visit"),
        ({**BOUGHT, "event": ["purchase"]}, "$.event", "allowed: purchase, visit"),
        ({**BOUGHT, "measure": "joy"}, "$.measure", "allowed for purchase: times, days, net, items"),
        ({**BOUGHT, "event": "visit", "measure": "net"}, "$.measure", "allowed for visit: times"),
        ({**BOUGHT, "op": "in"}, "$.op", "allowed for purchase: eq"),
        ({**BOUGHT, "value": -1}, "$.value", "from 0 to"),
        ({**BOUGHT, "value": True}, "$.value", "from 0 to"),
        ({**BOUGHT, "op": "between", "value": [3, 1]}, "$.value", "above the high end"),
        ({**BOUGHT, "days": 0}, "$.days", "from 1 to 3660"),
        ({**BOUGHT, "days": 5, "from": "2026-01-01"}, "$", "either days"),
        ({**BOUGHT, "from": "2026-01-01"}, "$.to", "YYYY-MM-DD"),
        ({**BOUGHT, "from": "2026-02-01", "to": "2026-01-01"}, "$.to", "before the first"),
        ({**BOUGHT, "where": {"weather": [1]}}, "$.where", "allowed for purchase: category_id"),
        ({**BOUGHT, "where": {"store_id": []}}, "$.where.store_id", "1 to 1000"),
        ({**BOUGHT, "where": {"store_id": ["1"]}}, "$.where.store_id[0]", "whole number"),
        ({**BOUGHT, "where": {"category_id": [1], "product_id": [1]}}, "$.where", "only one of category_id, product_id"),
        ({**BOUGHT, "sql": "x"}, "$", "got 'sql'"),
        ({"any": [BOUGHT] * 21}, "$", "20 windows, got 21"),
        ({"field": "shop", "op": "near", "value": [9, 5]}, "$.value[0]", "a place with coordinates"),
        ({"field": "shop", "op": "near", "value": [1, 0]}, "$.value[1]", "from 1 to"),
        ({"field": "orders", "op": "near", "value": [1, 5]}, "$.op", "allowed for orders"),
    ],
)
def test_a_bad_window_is_refused_with_its_place_and_what_is_allowed(tree, path, told):
    with pytest.raises(FilterError) as refused:
        parse(tree, WINDOW_CATALOGUE)
    assert refused.value.path == path
    assert told in refused.value.problem


def test_the_schema_lists_every_event():
    schema = json_schema(WINDOW_CATALOGUE)["$defs"]["node"]["oneOf"]
    assert [one["properties"]["event"]["const"] for one in schema if "event" in one.get("properties", {})] == [
        "purchase",
        "visit",
    ]


def test_a_question_that_nobody_with_events_need_answer_is_asked_the_other_way_round():
    step = plan(Window("purchase", Measure.TIMES, Operator.LTE, 1, Recent(30)), WINDOW_CATALOGUE, as_of=AS_OF)
    assert isinstance(step, Negated)
    assert isinstance(step.step, Happened)
    assert (step.step.low, step.step.high) == (2, None)


def test_a_category_stands_for_those_below_it():
    step = plan(Window("purchase", Measure.NET, Operator.GT, 0, among=(("category_id", (1, 3)),)), WINDOW_CATALOGUE, as_of=AS_OF)
    assert isinstance(step, Happened)
    assert step.among == (("category_id", (1, 2, 3)),)


_SHOP = Catalogue(
    Label("客户", "customers"),
    (
        Field("orders", Label("订单数", "Orders"), FieldType.INTEGER, orm_path="orders"),
        Field("member", Label("会员", "Member"), FieldType.FLAG, orm_path="member"),
    ),
)
_KEPT = Condition("orders", Operator.GTE, 3)


@pytest.mark.parametrize(
    ("text", "kept", "lost"),
    [
        ("orders.gte.3", _KEPT, []),
        ("orders.gte.3,tier.eq.A", All((_KEPT,)), [(Fault.FIELD, "tier", "tier")]),
        ("any(tier.eq.A,not(tier.eq.B)),orders.gte.3", All((_KEPT,)), [(Fault.FIELD, "tier", "tier")] * 2),
        ("not(orders.gte.x)", All(), [(Fault.VALUE, "orders", "x")]),
        ("member.gt.1", All(), [(Fault.OPERATOR, "member", "gt")]),
        ("member.like", All(), [(Fault.OPERATOR, "member", "like")]),
        ("tier.eq.A", All(), [(Fault.FIELD, "tier", "tier")]),
        ("", All(), []),
    ],
)
def test_what_can_still_be_asked_is_kept_and_the_rest_is_named(text, kept, lost):
    node, gone = salvage(tree_of_url(text, _SHOP), _SHOP)
    assert node == kept
    assert [(one.fault, one.field, one.written) for one in gone] == lost


@pytest.mark.parametrize("tree", [None, 7, [], {"all": {}}, {"any": [[]]}, {"field": 3}, {"field": "orders", "op": ["gte"]}, {}])
def test_salvage_never_raises(tree):
    node, gone = salvage(tree, _SHOP)
    assert node == All()
    assert gone

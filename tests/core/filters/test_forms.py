"""The JSON and web-address forms: they round-trip, and refuse everything outside the catalogue with path and choices."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.filters.strategies import CATALOGUE, TREES

from huitou.core.filters.json_form import FilterError, dump, parse
from huitou.core.filters.schema import json_schema
from huitou.core.filters.tree import All, Any, Condition, Not, Operator
from huitou.core.filters.url_form import from_url, to_url


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
        ([], "$", "all, any, not, or field"),
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

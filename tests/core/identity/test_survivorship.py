"""Which value a file shows: every rule at its edge, and rules that cannot be followed."""

from datetime import UTC, datetime

import pytest

from huitou.core.identity.survivorship import DEFAULT_RULES, FieldRule, RecordFacts, RuleWrong, rule_checked, surviving_values

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
TRUSTED_OLD = RecordFacts(1, "membership", OLD, {"email": "anna@shop.cn"})
NEWER = RecordFacts(2, "pos", NEW, {"email": "boris@shop.cn"})
TWICE = RecordFacts(3, "pos", OLD, {"email": "boris@shop.cn"})
CHECKED = RecordFacts(4, "aftersales", OLD, {"email": "clara@shop.cn"}, verified={"email"})


@pytest.mark.parametrize(
    ("order", "sources", "wins"),
    [
        (["verified", "trust"], ["membership", "pos"], "clara@shop.cn"),
        (["trust", "verified"], ["membership", "pos"], "anna@shop.cn"),
        (["trust"], ["pos", "membership"], "boris@shop.cn"),
        (["recent"], [], "boris@shop.cn"),
        (["frequent"], [], "boris@shop.cn"),
        (["trust"], ["aftersales"], "clara@shop.cn"),  # the two that are not named come last
        (["verified"], [], "clara@shop.cn"),
    ],
)
def test_the_first_criterion_that_tells_values_apart_decides(order, sources, wins):
    rules = {"email": rule_checked("email", order, sources)}
    found = surviving_values([NEWER, TRUSTED_OLD, TWICE, CHECKED], rules=rules)
    assert found["email"]["value"] == wins


def test_on_a_full_tie_the_smaller_record_id_wins_in_any_order_of_rows():
    one, other = RecordFacts(8, "pos", OLD, {"gender": "女"}), RecordFacts(9, "pos", OLD, {"gender": "男"})
    for rows in ([one, other], [other, one]):
        assert surviving_values(rows)["gender"]["record_id"] == 8


@pytest.mark.parametrize(
    ("field", "order", "sources", "problem"),
    [
        ("shoe_size", ["recent"], [], "unknown_field"),
        ("email", ["loudest"], [], "unknown_criterion"),
        ("email", [], [], "no_criterion"),
        ("email", ["recent", "recent"], [], "twice"),
        ("email", ["recent"], ["pos", "pos"], "twice"),
        ("email", ["whole"], [], "whole_of_name"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_with_its_reason(field, order, sources, problem):
    with pytest.raises(RuleWrong) as refused:
        rule_checked(field, order, sources)
    assert (refused.value.problem, refused.value.field) == (problem, field)


def test_the_defaults_are_verified_then_trust_then_recency_then_frequency():
    assert DEFAULT_RULES["phone"] == FieldRule(rule_checked("phone", ["verified", "trust", "recent", "frequent"], []).order)
    assert DEFAULT_RULES["phone"].sources == ("membership", "mall", "aftersales", "pos")
    assert [criterion.value for criterion in DEFAULT_RULES["name"].order] == ["verified", "whole", "trust", "recent", "frequent"]

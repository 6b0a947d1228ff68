"""Suggestions for refused values: what a rule makes valid, and nothing that would be made up."""

from datetime import date

import pytest

from huitou.core.identity import normalise
from huitou.core.mending import suggested

TODAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("reason", "text", "expected"),
    [
        ("bad_birthday", "2052-03-14", "1952-03-14"),
        ("bad_birthday", "2027/1/2", "1927-01-02"),
        ("bad_birthday", "1988-02-31", None),  # no such day, and no rule says which was meant
        ("bad_birthday", "2126-07-02", None),  # a century earlier is in the future still
        ("bad_birthday", "199O-05-01", "1990-05-01"),
        ("bad_phone", "l3912345670", "13912345670"),
        ("bad_phone", "139123456O7", "13912345607"),
        ("bad_phone", "1391234567", None),  # one digit short
        ("bad_phone", "139123456789", None),  # one too many: which of them?
        ("unreadable_number", "1,2O8.5", "1208.5"),
        ("unreadable_number", "１２．５元", "12.5"),
        ("unreadable_number", "twelve", None),
        ("no_key", "", None),
        ("bad_phone", "", None),
    ],
)
def test_what_a_rule_makes_valid_is_suggested_and_nothing_else(reason: str, text: str, expected: str | None):
    assert suggested(reason, text, today=TODAY) == expected


@pytest.mark.parametrize("text", ["l39l2345670", "2052-03-14", "O"])
def test_a_suggestion_is_valid_itself_and_asks_for_no_other(text: str):
    for reason, rule in (("bad_phone", normalise.phone), ("bad_birthday", normalise.birthday)):
        found = suggested(reason, text, today=TODAY)
        assert found is None or (rule(found) == found and suggested(reason, found, today=TODAY) is None)

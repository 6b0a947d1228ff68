"""Which answer counts, and that the stricter one survives joining and parting."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.consent import Answer, Said, carried, current

T = datetime(2026, 11, 1, tzinfo=UTC)
YES, NO = Answer.GRANTED, Answer.WITHDRAWN
CELL = ("sms", "marketing")


def said(answer: Answer, day: int, number: int = 0, channel: str = "sms") -> Said:
    return Said(channel, "marketing", answer, T + timedelta(days=day), number)


@pytest.mark.parametrize(
    ("case", "answers", "expected"),
    [
        ("never asked", [], None),
        ("the newest counts", [said(YES, 1), said(NO, 2)], NO),
        ("agreed again later", [said(NO, 1), said(YES, 2)], YES),
        ("an old agreement that is imported again changes nothing", [said(NO, 2, 1), said(YES, 1, 2)], NO),
        ("at the same moment the refusal", [said(NO, 1, 1), said(YES, 1, 2)], NO),
    ],
)
def test_the_answer_that_counts(case: str, answers: list[Said], expected: Answer | None):
    found = current(answers).get(CELL)
    assert (found.answer if found else None) is expected, case


answers = st.lists(
    st.builds(said, st.sampled_from(Answer), st.integers(0, 5), st.integers(0, 99), st.sampled_from(("sms", "phone"))), max_size=8
)


@given(answers, answers)
def test_joining_never_loses_a_refusal_and_never_invents_an_agreement(one: list[Said], other: list[Said]):
    source, target = current(one), current(other)
    added = carried(source, target, is_whole=True)
    result = {cell: each.answer for cell, each in target.items()} | added
    for cell in source.keys() | target.keys():
        both = {part[cell].answer for part in (source, target) if cell in part}
        assert result[cell] is (NO if NO in both else YES)
    parted = carried(source, target, is_whole=False)
    assert set(parted.values()) <= {NO}

"""Which channel a person answers: counts, smoothing and the segment's default, worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from huitou.core.consent import CHANNELS
from huitou.core.value.contacts import ANSWER_WITHIN, Answered, answered_by, preferred, smoothed, touches_counted
from huitou.core.value.scoring import Facts, Rules, RunCuts, cuts_drawn, scored

START = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "hours", "expected"),
    [
        ("nothing", [], (0, 0)),
        ("two touches, one answered", [(0, 0), (5, 1), (48, 0)], (2, 1)),
        ("told in any order", [(5, 1), (48, 0), (0, 0)], (2, 1)),
        ("a touch is answered once", [(0, 0), (1, 1), (2, 1)], (1, 1)),
        ("answered at the very moment", [(0, 1), (0, 0)], (1, 1)),
        ("on the last day", [(0, 0), (168, 1)], (1, 1)),
        ("too late", [(0, 0), (169, 1)], (1, 0)),
        ("an answer to nothing", [(0, 1), (1, 0)], (1, 0)),
    ],
)
def test_an_answer_counts_for_the_touch_before_it(case, hours, expected):
    assert timedelta(days=7) == ANSWER_WITHIN
    assert touches_counted([(START + timedelta(hours=hour), bool(said)) for hour, said in hours]) == expected, case


EVERYBODY = Answered((
    ((0, 0), (0, 0), (0, 0), (0, 0)),  # new: nobody was touched
    ((60, 12), (29, 29), (40, 10), (0, 0)),  # active: by phone too rarely to be a default
    ((40, 8), (0, 0), (60, 15), (0, 0)),  # dormant
))  # fmt: skip
# rates of everybody: text messages 20 / 100 = .2, phone 29 / 29 = 1, WeCom 25 / 100 = .25, e-mail none


@pytest.mark.accept("S44")
@pytest.mark.parametrize(
    ("case", "touched", "stage", "channel"),
    [
        # text (3 + 5 x .2) / (5 + 5) = .40, WeCom (1 + 5 x .25) / (4 + 5) = .25
        ("the higher smoothed rate", {"sms": (5, 3), "wecom": (4, 1)}, 1, "sms"),
        # text (2 + 1) / (3 + 5) = .375, WeCom (6 + 1.25) / (15 + 5) = .3625: though 6 of 15 is more answers
        ("not the most answers", {"sms": (3, 2), "wecom": (15, 6)}, 1, "sms"),
        # text (2 + 1) / (8 + 5) = .231 against WeCom (1 + 1.25) / (4 + 5) = .25, raw .25 each
        ("a raw draw is broken by what everybody does", {"sms": (8, 2), "wecom": (4, 1)}, 1, "wecom"),
        ("two touches say nothing, the stage: WeCom (10 + 1.25) / 45, text (12 + 1) / 65", {"sms": (2, 2)}, 1, "wecom"),
        ("never touched, likewise", {}, 2, "wecom"),
        ("a stage that nobody touched takes everybody's", {}, 0, "wecom"),
        ("three touches count", {"sms": (3, 3), "phone": (2, 2)}, 1, "sms"),
        ("touched often and never answered", {"email": (9, 0)}, 1, "email"),
    ],
)  # fmt: skip
def test_the_preferred_channel_is_the_smoothed_rate_worked_out_by_hand(case, touched, stage, channel):
    counted = np.array([[touched.get(name, (0, 0)) for name in CHANNELS]], dtype=float)
    place = preferred(counted[:, :, 0], counted[:, :, 1], np.array([stage]), EVERYBODY)
    assert CHANNELS[int(place[0])] == channel, case


def test_rates_are_smoothed_towards_everybody():
    assert EVERYBODY.rates().tolist() == [0.2, 1.0, 0.25, 0.0]
    assert smoothed(np.array([[5.0, 0, 0, 0]]), np.array([[3.0, 0, 0, 0]]), EVERYBODY.rates())[0].tolist() == [
        0.4,
        1.0,
        0.25,
        0.0,
    ]


def test_without_any_touch_there_is_no_answer():
    nothing = np.zeros((2, len(CHANNELS)))
    for answered in (Answered(), answered_by(nothing, nothing, np.array([0, 2]), count=3)):
        assert np.isnan(preferred(nothing, nothing, np.array([0, 2]), answered)).all()


def test_a_run_draws_the_stages_and_scores_a_touched_person_alone_like_everybody():
    """Forty dormant customers answer e-mails; a newcomer without a touch takes theirs, one with three answered texts does not."""
    as_of = date(2026, 6, 30)
    day = (as_of - date(1970, 1, 1)).days
    dormant = [(200.0, 200.0, np.nan, np.nan, 3.0, 2.0)] * 40
    rows = np.array([*dormant, (np.nan, np.nan, np.nan, np.nan, np.nan, np.nan), (np.nan, np.nan, 3.0, 3.0, np.nan, np.nan)])
    facts = Facts(np.arange(1, 43), {
        "first_day": day - rows[:, 0], "last_day": day - rows[:, 1], "touches_sms": rows[:, 2], "answers_sms": rows[:, 3],
        "touches_email": rows[:, 4], "answers_email": rows[:, 5],
    })  # fmt: skip
    cuts = RunCuts.from_json(cuts_drawn(facts, Rules(()), as_of=as_of, month="2026-07").to_json())
    everybody = scored(facts, Rules(()), cuts)[0]["preferred_channel"]
    assert [CHANNELS[int(place)] for place in everybody[-3:]] == ["email", "email", "sms"]
    for place in (0, 40, 41):
        alone = Facts(facts.person_ids[[place]], {name: values[[place]] for name, values in facts.columns.items()})
        assert scored(alone, Rules(()), cuts)[0]["preferred_channel"][0] == everybody[place]

"""What the stewards answered today, and how far their answers hold: each case of the two rates beside each other."""

from datetime import timedelta

import pytest
from tests.apps.identity_chain import Chain

from huitou.apps.base.scope import Viewer
from huitou.apps.identity.agreement import WINDOW_DAYS, Agreement, ReviewWork, review_work
from huitou.apps.identity.models import QualityCase, QualityDraw, ReviewPair
from huitou.apps.identity.services import Answer, event_undo, review_answer

ONE, OTHER = Viewer(1, "engineer", None), Viewer(2, "agent", None)
PAIRS = (
    ("周小芳", "李雷", 0.9), ("吴桂英", "韩磊", 0.9), ("郑秀兰", "唐勇", 0.1), ("冯玉珍", "许涛", 0.6), ("何淑华", "高翔", None),
)  # fmt: skip
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def asked(chain: Chain) -> Chain:
    """Five questions, about the records (11, 12), (21, 22) ... and so on."""
    for number, (woman, man, probability) in enumerate(PAIRS, start=1):
        phone = f"1391234567{number}"
        for record_id, source, name, gender in ((10 * number + 1, "mall", woman, "女"), (10 * number + 2, "pos", man, "男")):
            chain.apply(source, [{"record_id": record_id, "phone": phone, "name": name, "gender": gender}])
        ReviewPair.objects.filter(record_a=10 * number + 1).update(probability=probability)
    return chain


def _answer(chain: Chain, number: int, answer: Answer, by: Viewer) -> int:
    chain.now += timedelta(minutes=1)
    pair = ReviewPair.objects.get(record_a=10 * number + 1)
    event = review_answer(viewer=by, pair_id=pair.pk, answer=answer, now=chain.now)
    return event.pk if event else 0


def _judge(chain: Chain, records: list[int], by: Viewer, *, pure: bool = True, complete: bool = True) -> None:
    chain.now += timedelta(minutes=1)
    draw = QualityDraw.objects.create(drawn_at=chain.now, by=by.user_id, sizes={})
    QualityCase.objects.create(
        draw=draw, person_id=1, record_ids=records, stratum_code="two", is_pure=pure, is_complete=complete,
        judged_at=chain.now, judged_by=by.user_id,
    )  # fmt: skip


def test_answers_are_counted_and_compared_with_a_second_steward_and_with_the_matcher(asked: Chain):
    none = Agreement(0, 0)
    assert review_work(ONE, now=asked.now) == ReviewWork(0, 0, none, none)
    _answer(asked, 1, Answer.SAME, ONE)  # the sample says so, too; and so did the matcher
    _judge(asked, [11, 12], OTHER)
    corrected = _answer(asked, 2, Answer.DIFFERENT, ONE)
    event_undo(viewer=OTHER, event_id=corrected, now=asked.now)  # taken back by somebody else
    mistaken = _answer(asked, 3, Answer.SAME, ONE)
    event_undo(viewer=ONE, event_id=mistaken, now=asked.now)  # taken back by the author: no answer at all
    _answer(asked, 4, Answer.DIFFERENT, OTHER)  # the sample says that records are missing
    _judge(asked, [41], ONE, complete=False)
    _answer(asked, 5, Answer.UNSURE, ONE)
    assert review_work(ONE, now=asked.now) == ReviewWork(today=2, mine=1, second=Agreement(1, 3), matcher=Agreement(1, 2))
    assert review_work(OTHER, now=asked.now).mine == 1
    tomorrow = review_work(ONE, now=asked.now + timedelta(days=1))
    assert (tomorrow.today, tomorrow.second.compared) == (0, 3)
    assert review_work(ONE, now=asked.now + timedelta(days=WINDOW_DAYS + 1)) == ReviewWork(0, 0, none, none)


def test_a_judgement_counts_only_by_somebody_else_later_and_of_a_file_that_says_something(asked: Chain):
    _judge(asked, [11, 12], OTHER, pure=False)  # before the answer
    _answer(asked, 1, Answer.SAME, ONE)
    _judge(asked, [11, 12], ONE, pure=False)  # by its author
    _judge(asked, [11], OTHER, pure=False)  # the two are not in one file any more
    _answer(asked, 2, Answer.DIFFERENT, ONE)
    _judge(asked, [21, 22], OTHER, complete=False)  # somebody merged them meanwhile
    work = review_work(ONE, now=asked.now)
    assert (work.today, work.second, work.second.share) == (2, Agreement(0, 0), None)
    _judge(asked, [11, 12], OTHER, pure=False)
    _judge(asked, [11, 12], OTHER)  # the last word counts
    assert review_work(ONE, now=asked.now).second == Agreement(1, 1)


def test_an_answer_whose_undo_was_taken_back_stands(asked: Chain):
    event = _answer(asked, 1, Answer.SAME, ONE)
    undo = event_undo(viewer=OTHER, event_id=event, now=asked.now)
    assert review_work(ONE, now=asked.now).second == Agreement(0, 1)
    event_undo(viewer=OTHER, event_id=undo.pk, now=asked.now)
    work = review_work(ONE, now=asked.now)
    assert (work.today, work.second) == (1, Agreement(0, 0))

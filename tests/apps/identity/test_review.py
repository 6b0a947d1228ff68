"""The review queue: what is asked, of whom, what an answer does, and its undo."""

from importlib import import_module
from typing import Any

import pytest
from tests.apps.identity_chain import Chain

from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.identity import weights
from huitou.apps.identity.comparison import Likeness, likeness
from huitou.apps.identity.component import component_resolve
from huitou.apps.identity.models import Decision, IdentityEvent, ReviewPair
from huitou.apps.identity.queries import identity_events
from huitou.apps.identity.review_queue import Evidence, evidence_of, review_case, review_count, review_queue
from huitou.apps.identity.services import (
    Answer,
    CannotUndo,
    ReviewGone,
    event_undo,
    map_resolve,
    person_merge,
    person_split,
    review_answer,
    review_answer_many,
    round_undo,
)

PHONE = "13912345678"
STEWARD = Viewer(1, "engineer", None)
OUTSIDER = Viewer(2, "guide", frozenset({99}))
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def asked(chain: Chain) -> Chain:
    """Two persons with one phone whose names and genders contradict: one question."""
    chain.apply("mall", [{"record_id": 1, "phone": PHONE, "name": "王小芳", "gender": "女", "birthday": "1990-02-03"}])
    chain.apply("pos", [{"record_id": 2, "phone": PHONE, "name": "李雷", "gender": "男", "birthday": "1990-02-17"}])
    return chain


@pytest.mark.accept("S21")
def test_a_question_shows_both_sides_masked_compared_and_only_to_whom_it_may(asked: Chain):
    (line,) = review_queue(STEWARD)
    case = review_case(STEWARD, line.pair_id)
    assert case is not None
    assert [side.fields["phone"] for side in case.sides] == ["139****5678"] * 2
    assert [side.fields["name"] for side in case.sides] == ["王*芳", "李*"]
    assert (case.likeness["phone"], case.likeness["name"], case.likeness["birthday"], case.likeness["email"]) == (
        Likeness.SAME, Likeness.DIFFERENT, Likeness.SAME_MONTH, Likeness.BOTH_MISSING,
    )  # fmt: skip
    assert case.kept_id == asked.persons()[1]
    assert review_queue(OUTSIDER) == []
    assert review_count(OUTSIDER) == 0
    assert review_case(OUTSIDER, line.pair_id) is None
    with pytest.raises(ReviewGone):
        review_answer(viewer=OUTSIDER, pair_id=line.pair_id, answer=Answer.SAME, now=asked.now)


@pytest.mark.accept("S24")
def test_same_merges_stays_through_every_later_run_and_its_undo_gives_both_files_back(asked: Chain):
    before, files = asked.persons(), _files()
    pair = ReviewPair.objects.get()
    event = review_answer(viewer=STEWARD, pair_id=pair.pk, answer=Answer.SAME, now=asked.now)
    assert event is not None
    map_resolve(changed=None, now=asked.now)
    assert asked.groups() == {frozenset({1, 2})}
    assert not ReviewPair.objects.exists()
    assert AuditEvent.objects.get(action_code="identity.review").detail["answer"] == "same"
    survivor = asked.persons()[1]
    assert identity_events(STEWARD, survivor)[0].can_undo
    assert identity_events(OUTSIDER, survivor) == []
    with pytest.raises(CannotUndo):
        event_undo(viewer=OUTSIDER, event_id=event.pk, now=asked.now)
    event_undo(viewer=STEWARD, event_id=event.pk, now=asked.now)
    assert asked.persons() == before
    assert _files() == files
    assert ReviewPair.objects.get().reason_code == pair.reason_code
    with pytest.raises(CannotUndo):
        event_undo(viewer=STEWARD, event_id=event.pk, now=asked.now)


def test_different_is_kept_not_asked_again_and_can_be_taken_back(asked: Chain):
    before = asked.persons()
    pair = ReviewPair.objects.get()
    event = review_answer(viewer=STEWARD, pair_id=pair.pk, answer=Answer.DIFFERENT, now=asked.now)
    assert event is not None
    map_resolve(changed=None, now=asked.now)
    asked.apply("mall", [{"record_id": 1, "phone": PHONE, "name": "李雷"}])  # now nothing contradicts but the steward's word
    assert asked.persons() == before
    assert review_count(STEWARD) == 0
    assert identity_events(STEWARD, before[1])[0].kind_code == "verdict"
    event_undo(viewer=STEWARD, event_id=event.pk, now=asked.now)
    assert not Decision.objects.filter(retired_event_id=None).exists()
    map_resolve(changed=[1, 2], now=asked.now)
    assert asked.groups() == {frozenset({1, 2})}


def test_a_round_that_was_cut_short_is_taken_back_as_far_as_it_came(asked: Chain, monkeypatch: pytest.MonkeyPatch):
    for first, phone, woman, man in ((20, "13712345672", "赵敏", "钱伟"), (30, "15866612343", "孙丽", "周强")):
        asked.apply("mall", [{"record_id": first, "phone": phone, "name": woman, "gender": "女", "birthday": "1980-02-03"}])
        asked.apply("pos", [{"record_id": first + 1, "phone": phone, "name": man, "gender": "男", "birthday": "1991-03-17"}])
    before, pairs = asked.persons(), list(ReviewPair.objects.order_by("pk").values_list("pk", flat=True))
    assert len(pairs) == 3
    given = iter(range(2))

    def mortal(**asked_for: Any) -> Any:
        if next(given, None) is None:
            raise KeyboardInterrupt
        return review_answer(**asked_for)

    with monkeypatch.context() as patch:
        patch.setattr(import_module("huitou.apps.identity.services.review_answer_many"), "review_answer", mortal)
        with pytest.raises(KeyboardInterrupt):
            review_answer_many(viewer=STEWARD, pair_ids=pairs, answer=Answer.SAME, now=asked.now)
    assert len(set(asked.persons().values())) == 4
    assert round_undo(viewer=STEWARD, event_id=IdentityEvent.objects.latest("pk").pk, now=asked.now) == (2, 0)
    assert asked.persons() == before
    assert ReviewPair.objects.count() == 3


def test_enough_decisions_correct_the_weights_of_a_run_over_everything(asked: Chain, monkeypatch: pytest.MonkeyPatch):
    """One phone, other names, other genders: said to be two persons, so these levels speak against one person more."""
    review_answer(viewer=STEWARD, pair_id=ReviewPair.objects.get().pk, answer=Answer.DIFFERENT, now=asked.now)
    asked.apply("mall", [{"record_id": 3, "phone": "13700000003", "name": "赵敏", "member_card": "8800003"}])
    asked.apply("pos", [{"record_id": 4, "phone": "15866612345", "name": "钱伟", "member_card": "7711554"}])
    persons = asked.persons()
    person_merge(person_id=persons[3], other_id=persons[4], by=1, reason="一个人", now=asked.now)
    plain = component_resolve(None).model
    assert not plain.version.endswith("-labels")
    monkeypatch.setattr(weights, "LEAST_DECISIONS", 1)
    taught = component_resolve(None).model
    assert taught.version.endswith("+2-labels")
    assert taught.priors != plain.priors
    Decision.objects.update(record_b=999)  # nobody's any more
    assert component_resolve(None).model == plain


def test_unsure_asks_again_after_the_others(asked: Chain):
    asked.apply("mall", [{"record_id": 3, "phone": "13987654321", "name": "赵敏", "gender": "女"}])
    asked.apply("pos", [{"record_id": 4, "phone": "13987654321", "name": "孙权", "gender": "男"}])
    first, second = (line.pair_id for line in review_queue(STEWARD))
    assert review_answer(viewer=STEWARD, pair_id=first, answer=Answer.UNSURE, now=asked.now) is None
    assert [(line.pair_id, line.is_postponed) for line in review_queue(STEWARD)] == [(second, False), (first, True)]
    assert IdentityEvent.objects.filter(by=1).count() == 0


def test_unsure_puts_off_all_questions_about_the_two_persons_and_stays_through_every_later_run(chain: Chain):
    mail = {"email": "shared1@example.com"}
    chain.apply("mall", [{**mail, "record_id": 1, "name": "李秀英", "phone": PHONE}])
    chain.apply("pos", [{**mail, "record_id": 2, "name": "赵敏"}])
    chain.apply("membership", [{**mail, "record_id": 3, "name": "李秀英", "phone": PHONE}])
    assert chain.groups() == {frozenset({1, 3}), frozenset({2})}
    assert review_count(STEWARD) == 2
    (line,) = review_queue(STEWARD)
    review_answer(viewer=STEWARD, pair_id=line.pair_id, answer=Answer.UNSURE, now=chain.now)
    assert ReviewPair.objects.filter(postponed_at=chain.now).count() == 2
    ReviewPair.objects.update(reason_code="phone", worth=0)  # as an older run left them, for another reason
    map_resolve(changed=None, now=chain.now)
    map_resolve(changed=[1, 2], now=chain.now)
    assert ReviewPair.objects.filter(postponed_at=chain.now).exclude(worth=0).exclude(reason_code="phone").count() == 2


def test_what_an_answer_is_worth_follows_the_records_on_both_sides_and_orders_the_queue(chain: Chain):
    for number, (one, other) in enumerate((("王小芳", "陈静"), ("李秀英", "赵敏")), start=1):
        mail = {"email": f"shared{number}@example.com"}
        chain.apply("mall", [{**mail, "record_id": 10 * number, "name": one, "phone": f"1391234567{number}"}])
        chain.apply("pos", [{**mail, "record_id": 10 * number + 1, "name": other}])
    one, other = ReviewPair.objects.order_by("record_a")
    assert one.worth == other.worth == one.probability == other.probability
    assert [line.pair_id for line in review_queue(STEWARD)] == [one.pk, other.pk]
    chain.apply("membership", [{"record_id": 22, "name": "李秀英", "phone": "13912345672", "email": "shared2@example.com"}])
    assert chain.groups() == {frozenset({10}), frozenset({11}), frozenset({20, 22}), frozenset({21})}
    grown = ReviewPair.objects.get(pk=other.pk)
    assert grown.worth == pytest.approx(2 * (grown.probability or 0), abs=1e-3)
    assert [line.pair_id for line in review_queue(STEWARD)] == [other.pk, one.pk]  # 21 and 22 ask the same of the two persons
    assert review_count(STEWARD) == 3


def test_a_question_whose_persons_became_one_meanwhile_is_gone(asked: Chain):
    pair = ReviewPair.objects.get()
    review_answer(viewer=STEWARD, pair_id=pair.pk, answer=Answer.SAME, now=asked.now)
    with pytest.raises(ReviewGone):
        review_answer(viewer=STEWARD, pair_id=pair.pk, answer=Answer.DIFFERENT, now=asked.now)
    person_split(person_id=asked.persons()[1], record_ids=[2], by=1, reason="", now=asked.now)
    assert review_count(STEWARD) == 0  # the split is a word of its own: nothing is asked


@pytest.mark.parametrize(
    ("field", "one", "other", "expected"),
    [
        ("phone", PHONE, PHONE, Likeness.SAME),
        ("phone", PHONE, "13912345679", Likeness.DIFFERENT),
        ("phone", PHONE, None, Likeness.ONE_MISSING),
        ("phone", None, None, Likeness.BOTH_MISSING),
        ("name", "张伟", "章伟", Likeness.SOUNDS_SAME),
        ("name", "王", "王小芳", Likeness.SAME_SURNAME),
        ("name", "王小明", "王小芳", Likeness.DIFFERENT),
        ("birthday", "1990-02-03", "1990-03-03", Likeness.DIFFERENT),
        ("address", "南京西路1号", "上海市南京西路 1号", Likeness.CONTAINED),
    ],
)
def test_likeness(field: str, one: str | None, other: str | None, expected: Likeness):
    assert likeness(field, one, other) is expected
    assert likeness(field, other, one) is expected


def test_stored_levels_read_back_strongest_first():
    assert evidence_of("name=other:-1.9;phone=equal:+4.2;prior:-5.0;gender=equal") == (
        Evidence("phone", "equal", 4.2), Evidence("gender", "equal", None), Evidence("name", "other", -1.9),
        Evidence("prior", "", -5.0),
    )  # fmt: skip
    assert evidence_of("") == ()


def _files() -> list[tuple[object, ...]]:
    rows = Person.objects.filter(is_live=True).order_by("pk")
    return list(rows.values_list("pk", "record_count", "source_count", "home_store_id", "completeness_share", "merged_into_id"))

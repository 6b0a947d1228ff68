"""A sample of files that stewards judge: drawn at random, judged once, estimated with its interval."""

import contextlib

import pytest

from huitou.apps.base.scope import Viewer
from huitou.apps.identity import services
from huitou.apps.identity.models import QualityCase
from huitou.apps.identity.quality import quality_estimate, quality_question, stratum_sizes

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
STEWARD = Viewer(user_id=7, role_code="agent", store_ids=None)


def phone(number):
    """Numbers that differ in several figures: one that differs in a single figure may be a slip of the pen."""
    return f"138{number}2{number}5{number}1{number}4"


@pytest.fixture
def people(chain):
    """Six files of one record, two of two, one of three."""
    rows = [{"record_id": number, "phone": phone(number), "name": "王小芳"} for number in range(1, 10)]
    chain.apply("mall", rows)
    chain.apply("pos", [{"record_id": 11, "phone": phone(1)}, {"record_id": 12, "phone": phone(2)}])
    chain.apply("pos", [{"record_id": 13, "phone": phone(3)}])
    chain.apply("membership", [{"record_id": 21, "phone": phone(3), "name": "王小芳"}])
    return chain


def test_the_draw_takes_of_every_stratum_and_the_same_seed_draws_the_same(people):
    assert stratum_sizes() == {"one": 6, "two": 2, "many": 1}
    services.quality_draw(by=7, now=people.now, seed=5, per_stratum=3)
    first = list(QualityCase.objects.order_by("pk").values_list("person_id", "stratum_code"))
    assert sorted(code for _, code in first) == ["many", "one", "one", "one", "two", "two"]
    services.quality_draw(by=7, now=people.now, seed=5, per_stratum=3)
    assert list(QualityCase.objects.order_by("pk").values_list("person_id", "stratum_code")) == first


def test_judgements_become_shares_with_an_interval(people):
    assert quality_estimate(now=people.now).pure is None
    services.quality_draw(by=7, now=people.now, seed=5)
    while (question := quality_question(STEWARD)) is not None:
        single = len(question.records) == 1
        services.quality_judge(viewer=STEWARD, case_id=question.case_id, is_pure=single, is_complete=True, now=people.now)
    found = quality_estimate(now=people.now)
    assert found.left == 0
    assert (found.pure.share, found.pure.asked) == (pytest.approx(6 / 9), 9)
    assert found.pure.low < 6 / 9 < found.pure.high
    assert found.complete.share == 1


def test_a_file_that_changed_since_is_passed_over_and_nobody_judges_twice_or_out_of_reach(people):
    services.quality_draw(by=7, now=people.now, seed=5)
    question = quality_question(STEWARD)
    stranger = Viewer(user_id=8, role_code="agent", store_ids=frozenset())
    assert quality_question(stranger) is None
    for viewer, answers in ((stranger, 0), (STEWARD, 1)):
        with contextlib.suppress(services.ReviewGone):
            services.quality_judge(viewer=viewer, case_id=question.case_id, is_pure=True, is_complete=True, now=people.now)
        assert QualityCase.objects.filter(judged_at__isnull=False).count() == answers
    with pytest.raises(services.ReviewGone):
        services.quality_judge(viewer=STEWARD, case_id=question.case_id, is_pure=True, is_complete=True, now=people.now)
    second = quality_question(STEWARD)
    assert second.case_id != question.case_id
    person = QualityCase.objects.get(pk=second.case_id).person_id
    record = second.records[0].record_id
    merged = next(other for other in people.persons().values() if other != person)
    services.person_merge(person_id=person, other_id=merged, by=7, reason="", now=people.now)
    assert quality_question(STEWARD).case_id != second.case_id
    assert record in people.persons()


def test_files_that_share_a_number_are_shown_beside_the_question(chain):
    chain.apply("mall", [{"record_id": 1, "phone": "13912345678", "name": "周小芳", "gender": "女"}])
    chain.apply("pos", [{"record_id": 2, "phone": "13912345678", "name": "李雷", "gender": "男"}])
    services.quality_draw(by=7, now=chain.now, seed=1)
    question = quality_question(STEWARD)
    (other,) = question.like
    assert {question.person_id, other.person_id} == set(chain.persons().values())
    assert "phone" in other.shares

"""What people wrote as their mood: read once, read again by a new model, gone with the text; nobody out of reach reads it."""

import sys
from datetime import timedelta

import numpy as np
import pytest
from tests.apps.builds.conftest import NOW as RUN_AT
from tests.web.conftest import NOW, Chain, chain

from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.behaviour.texts import text_seal
from huitou.apps.builds.services import cycle_run
from huitou.apps.service.models import Ticket
from huitou.apps.service.queries import ticket_texts_in_clear
from huitou.apps.service.texts import text_seal as ticket_seal
from huitou.apps.value.models import PersonValue, RunKind, SentimentModel, TextMood, ValueRun
from huitou.apps.value.moods import moods_of, reader_in_force
from huitou.apps.value.queries import mood_texts, sentiment_in_force, tag_dictionary
from huitou.apps.value.services import moods_refresh, sentiment_retire, sentiment_train, sentiment_train_on_ratings, value_run
from huitou.core.value.text.model import TrainingRefused
from huitou.core.value.traits import mood

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
ADMIN = Viewer(user_id=1, role_code="admin", store_ids=None)
GOOD = ("摆得整齐，看着就想买", "不硬不软，正好", "分量足，孩子抢着吃", "一会儿就到门口")
BAD = ("歪在一边，看着就不想买", "硬得咬不动", "分量少，孩子一口不吃", "天黑还在路上")


def event(pk, person_id, text, *, days=1, rating=None):
    at = NOW - timedelta(days=days)
    return BehaviourEvent.objects.create(
        pk=pk, source_code="mall", event_no=str(pk), type_code="review", person_id=person_id, occurred_at=at,
        occurred_on=at.date(), rating=rating, text=text_seal(pk, text),
    )  # fmt: skip


def ticket(pk, person_id, subject, body, *, at=NOW):
    return Ticket.objects.create(
        pk=pk, source_code="aftersales", ticket_no=str(pk), person_id=person_id, type_code="complaint", status_code="open",
        status_at=at, opened_at=at, version_at=at, subject=ticket_seal(pk, "subject", subject),
        body=ticket_seal(pk, "body", body),
    )  # fmt: skip


def test_texts_are_read_once_by_the_word_list_and_the_evidence_stays_in_reach(chain: Chain):
    event(1, chain.person_id, "草莓很新鲜，下次还来", days=2)
    event(2, chain.person_id, "昨天又去了一次")  # tells nothing
    event(3, chain.person_id, "很失望", rating=5)  # stars say it
    ticket(4, chain.person_id, "牛奶不新鲜", "打开就有异味，很失望")
    event(5, chain.outsider_id, "态度恶劣")
    assert moods_refresh() == 4
    assert moods_refresh() == 0
    persons, scores, _days = moods_of()
    assert persons.tolist() == sorted([chain.person_id, chain.outsider_id])
    assert scores[persons.tolist().index(chain.outsider_id)] == -0.5
    told = mood_texts(ADMIN, chain.person_id)
    assert [(one.kind_code, one.text_id, one.score > 0) for one in told] == [("ticket", 4, False), ("event", 1, True)]
    assert told[0].pieces == ("不新鲜", "异味", "失望")
    assert told[0].probability is None
    here = Viewer(user_id=2, role_code="store_manager", store_ids=frozenset({chain.store_id}))
    assert len(mood_texts(here, chain.person_id)) == 2
    assert mood_texts(here, chain.outsider_id) == []
    BehaviourEvent.objects.filter(pk=5).update(text=None)
    Ticket.objects.filter(pk=4).update(version_at=NOW + timedelta(days=1), body=ticket_seal(4, "body", "已经换好，谢谢，很满意"))
    assert moods_refresh() == 1
    assert moods_of()[0].tolist() == [chain.person_id]
    assert set(TextMood.objects.values_list("text_id", flat=True)) == {1, 2, 4}


def test_a_model_learns_from_rated_reviews_reads_everything_again_and_can_be_taken_off(chain: Chain):
    with pytest.raises(TrainingRefused):
        sentiment_train_on_ratings(now=NOW)
    number = 100
    for word in ("苹果", "牛奶", "面包", "大米", "鸡蛋", "毛巾", "水壶", "鞋子"):
        for when in ("", "昨天", "上周", "这次"):
            for said, stars in [*((one, 5) for one in GOOD), *((one, 1) for one in BAD)]:
                event(number, chain.outsider_id, f"{when}{word}{said}", rating=stars)
                number += 1
    event(1, chain.person_id, "鞋子看着就不想买")
    assert moods_refresh() == 1
    assert moods_of()[0].size == 0  # no word of the list
    model = sentiment_train_on_ratings(now=NOW, user_id=1)
    assert model.accuracy > 0.95
    assert reader_in_force() == f"model-{model.pk}"
    assert moods_refresh() == 1
    told = mood_texts(ADMIN, chain.person_id)[0]
    assert told.score < -0.5
    assert told.probability == pytest.approx((told.score + 1) / 2)
    line = next(one for one in tag_dictionary(now=NOW, names={}) if one.code == "mood")
    assert (line.accuracy, line.baseline) == (model.accuracy, 0.5)
    assert sentiment_retire(now=NOW)
    assert sentiment_in_force() is None
    assert not sentiment_retire(now=NOW)
    assert SentimentModel.objects.get().retired_at == NOW


def test_a_model_is_fitted_to_the_texts_that_it_will_read(chain: Chain, monkeypatch):
    event(1, chain.person_id, "鞋子看着就不想买")
    event(2, chain.person_id, "很失望", rating=5)  # stars say it
    ticket(3, chain.person_id, "牛奶不新鲜", "打开就有异味")
    shown = []

    def told(texts, positive, *, unlabelled):
        shown.extend(unlabelled)
        raise TrainingRefused("few")

    monkeypatch.setattr(sys.modules["huitou.apps.value.services.sentiment"], "train", told)
    with pytest.raises(TrainingRefused):
        sentiment_train_on_ratings(now=NOW)
    assert shown == []  # these are of the same people
    with pytest.raises(TrainingRefused):
        sentiment_train(texts=[], positive=[], now=NOW)
    assert sorted(shown) == sorted(["鞋子看着就不想买", *ticket_texts_in_clear([3]).values()])


@pytest.mark.accept("S55")
def test_a_complaint_moves_mood_and_tier_on_the_same_day(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=RUN_AT)
    person = PersonValue.objects.filter(rfm_total__gte=12).order_by("pk").first()
    before = ValueRun.objects.get()
    ticket(before.events_to + 10_000, person.pk, "质量太差", "很失望，要求退货，态度恶劣", at=RUN_AT)
    run = value_run(now=RUN_AT)
    assert run.kind_code == RunKind.TOUCHED
    assert run.persons == 1
    after = PersonValue.objects.get(pk=person.pk)
    assert person.mood is None
    assert after.mood < -0.5
    assert after.mood_points == round(after.mood * 100)
    assert run.tier_changes == 1  # one grade lower in the scheme with mood
    assert value_run(now=RUN_AT) is None


def test_mood_fades_by_half_in_180_days_and_the_newer_word_weighs_more():
    nan = np.nan
    found = mood(
        np.array([5.0, 5.0, nan, 5.0, nan]), np.array([0.0, 180.0, nan, 180.0, nan]),
        np.array([nan, nan, -1.0, -1.0, nan]), np.array([nan, nan, 360.0, 0.0, nan]),
    )  # fmt: skip
    np.testing.assert_allclose(found, [1.0, 0.5, -0.25, (0.5 - 1) / 1.5, nan])
